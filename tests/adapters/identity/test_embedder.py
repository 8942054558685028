"""The built-in embedder: its shape, its trust in its weights, and who it takes for whom."""

import json
from pathlib import Path

import numpy as np
import pytest

from adapters.identity.embedder import BUILT_IN, OnnxEmbedder
from domain.characters.policies import look_alike
from domain.errors import Unavailable
from tests.builders_identity import cast_figures, cast_identity, relit


def test_a_figure_becomes_a_unit_vector_of_768(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(cast_figures("toonHead-000", [0, 1]))

    assert vectors.shape == (2, 768)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_no_figures_are_no_vectors(embedder: OnnxEmbedder) -> None:
    assert embedder.embed([]).shape == (0, 768)


def test_a_figure_has_the_same_vector_alone_and_in_a_batch(embedder: OnnxEmbedder) -> None:
    figures = cast_figures("adventurer-000", range(5))

    assert embedder.embed(figures)[4] == pytest.approx(embedder.embed([figures[4]])[0], abs=1e-4)


def test_a_mirrored_figure_is_the_same_figure(embedder: OnnxEmbedder) -> None:
    figure = cast_figures("adventurer-003", [0])[0]
    mirrored = np.ascontiguousarray(figure[:, ::-1])

    one, other = embedder.embed([figure, mirrored])

    assert float(one @ other) > 0.999


def test_an_empty_figure_still_has_a_vector(embedder: OnnxEmbedder) -> None:
    assert np.isfinite(embedder.embed([np.zeros((40, 40, 4), np.uint8)])).all()


def test_the_ground_behind_a_cut_out_is_not_seen(embedder: OnnxEmbedder) -> None:
    figure = cast_figures("toonHead-000", [0])[0]
    green = figure.copy()
    green[figure[..., 3] == 0, :3] = (0, 255, 0)

    one, other = embedder.embed([figure, green])

    assert float(one @ other) > 0.9999


def test_weights_with_another_hash_are_refused(tmp_path: Path) -> None:
    described = json.loads(BUILT_IN.read_text())
    (tmp_path / described["file"]).write_bytes(b"other weights")
    (tmp_path / "described.json").write_text(json.dumps(described))

    with pytest.raises(Unavailable, match="not the ones described"):
        OnnxEmbedder(tmp_path / "described.json")


def test_absent_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        OnnxEmbedder(tmp_path / "absent.json")


@pytest.mark.parametrize("character", ["adventurer-000", "adventurer-003", "openPeeps-000", "toonHead-000"])
def test_a_relit_scaled_and_compressed_figure_still_passes(embedder: OnnxEmbedder, character: str) -> None:
    identity = cast_identity(embedder, character)
    seen = [relit(figure, seed=seed) for seed, figure in enumerate(cast_figures(character, [6, 7]))]

    assert (embedder.embed(seen) @ np.array(identity.centre) >= identity.threshold).all()


@pytest.mark.parametrize(
    ("character", "other"),
    [
        ("adventurer-000", "adventurer-003"),
        ("openPeeps-003", "openPeeps-000"),
        ("openPeeps-000", "openPeeps-003"),
        ("adventurer-003", "adventurer-000"),
    ],
)
def test_another_character_of_the_same_style_does_not_pass(embedder: OnnxEmbedder, character: str, other: str) -> None:
    identity = cast_identity(embedder, character)
    seen = [relit(figure, seed=seed) for seed, figure in enumerate(cast_figures(other, range(4)))]

    assert (embedder.embed(seen) @ np.array(identity.centre) < identity.threshold).all()


def test_two_characters_with_the_same_hair_and_face_look_alike(embedder: OnnxEmbedder) -> None:
    one, other = cast_identity(embedder, "toonHead-000"), cast_identity(embedder, "toonHead-002")

    assert look_alike(one, other) is not None


def test_two_characters_of_one_style_need_not_look_alike(embedder: OnnxEmbedder) -> None:
    one, other = cast_identity(embedder, "openPeeps-000"), cast_identity(embedder, "openPeeps-003")

    assert look_alike(one, other) is None
