"""The profile of a space: what the lab must know before it judges by it."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bootstrap.identity import profile_in
from gpu_worker.embedding.families import FamilyUnknown, load_model
from gpu_worker.embedding.measure import main
from gpu_worker.embedding.measuring import falling, measure_space
from gpu_worker.tiny.vision import DIMENSIONS, build_clip_vision

COLOURS = {"one-a": (200, 30, 30), "one-b": (30, 200, 30), "two-a": (30, 30, 200)}
PLUG_IN = """
import numpy as np

class Faces:
    def embed(self, squares):
        return np.tile(np.eye(1, 3, dtype=np.float32), (len(squares), 1))

def load(folder, device):
    assert (folder.name, device) == ("weights", "cpu")
    return Faces()
"""


def pictures(*, each: int = 3) -> dict[str, list[Image.Image]]:
    return {name: [Image.new("RGB", (64, 64), colour)] * each for name, colour in COLOURS.items()}


def by_colour(squares: Sequence[Image.Image]) -> Iterable[NDArray[np.float32]]:
    """A space that sees nothing but the colour, and small pictures in grey."""
    for square in squares:
        seen = square.convert("L").convert("RGB") if square.width < 40 else square
        colour = np.asarray(seen, np.float32).mean(axis=(0, 1))
        yield colour / np.linalg.norm(colour)


def test_a_profile_tells_how_pictures_strangers_films_and_small_figures_score() -> None:
    told = measure_space(pictures(), by_colour)
    assert told["dimensions"] == 3
    assert (told["pair_mean"], told["pair_deviation"], told["copy_score"]) == (1.0, 0.0, 1.0)
    red, green = (np.array(COLOURS[name], float) for name in ("one-a", "one-b"))
    cosine = red @ green / np.linalg.norm(red) / np.linalg.norm(green)
    assert told["other_high"] == pytest.approx(cosine, abs=0.02), "strangers are of the same style where there are any"
    assert 0 < told["film_loss"] < 0.2
    losses = dict(told["small_losses"])
    assert losses[34] == losses[22] > 0.2
    assert losses[44] == losses[80] == 0


def test_losses_never_rise_with_the_side() -> None:
    assert falling([(22, 0.3), (34, 0.1), (44, 0.2), (80, 0.1)]) == [(22, 0.3), (34, 0.2), (44, 0.2), (80, 0.0)]


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="2 characters with 3 pictures"):
        measure_space(pictures(each=2), by_colour)


def test_the_lab_reads_the_profile_that_a_worker_writes(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAB_EMBEDDING_SPACE", "tiny-clip@4")
    monkeypatch.setenv("LAB_EMBEDDING_WEIGHTS", str(build_clip_vision(tmp_path / "weights")))
    monkeypatch.setenv("LAB_EMBEDDING_CACHE_FOLDER", str(tmp_path / "cache"))
    main([str(data / "cast"), str(tmp_path / "profile.json")])
    profile = profile_in(tmp_path / "profile.json")
    assert (profile.space.key, profile.space.dimensions) == ("tiny-clip@4", DIMENSIONS)
    assert -1 <= profile.other_high <= profile.copy_score <= 1
    assert json.loads(capsys.readouterr().out)["pair_mean"] == profile.pair_mean


def test_what_is_not_set_is_told_with_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_EMBEDDING_WEIGHTS", raising=False)
    with pytest.raises(SystemExit, match="LAB_EMBEDDING_WEIGHTS: names no weights"):
        main([str(tmp_path), str(tmp_path / "profile.json")])


def test_a_plug_in_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lab_faces.py").write_text(PLUG_IN)
    described = tmp_path / "lab_faces-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-faces\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[character_lab.embedding]\nfaces = lab_faces:load\n")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        model = load_model("faces", tmp_path / "weights", "cpu")
        assert model.embed([Image.new("RGB", (8, 8))] * 2).tolist() == [[1, 0, 0]] * 2
        with pytest.raises(
            FamilyUnknown, match="LAB_EMBEDDING_FAMILY: there is no family 'masks'; there is: clip, dinov2, faces"
        ):
            load_model("masks", tmp_path, "cpu")
    finally:
        sys.modules.pop("lab_faces", None)
