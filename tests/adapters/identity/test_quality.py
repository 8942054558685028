"""Faults of reference pictures, with the numbers behind them."""

import cv2
import numpy as np
import pytest

from adapters.identity.cut_out import cut_out
from adapters.identity.pictures import Picture
from adapters.identity.quality import judge_quality
from domain.characters.identity import PictureFault
from tests.builders_identity import cast_figures, cast_picture

CHARACTERS = ["adventurer-000", "adventurer-003", "openPeeps-000", "openPeeps-003", "toonHead-000", "toonHead-002"]


def faults_of(picture: Picture) -> list[PictureFault]:
    return [verdict.fault for verdict in judge_quality(cut_out(picture))]


@pytest.mark.parametrize("character", CHARACTERS)
def test_pictures_of_the_cast_have_no_faults(character: str) -> None:
    assert [faults_of(figure) for figure in cast_figures(character)] == [[]] * 8


def test_a_figure_of_forty_pixels_is_too_small() -> None:
    tiny = cv2.resize(cast_picture("toonHead-000", 0), (40, 40), interpolation=cv2.INTER_AREA).astype(np.uint8)

    verdict = judge_quality(cut_out(tiny))[0]

    assert verdict.fault is PictureFault.TOO_SMALL
    assert verdict.measured < verdict.limit


def test_a_figure_without_light_is_too_dark() -> None:
    dark = cast_picture("adventurer-003", 0)
    dark[..., :3] = dark[..., :3] // 6

    assert PictureFault.TOO_DARK in faults_of(dark)


def test_black_hair_is_not_darkness() -> None:
    assert PictureFault.TOO_DARK not in faults_of(cast_picture("openPeeps-000", 0))


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_figure_out_of_focus_is_blurred(character: str) -> None:
    figure = cast_picture(character, 0)
    figure[..., :3] = cv2.GaussianBlur(figure[..., :3], (0, 0), 5)

    assert PictureFault.BLURRED in faults_of(figure)


def test_two_figures_apart_are_several_subjects() -> None:
    one, other = cast_picture("adventurer-000", 0), cast_picture("adventurer-003", 0)

    assert PictureFault.SEVERAL_SUBJECTS in faults_of(np.hstack([one, other]))


@pytest.mark.parametrize("picture", [np.zeros((64, 64, 4), np.uint8), np.full((64, 64, 3), 90, np.uint8)])
def test_nothing_to_see_is_no_subject_and_fatal(picture: Picture) -> None:
    verdicts = judge_quality(cut_out(picture))

    assert [verdict.fault for verdict in verdicts] == [PictureFault.NO_SUBJECT]
    assert verdicts[0].is_fatal
