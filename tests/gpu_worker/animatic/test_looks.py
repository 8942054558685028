"""A character looks the same in every shot: one picture, one costume."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from adapters.identity.cut_out import cut_out
from adapters.identity.pictures import read_picture, write_png
from contracts.commands import CastFigure, SettingPlan
from gpu_worker.pipelines.animatic.bodies import wardrobe_of
from gpu_worker.pipelines.animatic.composition import HEADS_TALL, Place
from gpu_worker.pipelines.animatic.cutouts import CutOut, read_cut_out
from gpu_worker.pipelines.animatic.engine import look_of
from gpu_worker.pipelines.animatic.figures import Figure, Look, make_figure
from gpu_worker.pipelines.animatic.light import light_of
from tests.builders_pictures import CAST

# Of its eight pictures the third is cut off where its shirt begins.
BARE = 2


@pytest.fixture
def tom(tmp_path: Path) -> dict[str, Path]:
    """The cut-outs of one character by name."""
    found: dict[str, Path] = {}
    for picture in sorted((CAST / "openPeeps-003").glob("*.png")):
        found[picture.name] = tmp_path / picture.name
        found[picture.name].write_bytes(write_png(cut_out(read_picture(picture.read_bytes())).rgba))
    return found


@pytest.fixture
def standing(tmp_path: Path) -> Path:
    """A picture of a figure from head to foot."""
    pixels = np.zeros((210, 100, 4), np.uint8)
    cv2.circle(pixels, (50, 28), 20, (150, 180, 230, 255), -1)
    cv2.rectangle(pixels, (30, 45), (70, 150), (60, 160, 60, 255), -1)
    for x in (32, 55):
        cv2.rectangle(pixels, (x, 150), (x + 13, 204), (60, 40, 40, 255), -1)
    assert cv2.imwrite(str(tmp_path / "standing.png"), pixels)
    return tmp_path / "standing.png"


def figure_of(cut_out: CutOut, head: float, top: float) -> Figure:
    """It in a frame of 320 x 180 px."""
    look = Look(cut_out, wardrobe_of(cut_out, [cut_out], "tom"))
    place = Place(0, centre=160, top=top, head=head, feet=top + HEADS_TALL * head, is_mirrored=False)
    return make_figure(look, place, light_of(SettingPlan()), number=1, voice="", frame=(320, 180))


def read_all(tom: dict[str, Path]) -> list[CutOut]:
    return [read_cut_out(path) for path in tom.values()]


def test_a_character_has_one_coat_whichever_picture_is_shown(tom: dict[str, Path]) -> None:
    pictures = read_all(tom)
    coats = np.array([wardrobe_of(shown, pictures, "tom").coat for shown in pictures])
    assert np.abs(coats - coats[0]).sum(1).max() < 0.15


def test_a_picture_that_shows_no_clothes_is_dressed_as_the_others_are(tom: dict[str, Path]) -> None:
    bare = read_all(tom)[BARE]
    alone, among_others = (wardrobe_of(bare, known, "tom").coat for known in ([bare], read_all(tom)))
    assert np.abs(np.array(alone) - among_others).sum() > 0.4


@pytest.mark.parametrize("first", ["0.png", "1.png", "3.png"])
def test_the_picture_that_its_owner_put_first_is_the_one_shown(tom: dict[str, Path], first: str) -> None:
    names = [first, *(name for name in tom if name != first)]
    look = look_of(CastFigure(character_id="tom", name="Tom", cut_outs=names), tom)
    flawless = next(name for name in names if not read_cut_out(tom[name]).flaws)
    assert np.array_equal(look.cut_out.rgba, read_cut_out(tom[flawless]).rgba)


def test_a_head_or_a_bust_is_shown_rather_than_a_whole_figure(tom: dict[str, Path], standing: Path) -> None:
    names = [standing.name, *tom]
    look = look_of(CastFigure(character_id="tom", name="Tom", cut_outs=names), tom | {standing.name: standing})
    assert not look.cut_out.is_whole


def test_a_figure_from_head_to_foot_stands_on_its_own_feet(standing: Path) -> None:
    figure = figure_of(read_cut_out(standing), head=40, top=40)
    assert not figure.body_alpha.any()
    assert figure.portrait is None
    lowest = figure.corner[1] + int(np.flatnonzero(figure.portrait_alpha.any(1))[-1])
    assert lowest + 1 == pytest.approx(figure.place.feet, abs=2)


def test_a_figure_from_head_to_foot_is_enlarged_no_further_than_the_frame_shows(standing: Path) -> None:
    figure = figure_of(read_cut_out(standing), head=160, top=1)
    assert figure.portrait_alpha.shape[0] < 1.5 * 180


@pytest.mark.parametrize("name", sorted(path.name for path in CAST.iterdir() if path.is_dir()))
def test_no_head_or_bust_of_the_cast_is_taken_for_a_whole_figure(name: str) -> None:
    assert not read_cut_out(CAST / name / "0.png").is_whole
