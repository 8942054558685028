"""Cutting figures out: given alpha, a ground of one colour, and a painted scene."""

import cv2
import numpy as np
import pytest

from adapters.identity.cut_out import CutOutMethod, cut_out
from adapters.identity.pictures import Picture, Plane
from tests.builders_identity import cast_picture


def on_ground(figure: Picture, colour: tuple[int, int, int]) -> Picture:
    share = figure[..., 3:].astype(np.float32) / 255
    return np.rint(figure[..., :3] * share + np.array(colour, np.float32) * (1 - share)).astype(np.uint8)


def on_scene(figure: Picture) -> Picture:
    """The figure before a scene of two colours and noise, whose border has no one colour."""
    height, width = figure.shape[:2]
    random = np.random.default_rng(3)
    ramp = np.linspace(40, 220, width, dtype=np.float32)[None, :, None] * np.array([0.5, 0.9, 1.0], np.float32)
    scene = np.broadcast_to(ramp, (height, width, 3)) + random.normal(0, 12, (height, width, 3))
    share = figure[..., 3:].astype(np.float32) / 255
    return np.clip(figure[..., :3] * share + scene * (1 - share), 0, 255).astype(np.uint8)


def overlap(one: Plane, other: Plane) -> float:
    """Intersection over union."""
    a, b = one > 127, other > 127
    return float((a & b).sum() / (a | b).sum())


def test_alpha_is_taken_as_it_is() -> None:
    picture = cast_picture("toonHead-000", 0)

    cut = cut_out(picture)

    assert cut.method is CutOutMethod.ALPHA
    assert cut.confidence == 1
    assert (cut.rgba == picture).all()


def test_alpha_that_hides_everything_is_not_trusted() -> None:
    assert cut_out(np.zeros((64, 64, 4), np.uint8)).confidence == 0


@pytest.mark.parametrize("character", ["adventurer-000", "openPeeps-000", "toonHead-000"])
@pytest.mark.parametrize("colour", [(255, 255, 255), (40, 90, 60), (182, 227, 244)])
def test_a_ground_of_one_colour_is_flooded_away(character: str, colour: tuple[int, int, int]) -> None:
    figure = cast_picture(character, 0)

    cut = cut_out(on_ground(figure, colour))

    assert cut.method is CutOutMethod.FLOOD
    assert overlap(cut.mask, figure[..., 3]) > 0.97


def test_the_ground_does_not_shine_through_the_edge() -> None:
    figure = cast_picture("adventurer-000", 0)

    cut = cut_out(on_ground(figure, (0, 255, 0)))

    edge = (cut.mask > 20) & (cv2.erode(cut.mask, np.ones((5, 5), np.uint8)) < 255)
    greenness = cut.rgba[..., 1].astype(int) - np.maximum(cut.rgba[..., 0], cut.rgba[..., 2])
    assert np.percentile(greenness[edge], 90) < 60


def test_a_figure_in_a_scene_is_found_by_grabcut() -> None:
    figure = cast_picture("toonHead-000", 0)

    cut = cut_out(on_scene(figure))

    assert cut.method is CutOutMethod.GRABCUT
    assert overlap(cut.mask, figure[..., 3]) > 0.8


def test_the_same_scene_is_cut_the_same_way_twice() -> None:
    scene = on_scene(cast_picture("openPeeps-003", 0))

    assert (cut_out(scene).rgba == cut_out(scene).rgba).all()


@pytest.mark.parametrize(("side", "grey"), [(80, 128), (512, 255), (600, 200), (720, 0)])
def test_a_picture_of_one_colour_holds_no_figure(side: int, grey: int) -> None:
    cut = cut_out(np.full((side, side, 3), grey, np.uint8))

    assert cut.confidence == 0
    assert not cut.mask.any()
