"""The engine `diffusion`: dispatches commands to what makes keyframes, clips and adapters."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import diffusers.utils.logging
import transformers.utils.logging

from contracts.commands import AnimateShot, Command, MakeKeyframe, Result, TrainAdapter
from gpu_worker.embedding.settings import EmbeddingSettings
from gpu_worker.pipelines.diffusion.detector import DetectedFigures
from gpu_worker.pipelines.diffusion.figures import OrderedFigures
from gpu_worker.pipelines.diffusion.keyframes import KeyframeMaker
from gpu_worker.pipelines.diffusion.memory import Ladder
from gpu_worker.pipelines.diffusion.models import Models, sources_of
from gpu_worker.pipelines.diffusion.motion import ClipMaker
from gpu_worker.pipelines.diffusion.served import served_models
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings, variable
from gpu_worker.pipelines.engine import Assignment, BatchSize, EngineCapabilities, EngineUsage, Watch
from gpu_worker.training.learners import LEARNERS
from gpu_worker.training.model import Base
from gpu_worker.training.settings import TrainingSettings
from gpu_worker.training.trainer import Trainer
from gpu_worker.weights.disk import keep_within, repositories_of
from gpu_worker.weights.errors import WeightsCorrupt
from gpu_worker.weights.source import WeightsFinder

# What trainings ask for: a worker without a judge, or with a family that learns nothing, has the engine alone.
TRAINING = "diffusion.training"


class DiffusionEngine:
    """Makes pictures by denoising, with the models that `LAB_DIFFUSION_...` names."""

    name = "diffusion"
    version = "1"
    capabilities = EngineCapabilities(
        sizes=(),
        frames_per_second=(),
        frames_max=3600,
        references_max=4,
        has_previews=True,
        can_cancel=True,
        needs_gpu=True,
    )

    def __init__(self, settings: DiffusionSettings | None = None, *, ladder: Ladder | None = None) -> None:
        """Find and check the weights; raises WeightsRefused naming the setting to mend."""
        quieten()
        self._settings = settings or DiffusionSettings()
        self.models = Models(self._settings)
        self._find_all()
        self.served_models = served_models(self.name, self.models, self._settings)
        keyframes = self.models.can_make().get("keyframe")
        self._batch_max = keyframes[1].batch_max if keyframes else 1
        ladder, detector = ladder or Ladder(spare=partial(self.models.put_away, but_the_last=True)), self._detector()
        # Without a detector the cast is taken to stand where it was ordered, and is followed from the keyframe.
        self._keyframes = KeyframeMaker(self._settings, self.models, detector or OrderedFigures(), ladder)
        self._clips = ClipMaker(self._settings, self.models, detector, ladder)

    @property
    def usage(self) -> EngineUsage:
        return self.models.usage

    @property
    def loaded_bytes(self) -> int:
        return self.models.size_bytes

    @property
    def loaded_models(self) -> Sequence[str]:
        return self.models.loaded

    @property
    def skills(self) -> Sequence[str]:
        """Training, where there is something to teach and a judge of what was learned."""
        can_learn = "keyframe_weights" in self.models.found and self._settings.keyframe_family in LEARNERS
        return (TRAINING,) if can_learn and TrainingSettings().scorer is not None else ()

    @property
    def batch(self) -> BatchSize:
        """As the keyframes' family has it; on a CPU, which one picture keeps busy, a batch only makes it wait."""
        return BatchSize(usual=1 if self.models.device.name == "cpu" else self._batch_max, most=self._batch_max)

    def run_many(self, assignments: Sequence[Assignment]) -> Sequence[Result | ValueError]:
        """Make keyframes, in batches as far as they are alike; see `Batching.run_many`."""
        return self._keyframes.make_many(assignments, version=self.version)

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        """Carry the command out; see `Engine.run`."""
        match command:
            case TrainAdapter():
                return self._learn(command, inputs, outputs, watch)
            case MakeKeyframe():
                [made] = self.run_many([Assignment(command, inputs, outputs, watch)])
                if isinstance(made, ValueError):
                    raise made
                return made
            case AnimateShot():
                return self._clips.make(command, inputs, outputs, watch, version=self.version)
            case _:
                raise ValueError(f"The diffusion engine does not {command.kind.replace('_', ' ')}.")

    def _learn(self, command: TrainAdapter, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        """Train on the model of the keyframes, which has the accelerator for itself meanwhile."""
        found = self.models.need("keyframe_weights")
        self.models.put_away()
        base = Base(found.path, found.digest, self._settings.keyframe_family, self.models.device)
        trainer = Trainer(base, engine_version=self.version, meter=self.models.training)
        return trainer.run(command, inputs, outputs, watch)

    def _find_all(self) -> None:
        """Find the judges' weights, too, then keep what was fetched within its budget; raises WeightsRefused."""
        training, embedding = TrainingSettings(), EmbeddingSettings()
        finder = WeightsFinder(training.cache_folder)
        for source in training.sources:
            finder.find(source)
        space = [embedding.source] if embedding.weights else []
        used = repositories_of([*sources_of(self._settings).values(), *training.sources, *space])
        if used:
            keep_within(self._settings.disk_bytes_max, keep=used)

    def _detector(self) -> DetectedFigures | None:
        detector, segmenter = (self.models.found.get(f"{name}_weights") for name in ("detector", "segmenter"))
        if detector is None:
            return None
        try:
            return DetectedFigures(
                detector.path,
                segmenter.path if segmenter else None,
                device=self.models.device.name,
                threshold=self._settings.detector_threshold,
            )
        except (OSError, ValueError) as broken:
            reason = f"the detector or segmenter cannot be loaded ({broken})."
            raise WeightsCorrupt(variable("detector_weights"), reason) from broken


def quieten() -> None:
    """Leave the log to what matters: no progress bars, no advice."""
    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()
