"""Starts processes in milliseconds: one process that has read the third-party packages forks for each that is wanted.

What is forked has none of our own modules in it yet: it runs `python -m MODULE` as a fresh interpreter would, under the
environment that it is given, as a process of its own. Without this, each killed process of API or jobs would cost six
seconds of reading packages. When the harness goes, so does the nursery, and with it everything that it has started.

    nursery = Nursery(); nursery.start()
    pid = nursery.spawn(["jobs"], environment={...}, log=path)
    nursery.exit_code(pid)                                  # None while it runs
"""

import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypedDict

from chaos.clock import SHIFT, shift_clock

# The packages that take longest to read; a name that is not there is left to whoever needs it.
PRELOADED = (
    "scipy.optimize",
    "onnxruntime",
    "cv2",
    "av",
    "PIL.Image",
    "openai",
    "py3langid",
    "aioboto3",
    "botocore.client",
    "sqlmodel",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "pgvector.sqlalchemy",
    "strawberry.asgi",
    "strawberry.schema",
    "strawberry.extensions",
    "strawberry.relay",
    "starlette.applications",
    "uvicorn.main",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "websockets.asyncio.server",
    "uvloop",
    "httpx",
    "arq.worker",
    "redis.asyncio",
    "structlog",
    "pydantic_settings",
    "orjson",
    "jwt",
    "argon2",
    "email_validator",
    "uuid_utils",
    "alembic.config",
    "alembic.command",
    "pi_heif",
)
LOOK_SECONDS = 0.01
ANSWER_SECONDS = 60.0


class Nursery:
    """The harness's side: asks for processes and hears of their ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._heard = threading.Condition()
        self._spawned: list[int] = []
        self._ended: dict[int, int] = {}

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._listener = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
        self._listener.start()

    def stop(self) -> None:
        """End it, and everything that it has started."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()
        if self._listener is not None:
            self._listener.join()

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> int:
        """Run `python -m` with these words; answer the process's id."""
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("The nursery has not been started.")
        asked = {"command": list(command), "environment": dict(environment), "log": str(log)}
        with self._heard:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            if not self._heard.wait_for(lambda: self._spawned, ANSWER_SECONDS):
                raise TimeoutError("The nursery does not answer.")
            return self._spawned.pop()

    def exit_code(self, pid: int) -> int | None:
        with self._heard:
            return self._ended.get(pid)

    def wait(self, pid: int, *, seconds: float) -> None:
        """Wait for a process's end; raises TimeoutError."""
        with self._heard:
            if not self._heard.wait_for(lambda: pid in self._ended, seconds):
                raise TimeoutError(f"Process {pid} does not end.")

    def _listen(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        for line in process.stdout:
            pid, code = json.loads(line)
            with self._heard:
                if code is None:
                    self._spawned.append(pid)
                else:
                    self._ended[pid] = code
                self._heard.notify_all()
        process.stdout.close()


def say(pid: int, code: int | None) -> None:
    sys.stdout.write(json.dumps([pid, code]) + "\n")
    sys.stdout.flush()


def serve() -> None:
    """Fork for each line of standard input until it ends; then kill what is left."""
    children: set[int] = set()
    buffer = b""
    while True:
        if select.select([0], [], [], LOOK_SECONDS)[0]:
            data = os.read(0, 1 << 16)
            if not data:
                break
            *lines, buffer = (buffer + data).split(b"\n")
            for line in lines:
                children.add(fork(json.loads(line)))
        reap(children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def reap(children: set[int]) -> None:
    for pid in tuple(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            children.discard(pid)
            say(pid, os.waitstatus_to_exitcode(status))


class Asked(TypedDict):
    """What the harness asks for."""

    command: list[str]
    environment: dict[str, str]
    log: str


def fork(asked: Asked) -> int:
    pid = os.fork()
    if pid == 0:
        become(asked["command"], asked["environment"], asked["log"])
    say(pid, None)
    return pid


def become(command: list[str], environment: Mapping[str, str], log: str) -> NoReturn:
    """Be `python -m COMMAND...`: its environment, its output, its exit code."""
    code: object = 0
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 1)
    os.dup2(1, 2)
    shift_clock(float(environment.get(SHIFT, 0)))
    sys.argv = ["", *command[1:]]
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - as an interpreter would: tell of it and end with 1
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else bool(code))


if __name__ == "__main__":
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            print(f"{name} is not there to be read beforehand", file=sys.stderr)
    serve()
