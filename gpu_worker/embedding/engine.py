"""The engine of one embedding space: figures in, vectors of length 1 out."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from PIL import Image

from contracts.commands import Command, EmbedFigures, FiguresEmbedded, FigureVector, Result
from contracts.figures import DIMENSIONS_MAX
from gpu_worker.embedding.families import Embedder, load_model
from gpu_worker.embedding.figures import figures_of
from gpu_worker.embedding.settings import FAMILY, EmbeddingSettings
from gpu_worker.embedding.vision import Vector
from gpu_worker.pipelines.engine import EngineCapabilities, EngineUsage, Watch
from gpu_worker.weights.errors import WeightsRefused
from gpu_worker.weights.source import WeightsFinder

BLANK = Image.new("RGB", (64, 64), "white")


class EmbeddingEngine:
    """Named by its space; the same figure gets the same vector on the same kind of machine."""

    capabilities = EngineCapabilities(
        sizes=(),
        frames_per_second=(),
        frames_max=1,
        references_max=0,
        has_previews=False,
        can_cancel=True,
        needs_gpu=False,
    )
    served_models = ()
    usage = EngineUsage()
    loaded_bytes = 0
    loaded_models = ()

    def __init__(self, settings: EmbeddingSettings | None = None) -> None:
        """Load the model; raises WeightsRefused."""
        settings = settings or EmbeddingSettings()
        found = WeightsFinder(settings.cache_folder).find(settings.source)
        self.name, self.version = settings.own_space, found.digest[:16]
        self._model = load_model(settings.family, found.path, settings.device)
        require_reportable(self._model)
        self._batch = settings.batch

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:  # noqa: ARG002
        """Embed every figure of the command; see `Engine.run`."""
        if not isinstance(command, EmbedFigures):
            raise ValueError(f"An embedding space does not {command.kind.replace('_', ' ')}.")  # noqa: TRY004
        missing = [each.picture for each in command.pictures if each.picture not in inputs]
        if missing:
            raise ValueError(f"The picture {missing[0]} was not given.")
        figures = [figure for each in command.pictures for figure in figures_of(each, inputs)]
        made = self.embed([each.square for each in figures], watch.moved)
        vectors = [base64.b64encode(vector.astype("<f4").tobytes()).decode() for vector in made]
        found = [
            FigureVector(picture=each.picture, frame=each.frame, number=each.number, side=each.side, vector=vector)
            for each, vector in zip(figures, vectors, strict=True)
        ]
        return FiguresEmbedded(figures=found, engine_version=self.version)

    def embed(
        self, squares: Sequence[Image.Image], moved: Callable[[float], None] = lambda _: None
    ) -> Iterator[Vector]:
        """Answer the unit vectors (dimensions,) of RGB squares of any size, a batch at a time."""
        for start in range(0, len(squares), self._batch):
            moved(start / len(squares))
            yield from self._model.embed(squares[start : start + self._batch])
        moved(1.0)


def require_reportable(model: Embedder) -> None:
    """Raise WeightsRefused for vectors too long for a report; only a picture tells how long a plug-in's are."""
    dimensions = model.embed([BLANK]).shape[1]
    if dimensions > DIMENSIONS_MAX:
        raise WeightsRefused(FAMILY, f"its vectors have {dimensions} dimensions; a report holds {DIMENSIONS_MAX}.")
