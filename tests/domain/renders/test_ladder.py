"""The rungs of a ladder, and what each changes of a command."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from contracts.commands import AnimateShot, MakeKeyframe
from domain.characters.views import UNKNOWN, Facing, Framing, View
from domain.identifiers import ObjectId
from domain.renders.digests import TakeDigests
from domain.renders.ladder import STRONGER_ADAPTER_SCALE, STRONGER_SCALE, Ladder, references_of
from domain.renders.planning import (
    JsonObject,
    Order,
    clip_command,
    cut_out_inputs,
    keyframe_command,
    keyframe_inputs,
)
from domain.renders.snapshot import CutOut, FrozenEngine
from domain.renders.states import Rung
from tests.builders_renders import SMALL, a_character, a_content, a_frozen_shot, a_render, a_snapshot, an_adapter

SETTINGS = replace(SMALL, engine="diffusion")

FULL = Ladder((Rung.FIRST_SEED, Rung.NEW_SEED, Rung.OTHER_REFERENCES, Rung.STRONGER_REFERENCES))
WHOLE = Ladder((*FULL.rungs, Rung.STRONGER_ADAPTER, Rung.OTHER_ENGINE))
OTHER = FrozenEngine("animatic", "9")


def an_order(rung: Rung, pictures: int = 6, *, looks: bool = False, other: FrozenEngine | None = OTHER) -> Order:
    hare = replace(a_character(), cut_outs=cut_outs_of(*[UNKNOWN] * pictures))
    if looks:
        hare = replace(hare, appearance="long brown ears", adapter=an_adapter())
    content = a_content(prompt="A hare laughs." if looks else "")
    snapshot = replace(a_snapshot([hare]), other_engine=other)
    return Order(a_render(SETTINGS, snapshot=snapshot), a_frozen_shot(content=content), rung)


def cut_outs_of(*views: View) -> tuple[CutOut, ...]:
    return tuple(CutOut(ObjectId(UUID(int=number)), f"{number:064x}", view) for number, view in enumerate(views))


def numbers(cut_outs: Sequence[CutOut]) -> list[int]:
    return [each.object_id.int for each in cut_outs]


def command_of(rung: Rung, pictures: int = 6) -> JsonObject:
    return keyframe_command(an_order(rung, pictures), 1)


def test_rungs_follow_from_the_place_and_the_last_is_tried_over_and_over() -> None:
    assert [FULL.rung_at(place) for place in range(4)] == list(FULL.rungs)
    assert {FULL.rung_at(place) for place in range(4, 9)} == {Rung.STRONGER_REFERENCES}
    assert FULL.rung_at(-1) is Rung.FIRST_SEED


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [(1, [0]), (2, [1, 0]), (3, [2, 0, 1]), (4, [2, 3, 0, 1]), (8, [4, 5, 6, 7])],
)
def test_other_references_lead_where_there_are_others(pictures: int, expected: list[int]) -> None:
    cut_outs = cut_outs_of(*[UNKNOWN] * pictures)
    wanted = View(Framing.FULL, Facing.LEFT)
    assert references_of(Rung.FIRST_SEED, cut_outs, wanted=wanted, most=4) == cut_outs[:4]
    assert numbers(references_of(Rung.OTHER_REFERENCES, cut_outs, wanted=wanted, most=4)) == expected


def test_a_new_seed_changes_nothing_but_the_seed() -> None:
    assert command_of(Rung.NEW_SEED) == command_of(Rung.FIRST_SEED)


def test_stronger_references_are_a_command_that_workers_accept() -> None:
    figure = MakeKeyframe.model_validate(command_of(Rung.STRONGER_REFERENCES)).shot.cast[0]
    assert figure.reference_scale == STRONGER_SCALE
    assert figure.cut_outs == [each.name for each in cut_out_inputs(an_order(Rung.STRONGER_REFERENCES))]
    assert MakeKeyframe.model_validate(command_of(Rung.OTHER_REFERENCES)).shot.cast[0].reference_scale is None


def test_every_rung_that_changes_a_command_changes_its_digest() -> None:
    digests = [TakeDigests.of(an_order(rung), 1).keyframe for rung in FULL.rungs]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@pytest.mark.parametrize(
    ("has_adapters", "has_other_engine", "left_out"),
    [
        (True, True, set[Rung]()),
        (False, True, {Rung.STRONGER_ADAPTER}),
        (True, False, {Rung.OTHER_ENGINE}),
        (False, False, {Rung.STRONGER_ADAPTER, Rung.OTHER_ENGINE}),
    ],
)
def test_a_shot_leaves_out_the_rungs_that_cannot_help_it(
    has_adapters: bool,  # noqa: FBT001 a column of the table
    has_other_engine: bool,  # noqa: FBT001
    left_out: set[Rung],
) -> None:
    ladder = WHOLE.for_shot(has_adapters=has_adapters, has_other_engine=has_other_engine)
    assert ladder.rungs == tuple(rung for rung in WHOLE.rungs if rung not in left_out)


def test_adapters_speak_up_beside_the_stronger_references() -> None:
    commands = {rung: keyframe_command(an_order(rung, looks=True), 1) for rung in WHOLE.rungs}
    plain, strong = (
        MakeKeyframe.model_validate(commands[rung]).shot.cast[0]
        for rung in (Rung.STRONGER_REFERENCES, Rung.STRONGER_ADAPTER)
    )
    assert plain.adapter is not None
    assert strong.adapter is not None
    assert (plain.adapter.scale, strong.adapter.scale) == (1.0, STRONGER_ADAPTER_SCALE)
    assert strong == plain.model_copy(update={"adapter": strong.adapter})


def test_another_engine_is_asked_as_if_it_were_the_first_and_told_what_it_can_use() -> None:
    order = an_order(Rung.OTHER_ENGINE, looks=True)
    keyframe = MakeKeyframe.model_validate(keyframe_command(order, 1))
    figure = keyframe.shot.cast[0]
    assert (keyframe.engine, keyframe.version, keyframe.shot.prompt) == ("animatic", 1, None)
    assert (figure.adapter, figure.appearance, figure.reference_scale) == (None, None, None)
    assert figure.cut_outs == command_cut_outs(Rung.FIRST_SEED)
    assert [each.name for each in keyframe_inputs(order)] == figure.cut_outs
    clip = AnimateShot.model_validate(clip_command(order, 1))
    assert (clip.engine, clip.shot) == ("diffusion", MakeKeyframe.model_validate(first_command()).shot)


def command_cut_outs(rung: Rung) -> list[str]:
    return MakeKeyframe.model_validate(keyframe_command(an_order(rung, looks=True), 1)).shot.cast[0].cut_outs


def first_command() -> JsonObject:
    return keyframe_command(an_order(Rung.FIRST_SEED, looks=True), 1)


def test_a_newer_version_of_the_other_engine_makes_only_its_own_takes_stale() -> None:
    newer = replace(OTHER, version="10")
    for rung in WHOLE.rungs:
        digests = [TakeDigests.of(an_order(rung, looks=True, other=other), 1) for other in (OTHER, newer)]
        assert (digests[0] == digests[1]) is (rung is not Rung.OTHER_ENGINE)
    kept = [TakeDigests.of(an_order(rung, looks=True), 1).keyframe for rung in WHOLE.rungs]
    assert len(set(kept)) == 5  # a new seed alone is another take, not another rung
