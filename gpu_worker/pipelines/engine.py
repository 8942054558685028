"""What an engine is: it turns a command into files and a result, and says beforehand what it can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from contracts.commands import Command, Result


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


class Engine(Protocol):
    """Makes keyframes and clips; one command at a time, in one process."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def capabilities(self) -> EngineCapabilities: ...

    def run(
        self, command: Command, inputs: Mapping[str, Path], outputs: Path, progress: Callable[[float], None]
    ) -> Result:
        """Write the outputs named by `OutputName` into `outputs` and say what was made.

        `progress` is called often with the fraction done and may raise to cancel: the engine lets it fly and closes
        what it had open. A command that cannot be carried out raises ValueError with a sentence.
        """
        ...
