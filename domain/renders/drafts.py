"""A render as it would be if it were requested now, and how far finished steps would carry each of its shots."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.identifiers import RenderId, ShotId, StoryboardId, UserId, WorkspaceId
from domain.renders.budgets import Budget
from domain.renders.crews import Crew
from domain.renders.engines import Engine, EngineCatalogue
from domain.renders.errors import StoryboardNotReady
from domain.renders.models import Render
from domain.renders.planning import Order
from domain.renders.ports import OrderWork, RenderWork
from domain.renders.seeds import storyboard_seed
from domain.renders.settings import RenderSettings
from domain.renders.shots import RenderShot
from domain.renders.snapshot import FrozenCharacter, FrozenEngine, FrozenShot, Snapshot, require_ready
from domain.renders.states import Rung
from domain.renders.walk import Walk, Wanted
from domain.storyboards.errors import StoryboardNotFound
from domain.storyboards.models import Storyboard, StoryboardState


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What a caller asks for."""

    workspace_id: WorkspaceId
    storyboard_id: StoryboardId
    settings: RenderSettings
    budget: Budget = field(default_factory=Budget)
    requested_by: UserId | None = None


@dataclass(frozen=True, slots=True)
class Foresight:
    """How far finished steps would carry one shot, and its latest earlier filming."""

    shot: RenderShot
    wanted: Wanted | None
    has_clip: bool
    order: Order
    before: Order | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A render that nobody has ordered yet; `foresights` are its shots in order."""

    render: Render
    crew: Crew
    shots: tuple[RenderShot, ...]
    foresights: tuple[Foresight, ...]


async def draft_render(work: OrderWork, *, request: RenderRequest, engines: EngineCatalogue, now: datetime) -> Draft:
    """Freeze storyboard and cast and look every step up; nothing is written.

    Raises StoryboardNotFound, StoryboardNotReady, CharacterNotReady, EngineUnknown.
    """
    engine = engines.get(request.settings.engine)
    storyboard = await _find_storyboard(work, request.storyboard_id)
    cast_ids = {member.character_id for shot in storyboard.shots for member in shot.content.cast}
    cast = await work.frozen_casts.freeze(cast_ids)
    frozen = [_shot_for(shot, engine) for shot in _frozen_shots(storyboard)]
    require_ready(cast, frozen)
    crew = Crew(engine, engines.next_after(engine) if Rung.OTHER_ENGINE in engine.capabilities.rungs else None)
    render = _freeze(work, request, storyboard, cast, crew=crew, now=now)
    before = await _latest_orders(work, request.storyboard_id)
    first_takes = await work.render_reads.first_takes(request.storyboard_id, seed=render.seed)
    shots = tuple(_carry_over(render, shot, first_takes.get(shot.id, 1)) for shot in frozen)
    foresights = await foresee(work, render=render, crew=crew, shots=shots, before=before)
    return Draft(render, crew, shots, foresights)


async def _find_storyboard(work: OrderWork, storyboard_id: StoryboardId) -> Storyboard:
    storyboard = await work.storyboards.find(storyboard_id)
    if storyboard is None:
        raise StoryboardNotFound("There is no such storyboard.", field="storyboardId")
    if storyboard.state is not StoryboardState.READY:
        raise StoryboardNotReady(f"The storyboard is {storyboard.state.value}.", field="storyboardId")
    if not storyboard.shots:
        raise StoryboardNotReady("The storyboard has no shots.", field="storyboardId")
    return storyboard


def _freeze(
    work: RenderWork,
    request: RenderRequest,
    storyboard: Storyboard,
    cast: Sequence[FrozenCharacter],
    *,
    crew: Crew,
    now: datetime,
) -> Render:
    engine = crew.own
    snapshot = Snapshot(
        storyboard_id=storyboard.id,
        storyboard_version=storyboard.version,
        title=storyboard.title,
        language=storyboard.language,
        style=storyboard.style,
        shots_total=len(storyboard.shots),
        cast=tuple(sorted((_for_engine(each, engine) for each in cast), key=lambda each: each.character_id)),
        engine_version=engine.version,
        other_engine=_frozen_engine(crew.other) if crew.other else None,
    )
    seed = request.settings.seed
    return Render(
        id=RenderId(work.new_id()),
        workspace_id=request.workspace_id,
        storyboard_id=storyboard.id,
        snapshot=snapshot,
        settings=request.settings,
        seed=storyboard_seed(storyboard.id) if seed is None else seed,
        created_at=now,
        updated_at=now,
        budget=request.budget,
        requested_by=request.requested_by,
    )


def _frozen_shots(storyboard: Storyboard) -> list[FrozenShot]:
    return [FrozenShot(shot.id, number, shot.content) for number, shot in enumerate(storyboard.shots, 1)]


def _frozen_engine(engine: Engine) -> FrozenEngine:
    can = engine.capabilities
    return FrozenEngine(engine.name, engine.version, reads_words=can.reads_words, takes_adapters=can.takes_adapters)


def _for_engine(character: FrozenCharacter, engine: Engine) -> FrozenCharacter:
    """Leave out what the engine does not look at: a change of it must make nothing stale."""
    can = engine.capabilities
    return replace(
        character,
        appearance=character.appearance if can.reads_words else "",
        adapter=character.adapter if can.takes_adapters else None,
    )


def _shot_for(shot: FrozenShot, engine: Engine) -> FrozenShot:
    if engine.capabilities.reads_words:
        return shot
    return replace(shot, content=replace(shot.content, prompt=""))


async def _latest_orders(work: OrderWork, storyboard_id: StoryboardId) -> Mapping[ShotId, Order]:
    """Each shot as the latest render filmed it."""
    latest = await work.renders.latest(storyboard_id)
    if latest is None:
        return {}
    return {shot.shot.id: Order(latest, shot.shot) for shot in await work.renders.shots(latest.id)}


def _carry_over(render: Render, shot: FrozenShot, first_take: int) -> RenderShot:
    """A take chosen by a re-roll stays chosen wherever the render's seed is the same."""
    return RenderShot(render.id, render.workspace_id, shot, first_take=first_take, last_take=first_take - 1)


async def foresee(
    work: RenderWork,
    *,
    render: Render,
    crew: Crew,
    shots: Sequence[RenderShot],
    before: Mapping[ShotId, Order],
) -> tuple[Foresight, ...]:
    """Walk every shot over the steps that are finished, in a constant number of statements; nothing is written."""
    walks = [Walk(render=render, crew=crew, shot=shot, new_id=work.new_id) for shot in shots]
    # The digests of 500 shots take a third of a second of pure computing: not on the event loop.
    digests = await asyncio.to_thread(_candidates, walks)
    found = await work.steps.find_many(render.workspace_id, digests)
    foresights: list[Foresight] = []
    for walk in walks:
        walk.found = found
        wanted = walk.run()
        has_clip = not walk.shot.state.is_final and walk.digests_of(walk.shot.take_number).clip in found
        foresights.append(
            Foresight(walk.shot, wanted, has_clip, walk.order_of(walk.shot.first_take), before.get(walk.shot.shot.id))
        )
    return tuple(foresights)


def _candidates(walks: Sequence[Walk]) -> set[str]:
    return {digest for walk in walks for digest in walk.candidates()}
