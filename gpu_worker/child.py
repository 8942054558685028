"""The process that owns the engines, and the GPU where there is one: set up once, then one command at a time.

It ends with its parent, whatever kills that. SIGUSR1 ends a command at its next step and keeps what is loaded; SIGTERM
ends the process at its next Python instruction. Its own standard output is for the parent's ears only; what libraries
print goes to standard error.
"""

import base64
import ctypes
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, NoReturn

from contracts.commands import Message, Result
from contracts.protocol import PREVIEW_CHARACTERS_MAX
from failpoints import Point, reach_now
from gpu_worker.messages import Done, Failed, Halted, Memory, Moved, Ready, Report, Run, Saved, SetupFailed
from gpu_worker.pipelines.engine import Engine, EngineUsage
from gpu_worker.process_memory import memory_with

PR_SET_PDEATHSIG = 1
REPORT_SECONDS = 0.1
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


class Child:
    """Answers the parent's commands."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self._engines: Mapping[str, Engine] = {}
        self._reported = 0.0
        self._fraction = 0.0
        self._preview: str | None = None
        self._is_halted = False

    def set_up(self, paths: list[str]) -> bool:
        try:
            engines = [load_engine(path) for path in paths]
        except Exception as broken:  # noqa: BLE001 - an engine's set-up may fail in any way
            traceback.print_exc()
            self._say(SetupFailed(message=f"{type(broken).__name__}: {broken}"[:2000]))
            return False
        self._engines = {engine.name: engine for engine in engines}
        versions = {engine.name: engine.version for engine in engines}
        models = [model for engine in engines for model in engine.served_models]
        self._say(Ready(engines=versions, served_models=models, memory=self._memory()))
        return True

    def serve(self, lines: IO[str]) -> None:
        for line in lines:
            self._say(self._answer(Run.model_validate_json(line)))

    def halt(self, _number: int, _frame: object) -> None:
        """End the command at its next step; a signal's handler."""
        self._is_halted = True

    def _answer(self, asked: Run) -> Done | Failed | Halted:
        engine = self._engines.get(asked.command.engine)
        before = engine.usage if engine else EngineUsage()
        came = self._try(engine, asked)
        # Read when the exception, which holds what its frames hold, is gone.
        used = engine.usage - before if engine else before
        report = Report(usage=used, memory=self._memory())
        if isinstance(came, Fault):
            return Failed(code=came.code, message=came.message, is_defunct=came.is_defunct, report=report)
        return Halted(report=report) if came is None else Done(result=came, report=report)

    def _try(self, engine: Engine | None, asked: Run) -> "Result | Fault | None":
        """Answer the result, what went wrong, or None for a command that was halted."""
        try:
            return self._run(engine, asked)
        except Halt:
            return None
        except (ValueError, KeyError) as refused:
            traceback.print_exc()
            return Fault("INVALID", str(refused)[:2000])
        except MemoryError:
            return Fault("UNAVAILABLE", "Out of memory.", is_defunct=True)
        except Exception as broken:  # noqa: BLE001 - an engine may fail in any way
            traceback.print_exc()
            text = f"{type(broken).__name__}: {broken}"[:2000]
            is_out_of_memory = "out of memory" in text
            is_defunct = is_out_of_memory or any(word in text for word in DEFUNCT_WORDS)
            return Fault("UNAVAILABLE" if is_defunct else "INTERNAL", text, is_defunct=is_defunct)

    def _memory(self) -> Memory:
        return memory_with(self._engines.values())

    def _run(self, engine: Engine | None, asked: Run) -> Result:
        if engine is None:
            raise ValueError(f"This worker has no engine {asked.command.engine}.")
        inputs = {name: Path(path) for name, path in asked.inputs.items()}
        self._reported, self._fraction, self._preview, self._is_halted = 0.0, 0.0, None, False
        reach_now(Point.CHILD_BEFORE, asked.command.kind)
        result = engine.run(asked.command, inputs, Path(asked.outputs), self)
        reach_now(Point.CHILD_MADE, asked.command.kind)
        return result

    def moved(self, fraction: float) -> None:
        """Tell the parent now and then; raises Halt where it wants the command ended."""
        if self._is_halted:
            raise Halt
        self._fraction = min(1.0, max(0.0, fraction))
        now = time.monotonic()
        if now - self._reported >= REPORT_SECONDS:
            self._reported = now
            self._say(Moved(fraction=self._fraction, preview=self._preview))
            self._preview = None

    def shown(self, jpeg: bytes) -> None:
        """Keep the preview for the next report; one that is too large is left out."""
        packed = base64.b64encode(jpeg).decode()
        if len(packed) <= PREVIEW_CHARACTERS_MAX:
            self._preview = packed

    def saved(self, path: Path) -> None:
        self._say(Saved(path=str(path)))

    def _say(self, message: Message) -> None:
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
