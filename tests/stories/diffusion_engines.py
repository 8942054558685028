"""The engine `diffusion` on every family at once, each pair under a name of its own, all in one real child.

The child builds the tiny models, too, so that torch is imported nowhere else.
"""

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from contracts.commands import Command, Result
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.pipelines.engine import Watch
from tests.gpu_worker.tiny_models import TinyModels
from tests.stories.diffusion_marks import MARK, MODELS

# The fewest that the family takes: 1/16 of 832x480.
WAN_PIXELS = 24_960


def models() -> TinyModels:
    return TinyModels(Path(os.environ[MODELS]))


def weights(name: str) -> str:
    return str(models().folder(name))


class Holding:
    """Passes on what is told; where the mark lies there it takes it and holds after a checkpoint, to be killed."""

    def __init__(self, watch: Watch, mark: Path) -> None:
        self._watch = watch
        self._mark = mark
        self._fraction = 0.0

    def moved(self, fraction: float) -> None:
        self._fraction = fraction
        self._watch.moved(fraction)

    def shown(self, jpeg: bytes) -> None:
        self._watch.shown(jpeg)

    def saved(self, path: Path) -> None:
        self._watch.saved(path)
        if self._mark.exists():
            self._mark.unlink()
            while True:
                threading.Event().wait(0.02)
                self._watch.moved(self._fraction)


class HoldingDiffusion(DiffusionEngine):
    """Stable Diffusion and AnimateDiff, as the environment sets them, and the CLIP that judges trainings."""

    def __init__(self) -> None:
        models().image_prompt("stable_diffusion")
        for name in ("animatediff", "clip"):
            models().folder(name)
        super().__init__()

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        return super().run(command, inputs, outputs, Holding(watch, Path(os.environ[MARK])))


class ExtraLarge(DiffusionEngine):
    """Stable Diffusion XL and Stable Video Diffusion."""

    name = "extra_large"

    def __init__(self) -> None:
        super().__init__(
            DiffusionSettings(
                keyframe_family="stable_diffusion_xl",
                keyframe_weights=weights("stable_diffusion_xl"),
                image_prompt_weights=str(models().image_prompt("stable_diffusion_xl")),
                motion_family="stable_video",
                motion_weights=weights("stable_video"),
            )
        )


class Klein(DiffusionEngine):
    """FLUX.2 klein and LTX."""

    name = "klein"

    def __init__(self) -> None:
        super().__init__(
            DiffusionSettings(
                keyframe_family="flux2_klein",
                keyframe_weights=weights("flux2_klein"),
                image_prompt_weights="",
                motion_family="ltx",
                motion_weights=weights("ltx"),
            )
        )


class Wan(DiffusionEngine):
    """Wan alone."""

    name = "wan"

    def __init__(self) -> None:
        super().__init__(
            DiffusionSettings(motion_family="wan", motion_weights=weights("wan"), motion_pixels=WAN_PIXELS)
        )
