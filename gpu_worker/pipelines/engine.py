"""What an engine is: it turns a command into files and a result, and says beforehand what it can do."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from contracts.commands import Command, Result
from contracts.protocol import ServedModel


@dataclass(frozen=True, slots=True)
class EngineCapabilities:
    """What an engine can do, as data for whoever chooses one."""

    sizes: tuple[tuple[int, int], ...]  # preferred width x height px; empty means any
    frames_per_second: tuple[int, ...]  # empty means any that the contract allows
    frames_max: int
    references_max: int
    has_previews: bool
    can_cancel: bool
    needs_gpu: bool


@dataclass(frozen=True, slots=True)
class EngineUsage:
    """What an engine has done: model steps, and the shelf that its models are taken from.

    A load is a miss of that shelf, a hit a model that was loaded already. The seconds of denoising are from a picture's
    order to its last step.
    """

    denoising_steps: int = 0
    denoising_seconds: float = 0.0
    training_steps: int = 0
    training_seconds: float = 0.0
    model_loads: int = 0
    model_load_seconds: float = 0.0
    model_hits: int = 0

    def __add__(self, other: "EngineUsage") -> "EngineUsage":
        return EngineUsage(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "EngineUsage") -> "EngineUsage":
        return EngineUsage(*(mine - its for mine, its in zip(astuple(self), astuple(other), strict=True)))


class Watch(Protocol):
    """Who watches a command being carried out; each call may raise to stop it, and the engine lets that fly."""

    def moved(self, fraction: float) -> None:
        """So far is done, 0 to 1; called often, at least once a denoising or training step."""
        ...

    def shown(self, jpeg: bytes) -> None:
        """This is what it looks like by now: a small JPEG, of which only the latest matters."""
        ...

    def saved(self, path: Path) -> None:
        """From this file another attempt could go on; it is none of the outputs and is not touched again."""
        ...


class Engine(Protocol):
    """Carries out commands; one at a time, in one process."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def capabilities(self) -> EngineCapabilities: ...

    @property
    def served_models(self) -> Sequence[ServedModel]:
        """The models that it has been given and what each can do, told before one is loaded; none if it has none."""
        ...

    @property
    def usage(self) -> EngineUsage:
        """All since it was set up: it only grows."""
        ...

    @property
    def loaded_bytes(self) -> int:
        """What it keeps loaded on purpose, in main memory and on an accelerator together."""
        ...

    @property
    def loaded_models(self) -> Sequence[str]:
        """What of that takes long to load again, by names of its own, the one used last at the end."""
        ...

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        """Write the outputs named by `OutputName` into `outputs` and say what was made.

        Where `watch` raises, the engine closes what it had open. A command that cannot be carried out raises ValueError
        with a sentence.
        """
        ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """One command with its inputs, a folder of its own for its outputs, and who watches it."""

    command: Command
    inputs: Mapping[str, Path]
    outputs: Path
    watch: Watch


@dataclass(frozen=True, slots=True)
class BatchSize:
    """How many commands at once: as many as pay on this device unless somebody says otherwise, and the most."""

    usual: int
    most: int


@runtime_checkable
class Batching(Protocol):
    """What an engine can do beside that makes several commands in one go, and not only one after another."""

    @property
    def batch(self) -> BatchSize: ...

    def run_many(self, assignments: Sequence[Assignment]) -> Sequence[Result | ValueError]:
        """Carry out commands of which `contracts.batches` says that they can share a batch, each as `run` does.

        The answers are in their order, a ValueError for one that cannot be carried out. What is raised ends all of them
        and says nothing of whose fault it was.
        """
        ...


@runtime_checkable
class Skilled(Protocol):
    """What an engine has beside that is asked for by more names than its own."""

    @property
    def skills(self) -> Sequence[str]:
        """Names that commands may give as their `engine` for what not every engine of its name can do.

        A worker tells the lab of them as of its engines, so that such a command waits for one who can.
        """
        ...


def names_of(engine: Engine) -> Sequence[str]:
    """By what the engine is asked for: its name and its skills."""
    return (engine.name, *(engine.skills if isinstance(engine, Skilled) else ()))
