"""The rungs of a ladder, and what each changes of a command."""

from dataclasses import replace
from uuid import UUID

import pytest

from contracts.commands import MakeKeyframe
from domain.identifiers import ObjectId
from domain.renders.digests import TakeDigests
from domain.renders.ladder import STRONGER_SCALE, Ladder, references_of
from domain.renders.planning import JsonObject, Order, cut_out_inputs, keyframe_command
from domain.renders.snapshot import CutOut
from domain.renders.states import Rung
from tests.builders_renders import a_character, a_frozen_shot, a_render, a_snapshot

FULL = Ladder((Rung.FIRST_SEED, Rung.NEW_SEED, Rung.OTHER_REFERENCES, Rung.STRONGER_REFERENCES))


def an_order(rung: Rung, pictures: int = 6) -> Order:
    cut_outs = tuple(CutOut(ObjectId(UUID(int=number)), f"{number:064x}") for number in range(pictures))
    hare = replace(a_character(), cut_outs=cut_outs)
    return Order(a_render(snapshot=a_snapshot([hare])), a_frozen_shot(), rung)


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
    assert references_of(Rung.FIRST_SEED, range(pictures), most=4) == list(range(pictures))[:4]
    assert references_of(Rung.OTHER_REFERENCES, range(pictures), most=4) == expected


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
