"""Look at what a worker made: is everyone there, are they themselves, is nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.characters.gate import CopyRule, ExpectedCharacter
from domain.characters.identity import EmbeddedFigures
from domain.characters.identity_ports import IdentityGate
from domain.errors import Conflict, Unavailable
from domain.media.models import StoredObject
from domain.media.ports import ObjectStore
from domain.renders.crews import Crew
from domain.renders.digests import figures_digest
from domain.renders.engines import EngineCatalogue
from domain.renders.errors import CharacterGone, RenderNotFound
from domain.renders.gate_reports import judgement_of_clip, judgement_of_frame
from domain.renders.judgements import Judgement
from domain.renders.models import Render
from domain.renders.planning import Order
from domain.renders.ports import RenderTransactions, RenderWork
from domain.renders.results import read_figures
from domain.renders.shots import Picture, RenderShot
from domain.renders.use_cases.carrying import StepRef
from domain.renders.walk import Step

PICTURE_BYTES_MAX = 200_000_000


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What is to be judged: where picture and label map lie, who should be in them, and whether copies are fine.

    With `extras` others than those may be there. `embedded` are a worker's vectors of the figures, where the cast is
    judged in a worker's space.
    """

    picture: StoredObject
    figures: StoredObject
    sampled_frames: tuple[int, ...]
    expected: Sequence[ExpectedCharacter]
    copies: CopyRule
    extras: bool
    embedded: EmbeddedFigures | None = None


async def judge_step(
    begin: RenderTransactions, *, ref: StepRef, engines: EngineCatalogue, gate: IdentityGate, store: ObjectStore
) -> Judgement:
    """Fetch the take's keyframe or clip and have the gate look at it; no transaction is open meanwhile.

    Raises NotFound when render, take, cast or a picture of the cast is gone, Conflict when the take has no such picture
    or the lab is not set to the space that the cast was frozen in, Unavailable.
    """
    async with begin() as work:
        exhibit = await _find_exhibit(work, ref, engines)
    picture = await store.read(exhibit.picture.key, bytes_max=PICTURE_BYTES_MAX)
    labels = await store.read(exhibit.figures.key, bytes_max=PICTURE_BYTES_MAX)
    if ref.step is Step.KEYFRAME_JUDGEMENT:
        frame_report = await gate.check_keyframe(
            frame_png=picture,
            labels_png=labels,
            expected=exhibit.expected,
            copies=exhibit.copies,
            embedded=exhibit.embedded,
        )
        return judgement_of_frame(frame_report, extras=exhibit.extras)
    clip_report = await gate.check_clip(
        clip_mp4=picture,
        labels_png=labels,
        sampled_frames=exhibit.sampled_frames,
        expected=exhibit.expected,
        copies=exhibit.copies,
        embedded=exhibit.embedded,
    )
    return judgement_of_clip(clip_report, extras=exhibit.extras)


async def _find_exhibit(work: RenderWork, ref: StepRef, engines: EngineCatalogue) -> Exhibit:
    render = await work.renders.find(ref.render_id)
    shots = await work.renders.shots(ref.render_id, [ref.shot_id])
    if render is None or not shots:
        raise RenderNotFound("There is no such render.")
    takes = await work.renders.takes(ref.render_id, [ref.shot_id])
    take = next((take for take in takes if take.number == ref.take_number), None)
    is_keyframe = ref.step is Step.KEYFRAME_JUDGEMENT
    picture: Picture | None = None if take is None else take.keyframe if is_keyframe else take.clip
    if take is None or picture is None:
        raise Conflict("There is nothing to judge yet.")
    found = await work.objects.find_many(render.workspace_id, [picture.object_id, picture.figures_id])
    maker = Crew.of(render, engines).maker_of(ref.take_number, shot=shots[0], render=render)
    return Exhibit(
        picture=found[picture.object_id],
        figures=found[picture.figures_id],
        sampled_frames=picture.sampled_frames,
        expected=await _expected(work, Order(render, shots[0].shot)),
        copies=CopyRule.ACCEPTED if maker.capabilities.pastes_references else CopyRule.REFUSED,
        extras=shots[0].shot.content.extras,
        embedded=await _embedded(work, render, shots[0], take.keyframe_digest if is_keyframe else take.clip_digest),
    )


async def _expected(work: RenderWork, order: Order) -> Sequence[ExpectedCharacter]:
    """Who should be seen, by every picture that was frozen: against fewer the gate would judge by another measure."""
    expected = await work.frozen_casts.expected(order.cast)
    for character, known in zip(order.cast, expected, strict=True):
        if character.identity is not None and len(known.identity.vectors) < len(character.identity.image_ids):
            raise CharacterGone(f"Pictures of '{character.name}' were removed while the render was under way.")
    return expected


async def _embedded(work: RenderWork, render: Render, shot: RenderShot, digest: str) -> EmbeddedFigures | None:
    space = render.snapshot.worker_space_of(shot.shot.content)
    if space is None:
        return None
    step = await work.steps.find(render.workspace_id, figures_digest(digest, space=space))
    if step is None:
        raise Unavailable(f"The figures are not embedded in {space}.")
    return read_figures(step, space=space)
