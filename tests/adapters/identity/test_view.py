"""Views told from cut-outs: on drawings labelled by eye, and on a figure drawn to measure."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from adapters.identity.cut_out import CutOut, CutOutMethod, cut_out
from adapters.identity.pictures import Picture
from adapters.identity.view import view_of
from domain.characters.views import UNKNOWN, Facing, Framing, View
from tests.builders_identity import cast_picture

LABELS = json.loads((Path(__file__).parents[3] / "examples" / "cast" / "views.json").read_text())
CHARACTERS = ["adventurer-000", "adventurer-003", "openPeeps-000", "openPeeps-003", "toonHead-000", "toonHead-002"]
OTHER_SIDE = {Facing.LEFT: Facing.RIGHT, Facing.RIGHT: Facing.LEFT, Facing.FRONT: Facing.FRONT}


@cache
def cast_views() -> list[tuple[View, View]]:
    """The labelled view and the one told, of 48 pictures."""
    return [
        (View(Framing(LABELS[each]["framing"]), Facing(facing)), view_of(cut_out(cast_picture(each, number))))
        for each in CHARACTERS
        for number, facing in enumerate(LABELS[each]["facing"])
    ]


def cut_of(mask: Picture, colours: Picture | None = None, *, confidence: float = 1.0) -> CutOut:
    painted = np.full((*mask.shape, 3), 200, np.uint8) if colours is None else colours
    return CutOut(np.dstack([painted, mask]), mask, CutOutMethod.ALPHA, confidence)


def standing() -> Picture:
    """A figure of seven and a half heads, 600 pixels high: its mask."""
    mask = np.zeros((640, 300), np.uint8)
    cv2.ellipse(mask, (150, 60), (32, 40), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, (138, 90), (162, 130), 255, -1)
    cv2.rectangle(mask, (60, 120), (240, 340), 255, -1)
    cv2.rectangle(mask, (95, 340), (140, 620), 255, -1)
    cv2.rectangle(mask, (160, 340), (205, 620), 255, -1)
    return mask


def test_framing_is_told_on_nearly_all_of_the_cast() -> None:
    # The other eight are one character's, whose hair hides neck and shoulders.
    assert sum(told.framing is labelled.framing for labelled, told in cast_views()) >= 39


def test_facing_is_told_on_half_of_the_cast_and_never_turned_about() -> None:
    facings = Counter((labelled.facing, told.facing) for labelled, told in cast_views())
    assert sum(count for (labelled, told), count in facings.items() if told is labelled) >= 28
    assert sum(count for (labelled, told), count in facings.items() if told not in {None, labelled}) <= 6
    assert facings[Facing.LEFT, Facing.RIGHT] == facings[Facing.RIGHT, Facing.LEFT] == 0


@pytest.mark.parametrize("character", ["adventurer-000", "openPeeps-003", "toonHead-000"])
def test_a_mirrored_picture_looks_the_other_way(character: str) -> None:
    picture = cast_picture(character, 2)
    view, mirrored = (view_of(cut_out(np.ascontiguousarray(each))) for each in (picture, picture[:, ::-1]))
    assert view.facing is not None
    assert mirrored == View(view.framing, OTHER_SIDE[view.facing])


@pytest.mark.parametrize(
    ("lines", "framing"),
    [(102, Framing.HEAD), (165, Framing.BUST), (290, Framing.HALF), (480, Framing.FULL), (640, Framing.FULL)],
)
def test_framing_is_how_much_of_a_figure_is_seen(lines: int, framing: Framing) -> None:
    view = view_of(cut_of(standing()[:lines]))
    assert view == View(framing, view.facing)


def test_a_picture_twice_as_large_is_framed_alike() -> None:
    large = cv2.resize(standing()[:165], None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    assert view_of(cut_of(large)).framing is Framing.BUST


def test_the_face_of_a_figure_too_small_for_features_is_not_told() -> None:
    small = cv2.resize(standing(), (60, 128), interpolation=cv2.INTER_AREA).astype(np.uint8)
    assert view_of(cut_of(small)) == View(Framing.FULL)


def test_nobody_several_and_a_doubtful_outline_are_unknown() -> None:
    figure = standing()
    assert view_of(cut_of(np.zeros_like(figure))) == UNKNOWN
    assert view_of(cut_of(np.hstack([figure, figure]))) == UNKNOWN
    assert view_of(cut_of(figure, confidence=0.1)) == UNKNOWN


def test_a_figure_that_lies_is_not_framed() -> None:
    lying = np.ascontiguousarray(np.rot90(standing()))
    assert view_of(cut_of(lying)).framing is None
