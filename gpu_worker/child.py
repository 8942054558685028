"""The process that owns the engines, and the GPU where there is one: set up once, then one command or batch at a time.

It ends with its parent, whatever kills that. SIGUSR1 ends a command at its next step and keeps what is loaded; SIGTERM
ends the process at its next Python instruction. Its own standard output is for the parent's ears only; what libraries
print goes to standard error.
"""

import base64
import ctypes
import errno
import importlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, NoReturn

from contracts.commands import Message, Result
from contracts.protocol import PREVIEW_CHARACTERS_MAX
from failpoints import Point, reach_now
from gpu_worker.messages import (
    Done,
    Failed,
    Halted,
    Memory,
    Moved,
    Ready,
    Report,
    Run,
    Runs,
    Saved,
    SetupFailed,
    Stirring,
)
from gpu_worker.pipelines.engine import Assignment, Batching, Engine, EngineUsage, names_of
from gpu_worker.process_memory import memory_with
from gpu_worker.stirring import stirring

PR_SET_PDEATHSIG = 1
REPORT_SECONDS = 0.1
# What an OSError says of a disk that is full, gone or broken: this machine's fault, not the command's.
DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
# Words in the errors of drivers that only a new process can mend.
DEFUNCT_WORDS = ("CUDA error", "device-side assert", "CUBLAS", "CUDNN_STATUS")


class Cancelled(BaseException):
    """The parent wants the process ended; no handler of ordinary errors may swallow it."""


class Halt(BaseException):
    """The parent wants the command ended; raised at a step, where what is loaded stays whole."""


def end_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends; do it ourselves if it has ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def private_output() -> IO[str]:
    """Keep standard output for ourselves and point everybody else's prints at standard error."""
    kept = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    return kept


def load_engine(path: str) -> Engine:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)()


def cancel(_number: int, _frame: object) -> NoReturn:
    raise Cancelled


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with a command; see `Failed`."""

    code: Literal["INVALID", "UNAVAILABLE", "INTERNAL"]
    message: str
    is_defunct: bool = False


def fault_of(broken: Exception) -> Fault:
    """What an engine's exception means to the parent."""
    if isinstance(broken, MemoryError):
        return Fault("UNAVAILABLE", "Out of memory.", is_defunct=True)
    traceback.print_exception(broken)
    if isinstance(broken, ValueError | KeyError):
        return Fault("INVALID", str(broken)[:2000])
    text = f"{type(broken).__name__}: {broken}"[:2000]
    if isinstance(broken, OSError) and broken.errno in DISK_FAULTS:
        return Fault("UNAVAILABLE", text)
    is_defunct = "out of memory" in text or any(word in text for word in DEFUNCT_WORDS)
    return Fault("UNAVAILABLE" if is_defunct else "INTERNAL", text, is_defunct=is_defunct)


def answer_of(number: int, came: Result | Fault | None, report: Report) -> Done | Failed | Halted:
    if isinstance(came, Fault):
        return Failed(number=number, code=came.code, message=came.message, is_defunct=came.is_defunct, report=report)
    return Halted(number=number, report=report) if came is None else Done(number=number, result=came, report=report)


class Telling:
    """Watches one command for the parent, who is told now and then; raises Halt where it wants all ended."""

    def __init__(self, number: int, say: Callable[[Message], None], is_halted: Callable[[], bool]) -> None:
        self._number = number
        self._say = say
        self._is_halted = is_halted
        self._reported = 0.0
        self.has_moved = False
        self._preview: str | None = None

    def moved(self, fraction: float) -> None:
        if self._is_halted():
            raise Halt
        self.has_moved = self.has_moved or fraction > 0
        now = time.monotonic()
        if now - self._reported >= REPORT_SECONDS:
            self._reported = now
            fraction = min(1.0, max(0.0, fraction))
            self._say(Moved(number=self._number, fraction=fraction, preview=self._preview))
            self._preview = None

    def shown(self, jpeg: bytes) -> None:
        """Keep the preview for the next report; one that is too large is left out."""
        packed = base64.b64encode(jpeg).decode()
        if len(packed) <= PREVIEW_CHARACTERS_MAX:
            self._preview = packed

    def saved(self, path: Path) -> None:
        self._say(Saved(number=self._number, path=str(path)))


def assignment(asked: Run, telling: Telling) -> Assignment:
    inputs = {name: Path(path) for name, path in asked.inputs.items()}
    return Assignment(asked.command, inputs, Path(asked.outputs), telling)


class Child:
    """Answers the parent's commands."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self._speaking = threading.Lock()
        self._engines: Mapping[str, Engine] = {}
        self._is_halted = False

    def set_up(self, paths: list[str]) -> bool:
        try:
            with stirring(self._tell_of_stirring):
                engines = [load_engine(path) for path in paths]
        except Exception as broken:  # noqa: BLE001 - an engine's set-up may fail in any way
            traceback.print_exc()
            self._say(SetupFailed(message=f"{type(broken).__name__}: {broken}"[:2000]))
            return False
        self._engines = {name: engine for engine in engines for name in names_of(engine)}
        versions = {name: engine.version for name, engine in self._engines.items()}
        models = [model for engine in engines for model in engine.served_models]
        batches = {engine.name: engine.batch for engine in engines if isinstance(engine, Batching)}
        self._say(Ready(engines=versions, served_models=models, batches=batches, memory=self._memory()))
        return True

    def serve(self, lines: IO[str]) -> None:
        for line in lines:
            self._answer(Runs.model_validate_json(line).runs)

    def halt(self, _number: int, _frame: object) -> None:
        """End what is under way at its next step; a signal's handler."""
        self._is_halted = True

    def _answer(self, asked: Sequence[Run]) -> None:
        self._is_halted = False
        engine = self._engines.get(asked[0].command.engine)
        before = engine.usage if engine else EngineUsage()
        tellings = [Telling(number, self._say, lambda: self._is_halted) for number, _ in enumerate(asked)]

        def tell() -> None:
            # From its first step on, the steps alone say that it is at work.
            if not any(each.has_moved for each in tellings):
                self._tell_of_stirring()

        with stirring(tell):
            came = self._try(engine, [assignment(*each) for each in zip(asked, tellings, strict=True)])
        # Read when the exceptions, which hold what their frames hold, are gone.
        used, memory = engine.usage - before if engine else before, self._memory()
        for number, each in enumerate(came):
            report = Report(usage=EngineUsage() if number else used, memory=memory)
            self._say(answer_of(number, each, report))

    def _try(self, engine: Engine | None, asked: Sequence[Assignment]) -> "Sequence[Result | Fault | None]":
        """Answer of each the result, what went wrong, or None where it was halted."""
        try:
            return self._run(engine, asked)
        except Halt:
            return [None] * len(asked)
        except Exception as broken:  # noqa: BLE001 - an engine may fail in any way
            fault = fault_of(broken)
        if len(asked) == 1 or fault.is_defunct:
            return [fault] * len(asked)
        # Whose fault it was is not known, and the others are not to pay for it.
        return [came for each in asked for came in self._try(engine, [each])]

    def _run(self, engine: Engine | None, asked: Sequence[Assignment]) -> "Sequence[Result | Fault]":
        command = asked[0].command
        if engine is None:
            raise ValueError(f"This worker has no engine {command.engine}.")
        reach_now(Point.CHILD_BEFORE, command.kind)
        if isinstance(engine, Batching) and len(asked) > 1:
            made = engine.run_many(asked)
        else:
            made = [engine.run(each.command, each.inputs, each.outputs, each.watch) for each in asked]
        reach_now(Point.CHILD_MADE, command.kind)
        return [fault_of(each) if isinstance(each, ValueError) else each for each in made]

    def _memory(self) -> Memory:
        return memory_with({engine.name: engine for engine in self._engines.values()}.values())

    def _tell_of_stirring(self) -> None:
        self._say(Stirring())

    def _say(self, message: Message) -> None:
        with self._speaking:
            self._output.write(message.model_dump_json() + "\n")
            self._output.flush()


def main(parent: int, engines: list[str]) -> int:
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, cancel)
    child = Child(private_output())
    signal.signal(signal.SIGUSR1, child.halt)
    try:
        if not child.set_up(engines):
            return 1
        child.serve(sys.stdin)
    except (Cancelled, BrokenPipeError):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
