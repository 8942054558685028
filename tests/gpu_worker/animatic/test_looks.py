"""A character looks the same in every shot: one picture, one costume."""

from pathlib import Path

import numpy as np
import pytest

from adapters.identity.cut_out import cut_out
from adapters.identity.pictures import read_picture, write_png
from contracts.commands import CastFigure
from gpu_worker.pipelines.animatic.bodies import wardrobe_of
from gpu_worker.pipelines.animatic.cutouts import CutOut, read_cut_out
from gpu_worker.pipelines.animatic.engine import look_of
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
