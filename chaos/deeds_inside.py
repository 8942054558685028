"""Faults of the servers, of what is written into Valkey, and of clients and the vendor: how each is done and undone."""

import asyncio
import json
import pickle
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
from arq.utils import timestamp_ms
from redis.asyncio import Redis

from chaos.attack import Attack
from chaos.faults import Fault
from chaos.rig import Rig
from chaos.subscribers import listen_to_nothing
from contracts.protocol import CLAIM_PATH, HINT_FUNCTION, RELEASE_PATH, hint_queue_name

FAR_AHEAD = 1000
FORGED_EARLIER_MS = 60_000
HELD_CONNECTIONS = 100
TERMINATE = "select pg_terminate_backend(pid) from pg_stat_activity where usename in ('lab_app', 'lab_system')"
DISPATCHED = """
select id::text, delivery, queue from jobs where state = 'dispatched' and queue <> 'internal' limit 3
"""
RECENT = "select id::text, delivery, queue from jobs order by created_at desc limit 20"


async def terminate_backends(attack: Attack, fault: Fault) -> None:
    await attack.as_owner(TERMINATE + (" order by random() limit 1" if fault.target == "one" else ""))


async def crash_postgres(attack: Attack, fault: Fault) -> None:
    servers = attack.rig.servers
    async with servers.postgres_is_down:
        await servers.crash_postgres()
        await asyncio.sleep(fault.seconds)
        await servers.start_postgres()


async def use_up_connections(attack: Attack, fault: Fault) -> None:
    """Hold every connection that there is to be had."""
    async with AsyncExitStack() as stack:
        with suppress(asyncpg.PostgresError, OSError):
            for _ in range(HELD_CONNECTIONS):
                connection = await attack.rig.servers.connect(fault.target)
                stack.push_async_callback(connection.close)
        await asyncio.sleep(fault.seconds)


async def flush_valkey(attack: Attack, _fault: Fault) -> None:
    redis = attack.rig.servers.redis()
    try:
        await redis.flushall()
    finally:
        await redis.aclose()


async def kill_valkey(attack: Attack, fault: Fault) -> None:
    servers = attack.rig.servers
    async with servers.redis_is_down:
        servers.kill_redis()
        await asyncio.sleep(fault.seconds)
        await servers.start_redis(is_emptied=fault.target == "emptied")


async def fill_valkey(attack: Attack, fault: Fault) -> None:
    """No room for another byte, and nothing may be evicted: every write is refused."""
    redis = attack.rig.servers.redis()
    try:
        await redis.config_set("maxmemory-policy", "noeviction")
        await redis.config_set("maxmemory", "1kb")
        await asyncio.sleep(fault.seconds)
        await redis.config_set("maxmemory", "0")
    finally:
        await redis.aclose()


async def kill_storage(attack: Attack, fault: Fault) -> None:
    servers = attack.rig.servers
    async with servers.storage_is_down:
        servers.kill_storage()
        await asyncio.sleep(fault.seconds)
        await servers.start_storage()


async def storage_503(attack: Attack, fault: Fault) -> None:
    proxy = attack.proxy(fault.target)
    proxy.is_unavailable = True
    proxy.cut()
    await asyncio.sleep(fault.seconds)
    proxy.is_unavailable = False


class Trap:
    """Unpickling it leaves a mark in the file system: whoever reads such bytes runs what a stranger wrote."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return (Path.touch, (self._mark,))


def mark_of_pickles(rig: Rig) -> Path:
    """The file that is there once bytes from Valkey were executed."""
    return rig.folder / "executed"


def forged_numbers(kind: str, delivery: int) -> list[int]:
    """Which deliveries of a job are told of: older ones, the present one again, ones that never were."""
    if kind == "stale":
        return list(range(max(0, delivery - 2), delivery))
    return [delivery] if kind == "doubled" else [delivery + FAR_AHEAD]


async def forge_hints(attack: Attack, fault: Fault) -> bool:
    """Write hints that nobody sent, in reverse order; or bytes that run when they are read as pickles, or are none."""
    connection = await attack.rig.servers.connect()
    redis = attack.rig.servers.redis()
    try:
        recent = await connection.fetch(RECENT)
        for job_id, delivery, queue in reversed(recent):
            for number in forged_numbers(fault.target, delivery):
                body = {"t": None, "f": HINT_FUNCTION, "a": [job_id, number], "k": {}, "et": 0}
                written = json.dumps(body | {"et": "soon"} if fault.target == "strange" else body).encode()
                if fault.target == "pickle":
                    written = pickle.dumps(Trap(mark_of_pickles(attack.rig)))
                await forge(attack, redis, f"{job_id}.{number}", queue=queue, body=written)
    finally:
        await redis.aclose()
        await connection.close()
    return bool(recent)


async def forge(attack: Attack, redis: Redis, name: str, *, queue: str, body: bytes) -> None:
    """Put one hint into a queue as ARQ would, under its own name and under one that ARQ has not seen."""
    for written_as in (name, f"{name}-{uuid4().hex[:6]}"):
        attack.forged.add(f"arq:job:{written_as}")
        await redis.psetex(f"arq:job:{written_as}", 60_000, body)
        # Before all that are due, and not so old that it is swept away unheard.
        await redis.zadd(hint_queue_name(queue), {written_as: timestamp_ms() - FORGED_EARLIER_MS})


async def claim_void(attack: Attack, fault: Fault) -> bool:
    """Ask for deliveries that are over, or never were: no worker may be given a job for them."""
    connection = await attack.rig.servers.connect()
    try:
        found = await connection.fetch(DISPATCHED)
        engines = {"engines": ["chaos", "animatic"], "software_version": "forged", "worker_id": "forger"}
        token = attack.rig.servers.stack.secrets.worker_token
        headers = {"authorization": f"Bearer {token}"}
        base_url = attack.rig.control_url(fault.target)
        async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=3.0) as client:
            for job_id, delivery, queue in found:
                for number in (delivery - 1, delivery + FAR_AHEAD):
                    asked = {
                        "worker": {**engines, "queue": queue},
                        "claim_id": str(uuid4()),
                        "job_id": job_id,
                        "delivery": number,
                    }
                    await ask_for_void(attack, client, asked)
            await connection.execute("select worker_leave('forger')")
    finally:
        await connection.close()
    return bool(found)


async def ask_for_void(attack: Attack, client: httpx.AsyncClient, asked: Mapping[str, object]) -> None:
    answer = await client.post(CLAIM_PATH, json=asked)
    claimed = answer.json().get("claimed")
    if claimed:
        attack.watch.complain(
            "void", f"I3 claims: delivery {asked['delivery']} of {asked['job_id']} was void and taken"
        )
        path = RELEASE_PATH.format(job_id=claimed["job_id"])
        await client.post(path, json={"fence": claimed["fence"]})


async def deaf_subscriber(attack: Attack, fault: Fault) -> None:
    user = attack.workload.users[0]
    await listen_to_nothing(attack.rig.api_url, user.token, seconds=fault.seconds)


async def herd(attack: Attack, fault: Fault) -> None:
    await attack.workload.herd(int(fault.target))


async def vendor_loses_answers(attack: Attack, fault: Fault) -> None:
    attack.vendor.loses_answers = 0.5
    await asyncio.sleep(fault.seconds)
    attack.vendor.loses_answers = 0.0
