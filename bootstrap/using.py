"""The lab that a command films with: the one that runs on the folder, or one that is started for it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from bootstrap.diffusion import DiffusionWorker, diffusion_worker
from bootstrap.given import unused
from bootstrap.running import RunningLab
from bootstrap.screen import tell
from bootstrap.sharing import FolderUse, folder_in_use, wait_for_users
from bootstrap.up import OFFERS_DIFFUSION, Lab
from domain.errors import Conflict

# Noise shows nobody, whatever is tried: nothing is, and the takes are used and marked.
NOISE = {"rerollsMax": 0, "identityPolicy": "BALANCED", "detail": "P360"}
NOISE_TOLD = (
    "The pictures are noise, in which the identity gate finds nobody: under the policy `balanced` the takes were used "
    "all the same and are marked with its verdict."
)


class EngineName(StrEnum):
    """What a film can be ordered from."""

    ANIMATIC = "animatic"
    DIFFUSION = "diffusion"


class EngineNotThere(Conflict):
    """The lab that runs on the folder has no worker for the engine."""


@dataclass(frozen=True, slots=True)
class LabInUse:
    """Where its API answers, and whether its pictures are noise, since its models are tiny."""

    api_url: str
    makes_noise: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """What a render is ordered with in this lab where the user chose nothing else."""
        return NOISE if self.makes_noise else {}


@contextmanager
def lab_in_use(folder: Path, engine: EngineName, console: Console, *, given: Mapping[str, str]) -> Generator[LabInUse]:
    """Answer the running lab, or one that is started meanwhile with the settings given.

    Raises EngineNotThere, LibrariesMissing where the engine's are not installed, and FolderTaken.
    """
    with folder_in_use(folder) as use:
        if use.running is not None:
            check_offer(use.running, engine)
            tell_unused(use.running, given, console)
            yield LabInUse(use.running.api_url)
        else:
            with started_lab(folder, use, engine, console, given=given) as lab:
                yield lab


@contextmanager
def started_lab(
    folder: Path, use: FolderUse, engine: EngineName, console: Console, *, given: Mapping[str, str]
) -> Generator[LabInUse]:
    """Start a lab, its log in a file; at the end of the block it goes on until all other commands are done with it."""
    diffusion = have_diffusion(folder, console) if engine is EngineName.DIFFUSION else None
    models = diffusion.settings if diffusion else None
    given = {**given, **diffusion.revision} if diffusion else given
    with (folder / "lab.log").open("a") as log:
        console.print(f"Starting the lab; its log is {folder / 'lab.log'}", highlight=False)
        on_line = partial(write_line, log)
        lab = Lab(folder, api_port=0, on_line=on_line, lock=use.lock, given=given, diffusion=models)
        with lab, lab.announce():
            try:
                yield LabInUse(lab.api_url, makes_noise=diffusion is not None and diffusion.is_tiny)
            finally:
                wait_for_users(use.users)


def check_offer(running: RunningLab, engine: EngineName) -> None:
    if engine is EngineName.DIFFUSION and not OFFERS_DIFFUSION.items() <= running.environment.items():
        raise EngineNotThere(
            "The lab that runs on this folder has no worker for the engine `diffusion`: stop it, and one that has is "
            "started for the film; or take another folder with --folder."
        )


def tell_unused(running: RunningLab, given: Mapping[str, str], console: Console) -> None:
    """Name the settings that were given here and are others in the lab that runs."""
    if names := unused(given, running.environment):
        console.print(
            f"The lab that runs on this folder has settings of its own, not those given here: {', '.join(names)}",
            highlight=False,
            soft_wrap=True,
        )


def have_diffusion(folder: Path, console: Console) -> DiffusionWorker:
    """Find or build the models, and say which they are."""
    tell(console, "Engine:", "diffusion; the first start builds tiny models where no weights are named")
    worker = diffusion_worker(folder.resolve())
    if worker.is_tiny:
        tell(
            console,
            "",
            "TINY MODELS WITH RANDOM WEIGHTS: the pictures will be noise, the way to them is the real one. Name "
            "weights by LAB_DIFFUSION_KEYFRAME_WEIGHTS and those beside it (docs/diffusion.md).",
        )
    return worker


def write_line(log: TextIO, name: str, line: str) -> None:
    log.write(f"{name:>8} | {line}\n")
    log.flush()
