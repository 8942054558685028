"""The parent's side of the child process: starts it, speaks with it, ends it."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from pydantic import ValidationError

from contracts.protocol import ServedModel
from gpu_worker.accounts import Accounts
from gpu_worker.leaks import LeakWatch
from gpu_worker.messages import (
    FROM_CHILD,
    Done,
    Failed,
    FromChild,
    Halted,
    Memory,
    Moved,
    Ready,
    Run,
    Runs,
    Saved,
    SetupFailed,
    Stirring,
)
from gpu_worker.pipelines.engine import BatchSize

LINE_BYTES_MAX = 4 * 1024 * 1024

log = structlog.get_logger()


class SetupRefused(Exception):
    """The engines could not be set up."""


class ChildEnded(Exception):
    """The child ended, or fell silent and was ended, in the middle of a command."""


class Workshop:
    """One child at a time; a new one is started when the last one has ended. `memory` is what it told last."""

    def __init__(
        self,
        engines: Sequence[str],
        *,
        setup_seconds: float,
        stall_seconds: float,
        stop_seconds: float,
        leaks: LeakWatch,
    ) -> None:
        self._paths = engines
        self._setup_seconds = setup_seconds
        self._stall_seconds = stall_seconds
        self._stop_seconds = stop_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._leaks = leaks
        self.engines: dict[str, str] = {}
        self.served_models: list[ServedModel] = []
        self.batches: dict[str, BatchSize] = {}
        self.children_started = self.children_recycled = 0
        self.accounts = Accounts()
        self.memory: Memory | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    def loaded_models(self, engine: str) -> Sequence[str]:
        """What that engine has loaded, the one used last at the end, as the child told it."""
        return self.memory.loaded_models.get(engine, ()) if self.memory else ()

    async def open(self) -> None:
        """Have a child that is ready; raises SetupRefused."""
        if self.pid is not None:
            return
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gpu_worker.child",
            str(os.getpid()),
            *self._paths,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES_MAX,
        )
        self.children_started += 1
        try:
            said = await self._hear(self._setup_seconds)
            while isinstance(said, Stirring):
                said = await self._hear(self._setup_seconds)
        except ChildEnded as ended:
            raise SetupRefused(str(ended)) from ended
        if isinstance(said, SetupFailed):
            await self.close()
            raise SetupRefused(said.message)
        if isinstance(said, Ready):
            self.engines, self.served_models, self.memory = said.engines, said.served_models, said.memory
            self.batches = said.batches
            self._leaks.begin()
        log.info("engines_ready", engines=self.engines, pid=self.pid)

    async def run(self, asked: Run, on_news: Callable[[Moved | Saved], None]) -> Done | Failed | Halted:
        """Do one command; see `run_many`."""
        [came] = await self.run_many([asked], on_news)
        return came

    async def run_many(
        self, asked: Sequence[Run], on_news: Callable[[Moved | Saved], None]
    ) -> Sequence[Done | Failed | Halted]:
        """Do commands of one engine in one go; raises ChildEnded when the process crashes or is silent for too long."""
        process = self._process
        if process is None or process.stdin is None:
            raise ChildEnded("There is no child.")
        with suppress(ConnectionError):
            process.stdin.write(Runs(runs=list(asked)).model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        came: list[Done | Failed | Halted] = []
        while len(came) < len(asked):
            said = await self._hear(self._stall_seconds)
            if isinstance(said, Moved | Saved):
                on_news(said)
            if isinstance(said, Done | Failed | Halted):
                came.append(said)
        self._note(asked[0].command.engine, came)
        if any(isinstance(said, Failed) and said.is_defunct for said in came):
            await self.close()
        return came

    async def recycle_if_leaking(self) -> None:
        """End a child that has grown too large; to be called between commands."""
        complaint = self._leaks.complaint
        if self.pid is None or complaint is None:
            return
        log.warning("child_recycled", pid=self.pid, reason=complaint)
        self.children_recycled += 1
        await self.close()

    def _note(self, engine: str, came: Sequence[Done | Failed | Halted]) -> None:
        for said in came:
            self.accounts.add(engine, said.report.usage)
        self.memory = came[-1].report.memory
        self._leaks.note(self.memory)

    async def _hear(self, seconds: float) -> FromChild:
        process = self._process
        if process is None or process.stdout is None:
            raise ChildEnded("There is no child.")
        try:
            async with asyncio.timeout(seconds):
                line = await process.stdout.readline()
        except TimeoutError:
            await self.close()
            raise ChildEnded(f"The engine made no progress for {seconds:g} s, and read and wrote nothing.") from None
        if not line:
            code = await process.wait()
            raise ChildEnded(f"The engine's process ended with {code}.")
        try:
            return FROM_CHILD.validate_json(line)
        except ValidationError:
            await self.close()
            raise ChildEnded("The engine's process said something that cannot be understood.") from None

    def halt(self) -> None:
        """Ask for the command to end at its next step; `run` answers Halted then, or what it came to before."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGUSR1)

    async def close(self) -> None:
        """End the child: ask first, then kill; nothing of it outlives this."""
        process, self._process = self._process, None
        self.memory = None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._stop_seconds):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
