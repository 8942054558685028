"""What is looked at from outside while the attack goes on: caps, memory, hints, children that outlive their parents."""

import asyncio
import re
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress

import asyncpg
import psutil
from redis.exceptions import RedisError

from chaos.rig import DELIVERY_SECONDS, TICK_SECONDS, WORKERS, Rig
from chaos.workload import User

LOOK_SECONDS = 0.1
VALKEY_BYTES_MAX = 64 * 1024 * 1024
API_BYTES_MAX = 600 * 1024 * 1024
# How much later than promised a lost delivery may be made again on a machine that is busy with other things.
LATE_SECONDS = 6.0
RUNNING = """
select w.id::text, j.queue, count(*), w.running_max from jobs j join workspaces w on w.id = j.workspace_id
where j.state in ('dispatched', 'running') and w.id = any($1) group by 1, 2, 4 having count(*) > w.running_max
"""
OVERDUE = """
select id::text, delivery, extract(epoch from clock_timestamp() - dispatched_at) from jobs
where state = 'dispatched' and dispatched_at < clock_timestamp() - make_interval(secs => $1)
  and workspace_id = any($2)
"""
EXPIRED = """
select id::text, epoch, extract(epoch from clock_timestamp() - lease_until) from jobs
where state = 'running' and lease_until < clock_timestamp() - make_interval(secs => $1) and workspace_id = any($2)
"""
HINT = re.compile(r"arq:job:([0-9a-f-]{36})\.(\d+)", re.IGNORECASE)
SENDS = b"psetex"


class Watch:
    """Runs beside the attack; `broken` is what it has seen that must not be."""

    def __init__(self, rig: Rig, users: Sequence[User], *, forged: set[str]) -> None:
        self._rig = rig
        self._ids = [user.workspace_id for user in users]
        self._forged = forged
        self._calm_since = time.monotonic()
        self._seen: set[str] = set()
        self.broken: list[str] = []
        self.hints = 0
        self.looks = 0

    def disturbed(self) -> None:
        """Note that the engine's own time limits do not count from here on for a while."""
        self._calm_since = time.monotonic()

    def complain(self, key: str, what: str) -> None:
        if key not in self._seen:
            self._seen.add(key)
            self.broken.append(what)

    def looks_for_ever(self) -> list[Coroutine[None, None, None]]:
        """What runs beside the attack, each in a task of its own: a group cancels once, which redis-py may swallow."""
        return [self._look_at_rows_for_ever(), self._look_at_hints_for_ever(), self._look_at_memory_for_ever()]

    async def _look_at_rows_for_ever(self) -> None:
        while True:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                connection = await self._rig.servers.connect()
                try:
                    while True:
                        await self._look_at_rows(connection)
                        await asyncio.sleep(LOOK_SECONDS)
                finally:
                    connection.terminate()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_at_rows(self, connection: asyncpg.Connection) -> None:
        self.looks += 1
        for workspace_id, queue, count, cap in await connection.fetch(RUNNING, self._ids):
            self.complain(
                f"{workspace_id}{queue}", f"I7 caps: {count} of {cap} jobs of {workspace_id} under way in {queue}"
            )
        limit = DELIVERY_SECONDS + TICK_SECONDS + LATE_SECONDS
        if time.monotonic() - self._calm_since > limit:
            for job_id, delivery, age in await connection.fetch(OVERDUE, limit, self._ids):
                what = f"I1 re-delivery: {job_id} has been dispatched as {delivery} for {float(age):.1f} s"
                self.complain(f"{job_id}.{delivery}", what)
            for job_id, epoch, age in await connection.fetch(EXPIRED, TICK_SECONDS + LATE_SECONDS, self._ids):
                what = f"I1 reaping: {job_id} is held as {epoch} by a lease that ran out {float(age):.1f} s ago"
                self.complain(f"{job_id}.{epoch}.lease", what)

    async def _look_at_hints_for_ever(self) -> None:
        """Each hint that reaches Valkey tells of a delivery that is committed already."""
        while True:
            with suppress(RedisError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await self._rig.servers.connect()
                # Read as plain lines: a client library spends more on each of hundreds of commands a second.
                reader, writer = await asyncio.open_connection("127.0.0.1", self._rig.servers.stack.redis_port)
                try:
                    writer.write(b"MONITOR\r\n")
                    while line := await reader.readline():
                        if SENDS in line.lower():
                            await self._look_at_hint(connection, line.decode(errors="replace"))
                finally:
                    connection.terminate()
                    writer.close()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_at_hint(self, connection: asyncpg.Connection, command: str) -> None:
        found = HINT.search(command)
        if found is None or found[0] in self._forged:
            return
        self.hints += 1
        job_id, number = found[1], int(found[2])
        delivered = await connection.fetchval("select delivery from jobs where id = $1::text::uuid", job_id)
        if (delivered or 0) < number:
            what = f"I1 hints: delivery {number} of {job_id} was told before its commit ({delivered})"
            self.complain(found[0], what)

    async def _look_at_memory_for_ever(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            with suppress(RedisError, OSError, psutil.NoSuchProcess):
                redis = self._rig.servers.redis()
                try:
                    used = int((await redis.info("memory"))["used_memory"])
                finally:
                    await redis.aclose()
                if used > VALKEY_BYTES_MAX:
                    self.complain("valkey", f"I10 memory: Valkey uses {used} bytes")
                if self._rig["api"].is_running:
                    resident = psutil.Process(self._rig["api"].pid).memory_info().rss
                    if resident > API_BYTES_MAX:
                        self.complain("api", f"I10 memory: the API uses {resident} bytes")


async def orphans_end(rig: Rig, name: str, children: Sequence[int], *, seconds: float = 5.0) -> list[str]:
    """After a worker was killed: none of its children outlives it."""
    if name not in WORKERS:
        return []
    deadline = time.monotonic() + seconds
    while left := [pid for pid in children if is_engine_child(pid) and pid not in rig[name].child_pids()]:
        if time.monotonic() > deadline:
            return [f"orphan: {len(left)} children of {name} outlive it"]
        await asyncio.sleep(LOOK_SECONDS)
    return []


def is_engine_child(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "gpu_worker.child" in process.cmdline()
    except psutil.NoSuchProcess:
        return False
