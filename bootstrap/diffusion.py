"""A worker of the engine `diffusion` beside the embedded stack: on the weights that are named, else on tiny models."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Invalid

LIBRARIES = ("torch", "diffusers", "transformers", "peft")
# The worker's own settings; what else begins with LAB_ is the stack's to say.
PREFIXES = ("LAB_DIFFUSION_", "LAB_TRAINING_")
WEIGHTS = ("LAB_DIFFUSION_KEYFRAME_WEIGHTS", "LAB_DIFFUSION_MOTION_WEIGHTS")
SETTINGS_FILE = "worker.env"
# So that noise is never taken for the film of a real model, in a lab that gets one later.
TINY_REVISION = {"LAB_ENGINES__DIFFUSION_REVISION": "tiny"}


@dataclass(frozen=True, slots=True)
class DiffusionWorker:
    """The settings of its models; tiny ones have random weights, so that what they make is noise."""

    settings: Mapping[str, str]
    is_tiny: bool

    @property
    def revision(self) -> Mapping[str, str]:
        """What the lab is told of the models, whatever its operator says: nothing of those that are named."""
        return TINY_REVISION if self.is_tiny else {}


class LibrariesMissing(Invalid):
    """The engine's libraries are not installed beside the lab."""


def require_libraries() -> None:
    """Raise LibrariesMissing, naming what is not there and how it is added."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise LibrariesMissing(
            f"The engine `diffusion` needs {', '.join(missing)}: install the extra `gpu` with "
            f"{sys.executable} -m pip install --require-hashes -r requirements/gpu.lock"
        )


def diffusion_worker(folder: Path) -> DiffusionWorker:
    """Answer the worker that the environment names, else one on tiny models, made once in the folder.

    Raises LibrariesMissing.
    """
    require_libraries()
    given = {name: value for name, value in os.environ.items() if name.startswith(PREFIXES)}
    if any(given.get(name) for name in WEIGHTS):
        return DiffusionWorker(given, is_tiny=False)
    return DiffusionWorker({**tiny_settings(folder / "tiny"), **given}, is_tiny=True)


def tiny_settings(folder: Path) -> Mapping[str, str]:
    """Have the tiny models built, by a process of their own since torch is not ours; answer their settings."""
    file = folder / SETTINGS_FILE
    if not file.exists():
        build = [sys.executable, "-m", "gpu_worker.tiny", str(folder)]
        built = subprocess.run(build, check=False, capture_output=True, text=True)  # noqa: S603 - a command of ours
        if built.returncode:
            raise Invalid(f"The tiny models could not be built: {built.stderr[-500:]}")
    return dict(line.split("=", 1) for line in file.read_text().splitlines())
