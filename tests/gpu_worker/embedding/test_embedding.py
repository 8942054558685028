"""Figures and their vectors, by tiny networks in the real formats."""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from contracts.commands import EmbedFigures, FiguresEmbedded, FigureVector, PictureToEmbed
from contracts.figures import DIMENSIONS_MAX
from gpu_worker.embedding.engine import EmbeddingEngine, require_reportable
from gpu_worker.embedding.settings import EmbeddingSettings
from gpu_worker.tiny.vision import DIMENSIONS, build_clip_vision, build_dinov2
from gpu_worker.watching import Onlooker
from gpu_worker.weights.errors import WeightsRefused
from tests.builders_pictures import CAST, NAMES, filmed, plan_of

BUILDERS: dict[str, Callable[[Path], Path]] = {"clip": build_clip_vision, "dinov2": build_dinov2}


@pytest.fixture(scope="module", params=sorted(BUILDERS))
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> EmbeddingEngine:
    folder = tmp_path_factory.mktemp(request.param)
    settings = {
        "space": f"{request.param}@3",
        "family": request.param,
        "weights": str(BUILDERS[request.param](folder / "weights")),
        "cache_folder": folder / "cache",
    }
    return EmbeddingEngine(EmbeddingSettings.model_validate(settings))


def embed(engine: EmbeddingEngine, inputs: dict[str, Path], *pictures: PictureToEmbed) -> FiguresEmbedded:
    command = EmbedFigures(engine=engine.name, pictures=list(pictures))
    made = engine.run(command, inputs, Path("unused"), Onlooker())
    assert isinstance(made, FiguresEmbedded)
    return made


def vectors_of(made: FiguresEmbedded) -> NDArray[np.float32]:
    return np.stack([np.frombuffer(base64.b64decode(each.vector), "<f4") for each in made.figures])


def test_cut_outs_become_unit_vectors_that_tell_them_apart(engine: EmbeddingEngine) -> None:
    inputs = {name: CAST / name / "0.png" for name in NAMES}
    vectors = vectors_of(embed(engine, inputs, *(PictureToEmbed(picture=name) for name in NAMES)))
    assert vectors.shape == (3, DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.all(np.triu(vectors @ vectors.T, 1) < 0.9999)


def test_a_mirrored_figure_and_one_with_more_air_around_it_have_the_same_vector(
    engine: EmbeddingEngine, tmp_path: Path
) -> None:
    with Image.open(CAST / NAMES[0] / "0.png") as picture:
        plain = picture.convert("RGBA")
    roomy = Image.new("RGBA", (plain.width + 40, plain.height + 80))
    roomy.paste(plain, (10, 60))
    pictures = {"plain": plain, "mirrored": plain.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "roomy": roomy}
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
    inputs = {name: tmp_path / f"{name}.png" for name in pictures}
    vectors = vectors_of(embed(engine, inputs, *(PictureToEmbed(picture=name) for name in pictures)))
    assert np.all(vectors @ vectors.T > 0.9999)


def test_the_figures_of_a_clip_are_found_by_their_stacked_label_maps(engine: EmbeddingEngine, tmp_path: Path) -> None:
    clip = filmed(plan_of(*NAMES[:2]), tmp_path / "clip", frames=9)
    inputs = {"clip.mp4": clip, "figures.png": clip.parent / "figures.png"}
    asked = PictureToEmbed(picture="clip.mp4", labels="figures.png", frames=[0, 2, 4, 6, 8])
    made = embed(engine, inputs, asked)
    assert [(each.frame, each.number) for each in made.figures] == [(f, n) for f in (0, 2, 4, 6, 8) for n in (1, 2)]
    assert all(each.side >= 16 for each in made.figures)


def test_a_label_map_of_another_size_and_a_frame_beyond_the_end_are_refused(
    engine: EmbeddingEngine, tmp_path: Path
) -> None:
    clip = filmed(plan_of(NAMES[0]), tmp_path / "clip", frames=9)
    Image.new("L", (8, 8)).save(tmp_path / "small.png")
    inputs = {"clip.mp4": clip, "figures.png": clip.parent / "figures.png", "small.png": tmp_path / "small.png"}
    with pytest.raises(ValueError, match="does not fit"):
        embed(engine, inputs, PictureToEmbed(picture="clip.mp4", labels="small.png", frames=[0]))
    with pytest.raises(ValueError, match="no frame 99"):
        embed(engine, inputs, PictureToEmbed(picture="clip.mp4", labels="figures.png", frames=[0, 99]))
    with pytest.raises(ValueError, match="was not given"):
        embed(engine, inputs, PictureToEmbed(picture="absent.png"))


class Long:
    """A plug-in's model with vectors of so many dimensions."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions

    def embed(self, squares: Sequence[Image.Image]) -> NDArray[np.float32]:
        return np.ones((len(squares), self._dimensions), np.float32)


def test_vectors_that_fit_no_report_are_refused(engine: EmbeddingEngine) -> None:
    require_reportable(Long(DIMENSIONS_MAX))
    with pytest.raises(WeightsRefused, match="4096 dimensions"):
        require_reportable(Long(4096))
    vector = base64.b64encode(bytes(4 * DIMENSIONS_MAX)).decode()
    figures = [FigureVector(picture="0" * 36, frame=0, number=1, side=4096, vector=vector)] * 64
    assert len(FiguresEmbedded(figures=figures, engine_version=engine.version).model_dump_json()) < 990_000
