"""Renders, shots, casts and step results for tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from domain.events import Json
from domain.identifiers import (
    AdapterId,
    CharacterId,
    ImageId,
    ObjectId,
    RenderId,
    ShotId,
    StoryboardId,
    WorkspaceId,
)
from domain.jobs.models import Queue, StepResult
from domain.renders.budgets import Budget
from domain.renders.engines import Capabilities, Engine
from domain.renders.judgements import Finding, Judgement, Verdict
from domain.renders.models import Render
from domain.renders.planning import Order
from domain.renders.settings import Aspect, Detail, RenderSettings
from domain.renders.shots import RenderShot
from domain.renders.snapshot import CutOut, FrozenAdapter, FrozenCharacter, FrozenIdentity, FrozenShot, Snapshot
from domain.renders.walk import Step
from domain.storyboards.models import CastMember, DialogueLine, Setting, ShotContent

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WORKSPACE = WorkspaceId(UUID(int=0xA))
STORYBOARD = StoryboardId(UUID(int=0xB))
HARE, TORTOISE = CharacterId(UUID(int=0xC1)), CharacterId(UUID(int=0xC2))
SMALL = RenderSettings(aspect=Aspect.WIDE, detail=Detail.P180, frames_per_second=12)
ANIMATIC = Engine(
    name="animatic",
    version="1",
    queue=Queue.CPU,
    description="Illustrated animatic.",
    capabilities=Capabilities(pastes_references=True, is_deterministic=True),
    credits_per_second=2,
    credits_per_keyframe=1,
)
DIFFUSION = replace(ANIMATIC, name="diffusion", queue=Queue.GPU, capabilities=Capabilities())


def ids() -> Iterator[UUID]:
    return (UUID(int=0xF000 + number) for number in count())


def a_character(character_id: CharacterId = HARE, name: str = "Hare") -> FrozenCharacter:
    number = character_id.int
    return FrozenCharacter(
        character_id=character_id,
        name=name,
        cut_outs=(CutOut(ObjectId(UUID(int=number * 16)), f"{number:064x}"),),
        identity=FrozenIdentity("lab-figures@1", 0.5, (ImageId(UUID(int=number * 16 + 1)),)),
    )


def an_adapter() -> FrozenAdapter:
    return FrozenAdapter(AdapterId(UUID(int=0xAD)), ObjectId(UUID(int=0xAE)), "ad" * 32, "bcdfgh")


def a_content(action: str = "The hare laughs.", **changes: object) -> ShotContent:
    content = ShotContent(
        action=action,
        cast=(CastMember(HARE),),
        setting=Setting(name="The meadow"),
        dialogue=(DialogueLine("You are slow!", "Hare", HARE),),
        seconds=3.0,
    )
    return replace(content, **changes)  # pyright: ignore[reportArgumentType]


def a_snapshot(cast: Sequence[FrozenCharacter] | None = None, shots_total: int = 3) -> Snapshot:
    return Snapshot(
        storyboard_id=STORYBOARD,
        storyboard_version=1,
        title="The Tortoise and the Hare",
        language="en",
        style="",
        shots_total=shots_total,
        cast=tuple([a_character(), a_character(TORTOISE, "Tortoise")] if cast is None else cast),
        engine_version="1",
    )


def a_render(
    settings: RenderSettings = SMALL, *, budget: Budget | None = None, snapshot: Snapshot | None = None
) -> Render:
    return Render(
        id=RenderId(UUID(int=0xD)),
        workspace_id=WORKSPACE,
        storyboard_id=STORYBOARD,
        snapshot=snapshot or a_snapshot(),
        settings=settings,
        seed=7 if settings.seed is None else settings.seed,
        created_at=NOW,
        updated_at=NOW,
        budget=budget or Budget(),
    )


def a_frozen_shot(number: int = 1, content: ShotContent | None = None) -> FrozenShot:
    return FrozenShot(ShotId(UUID(int=0xE00 + number)), number, content or a_content())


def a_shot(number: int = 1, content: ShotContent | None = None) -> RenderShot:
    render = a_render()
    return RenderShot(render.id, render.workspace_id, a_frozen_shot(number, content))


def an_order(content: ShotContent | None = None, *, number: int = 1, render: Render | None = None) -> Order:
    return Order(render or a_render(), a_frozen_shot(number, content))


def a_judgement(verdict: Verdict = Verdict.MATCH, score: float | None = 0.8) -> Judgement:
    return Judgement((Finding(verdict, HARE, score, 0.5),))


def a_result(step: Step, digest: str, judgement: Judgement | None = None) -> StepResult:
    """What a step of that kind leaves behind."""
    if step in (Step.KEYFRAME_JUDGEMENT, Step.CLIP_JUDGEMENT):
        return StepResult(digest, (judgement or a_judgement()).to_json())
    name = "keyframe.png" if step is Step.KEYFRAME else "clip.mp4"
    objects = {name: ObjectId(UUID(int=0x501)), "figures.png": ObjectId(UUID(int=0x502))}
    result: Mapping[str, Json] = {"engine_version": "1", "frames": 36, "sampled_frames": [0, 9, 18, 27, 35]}
    return StepResult(digest, result, objects)
