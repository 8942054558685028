"""Which view a shot wants, and which pictures lead for it."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from domain.characters.views import UNKNOWN, Facing, Framing, View
from domain.identifiers import ObjectId
from domain.renders.digests import TakeDigests
from domain.renders.ladder import references_of
from domain.renders.planning import Order, cut_out_inputs
from domain.renders.snapshot import CutOut, Snapshot
from domain.renders.states import Rung
from domain.renders.views import wanted_view
from domain.storyboards.models import CastMember, Placement, ShotContent, ShotSize
from tests.builders_renders import HARE, TORTOISE, a_character, a_content, a_frozen_shot, a_render, a_snapshot

SNAPSHOT = TypeAdapter(Snapshot)
HEAD, BUST, HALF, FULL = (View(framing) for framing in Framing)
LEFT, FRONT, RIGHT = (View(facing=facing) for facing in Facing)
TURNED = (Rung.OTHER_REFERENCES, Rung.STRONGER_REFERENCES, Rung.STRONGER_ADAPTER)
UNTURNED = tuple(rung for rung in Rung if rung not in TURNED)


def a_shot_of(size: ShotSize = ShotSize.MEDIUM, placement: Placement = Placement.AUTOMATIC) -> ShotContent:
    return a_content(size=size, cast=(CastMember(HARE, placement), CastMember(TORTOISE)))


def cut_outs_of(views: Sequence[View]) -> tuple[CutOut, ...]:
    return tuple(CutOut(ObjectId(UUID(int=number)), f"{number:064x}", view) for number, view in enumerate(views))


def led(views: Sequence[View], wanted: View, rung: Rung = Rung.OTHER_REFERENCES) -> list[int]:
    found = references_of(rung, cut_outs_of(views), wanted=wanted, most=4)
    return [each.object_id.int for each in found]


def an_order(views: Sequence[View], rung: Rung, content: ShotContent | None = None) -> Order:
    hare = replace(a_character(), cut_outs=cut_outs_of(views))
    snapshot = a_snapshot([hare, a_character(TORTOISE, "Tortoise")])
    return Order(a_render(snapshot=snapshot), a_frozen_shot(content=content or a_shot_of()), rung)


@pytest.mark.parametrize(
    ("size", "framing"),
    [
        (ShotSize.EXTREME_WIDE, Framing.FULL),
        (ShotSize.WIDE, Framing.FULL),
        (ShotSize.FULL, Framing.FULL),
        (ShotSize.MEDIUM, Framing.HALF),
        (ShotSize.MEDIUM_CLOSE_UP, Framing.BUST),
        (ShotSize.CLOSE_UP, Framing.HEAD),
        (ShotSize.EXTREME_CLOSE_UP, Framing.HEAD),
    ],
)
def test_the_size_of_a_shot_says_how_much_of_a_figure_is_wanted(size: ShotSize, framing: Framing) -> None:
    assert wanted_view(a_shot_of(size), HARE) == View(framing)


def test_who_stands_at_a_side_is_wanted_looking_into_the_frame() -> None:
    facings = [wanted_view(a_shot_of(placement=placement), HARE).facing for placement in Placement]
    assert facings == [None, Facing.RIGHT, None, Facing.LEFT]
    assert wanted_view(a_shot_of(placement=Placement.LEFT), TORTOISE).facing is None


@pytest.mark.parametrize(
    ("views", "wanted", "expected"),
    [
        ([HEAD, BUST, HALF, FULL], FULL, [3, 2, 1, 0]),
        ([HEAD, BUST, HALF, FULL], BUST, [1, 2, 0, 3]),
        ([RIGHT, RIGHT, FRONT, LEFT], LEFT, [3, 2, 0, 1]),
        ([BUST, View(Framing.FULL, Facing.LEFT), View(Framing.HEAD, Facing.RIGHT)], View(Framing.HEAD), [2, 0, 1]),
        ([HEAD, HEAD, UNKNOWN, FULL, FULL, HEAD], FULL, [3, 4, 2, 5]),
        ([HEAD, HEAD, HEAD, HEAD], FULL, [2, 3, 0, 1]),
    ],
)
def test_pictures_nearest_to_the_wanted_view_lead(views: list[View], wanted: View, expected: list[int]) -> None:
    assert [led(views, wanted, rung) for rung in TURNED] == [expected] * 3
    assert [led(views, wanted, rung) for rung in UNTURNED] == [list(range(len(views)))[:4]] * len(UNTURNED)


def test_the_picture_that_led_before_does_not_lead_again_however_near() -> None:
    assert led([FULL, HEAD, BUST, HALF], FULL) == [3, 0, 2, 1]
    assert led([FULL, HEAD], FULL) == [1, 0]
    assert led([FULL], FULL) == [0]


def test_a_shot_asks_for_the_view_of_its_size_and_its_place() -> None:
    views = [UNKNOWN, View(Framing.FULL, Facing.LEFT), View(Framing.FULL, Facing.RIGHT), View(Framing.HEAD)]
    wide = an_order(views, Rung.OTHER_REFERENCES, a_shot_of(ShotSize.WIDE, Placement.LEFT))
    near = an_order(views, Rung.OTHER_REFERENCES, a_shot_of(ShotSize.CLOSE_UP, Placement.LEFT))
    assert [cut_out_inputs(order)[0].object_id.int for order in (wide, near)] == [2, 3]


def test_views_change_no_digest_of_the_rungs_that_keep_the_order() -> None:
    known = [HEAD, BUST, HALF, FULL]
    for rung in Rung:
        digests = [TakeDigests.of(an_order(views, rung), 1) for views in ([UNKNOWN] * 4, known)]
        assert (digests[0] == digests[1]) is (rung in UNTURNED)


def test_a_snapshot_frozen_before_views_were_known_keeps_its_digests() -> None:
    order = an_order([UNKNOWN] * 6, Rung.OTHER_REFERENCES)
    document = SNAPSHOT.dump_python(order.render.snapshot, mode="json")
    for character in document["cast"]:
        for cut_out in character["cut_outs"]:
            del cut_out["view"]

    old = replace(order, render=replace(order.render, snapshot=SNAPSHOT.validate_python(document)))

    assert [each.object_id.int for each in cut_out_inputs(old)][:4] == [3, 4, 5, 0]
    assert TakeDigests.of(old, 1) == TakeDigests.of(order, 1)


def test_a_snapshot_keeps_the_views_that_it_froze() -> None:
    frozen = an_order([HEAD, View(Framing.FULL, Facing.LEFT)], Rung.FIRST_SEED).render.snapshot

    kept = SNAPSHOT.validate_python(SNAPSHOT.dump_python(frozen, mode="json"))

    assert [each.view for each in kept.cast[0].cut_outs] == [HEAD, View(Framing.FULL, Facing.LEFT)]


def test_a_cut_out_is_the_same_whether_its_view_is_known_or_not() -> None:
    assert cut_outs_of([UNKNOWN]) == cut_outs_of([FULL])
