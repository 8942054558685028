"""One measurement of one server: sockets that only wait, then sockets that hear, at a steady rate and in a burst."""

import asyncio
import json
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from bench.live.servers import Server
from bootstrap.embedded import port_answers
from bootstrap.processes import wait_until

TOPICS_IDLE, TOPICS_ACTIVE = 100, 10
CROWD_MAX = 6000
STEADY_EVENTS, STEADY_SECONDS = 500, 25.0
BURST_EVENTS = 200
SETTLE_SECONDS, DRAIN_SECONDS_MAX = 3.0, 120.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many subscribers."""

    idle: int
    active: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What one session came to."""

    kib_each: float
    p50_ms: float
    p99_ms: float
    deliveries_a_second: float
    cpu_ms_a_thousand: float
    missing: int
    lost: int


class Crowd:
    """A crowd's process."""

    def __init__(self, process: Process, address: str) -> None:
        self._process = process
        self._address = address

    async def ask(self, do: str, **more: object) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": do, "address": self._address, **more}).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("A crowd has ended.")
        return json.loads(line)


@asynccontextmanager
async def crowd(address: str) -> AsyncGenerator[Crowd]:
    """A process of subscribers, each from an address of its own, so that ports suffice."""
    command = (sys.executable, "-m", "bench.live.crowd")
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=2**28)
    assert process.stdin
    try:
        yield Crowd(process, address)
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()


class Session:
    """One server and the crowds around it."""

    def __init__(self, server: Server, size: Size) -> None:
        assert server.process.pid
        self._server = server
        self._size = size
        self._process = psutil.Process(server.process.pid)

    async def measure(self) -> Figures:
        await asyncio.to_thread(wait_until, lambda: port_answers(self._server.port), self._server.name)
        async with AsyncExitStack() as stack:
            crowds = [await stack.enter_async_context(crowd(f"127.0.0.{number}")) for number in range(1, 4)]
            kib_each = await self._idle(crowds[:2])
            active = crowds[2]
            await self._join(active, self._size.active, range(TOPICS_IDLE, TOPICS_IDLE + TOPICS_ACTIVE))
            await self._until_all_hear(active)
            latencies, cpu_seconds, missing = await self._steady(active)
            rate, more = await self._burst(active)
            lost = sum([(await each.ask("tell"))["lost"] for each in crowds])
        cuts = statistics.quantiles(latencies, n=100)
        cpu_ms = 1e6 * cpu_seconds / len(latencies)
        return Figures(kib_each, 1e3 * cuts[49], 1e3 * cuts[98], rate, cpu_ms, missing + more, lost)

    async def _idle(self, crowds: Sequence[Crowd]) -> float:
        """Memory of one that waits: the slope between the first half and the second."""
        grown: list[int] = []
        for each in crowds:
            await self._join(each, self._size.idle // 2, range(TOPICS_IDLE))
            await asyncio.sleep(SETTLE_SECONDS)
            grown.append(self._process.memory_info().rss)
        return (grown[1] - grown[0]) / 1024 / (self._size.idle // 2)

    async def _join(self, crowd: Crowd, count: int, topics: range) -> None:
        seats = self._server.seats(topics)
        await crowd.ask("join", port=self._server.port, count=count, tokens=seats.tokens, payloads=seats.payloads)

    async def _until_all_hear(self, crowd: Crowd) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS_MAX
        while (await crowd.ask("tell"))["heard"] < self._size.active:
            if time.monotonic() > deadline:
                raise TimeoutError("Not every subscriber hears.")
            for topic in range(TOPICS_IDLE, TOPICS_IDLE + TOPICS_ACTIVE):
                await self._server.tell(topic, is_counted=False)
            await asyncio.sleep(0.5)
        await asyncio.sleep(SETTLE_SECONDS)

    async def _steady(self, crowd: Crowd) -> tuple[list[float], float, int]:
        """Events at planned moments, the topics in turn."""
        loop = asyncio.get_running_loop()
        began, cpu = loop.time(), self._cpu_seconds()
        telling: list[asyncio.Task[None]] = []
        for number in range(STEADY_EVENTS):
            await asyncio.sleep(max(0.0, began + number * STEADY_SECONDS / STEADY_EVENTS - loop.time()))
            telling.append(asyncio.create_task(self._tell(number)))
        await asyncio.gather(*telling)
        told = await self._drained(crowd, STEADY_EVENTS)
        return told["latencies"], self._cpu_seconds() - cpu, told["missing"]

    async def _burst(self, crowd: Crowd) -> tuple[float, int]:
        """Events as fast as they can be told, one after another in each topic; answers deliveries a second."""

        async def tell_all(topic: int) -> None:
            for number in range(topic, BURST_EVENTS, TOPICS_ACTIVE):
                await self._tell(number)

        began = time.time()
        await asyncio.gather(*map(tell_all, range(TOPICS_ACTIVE)))
        told = await self._drained(crowd, BURST_EVENTS)
        return len(told["latencies"]) / (told["last_at"] - began), told["missing"]

    async def _tell(self, number: int) -> None:
        await self._server.tell(TOPICS_IDLE + number % TOPICS_ACTIVE, is_counted=True)

    async def _drained(self, crowd: Crowd, events: int) -> Mapping[str, Any]:
        """All that was seen, once nothing more can come."""
        wanted = events * self._size.active // TOPICS_ACTIVE
        latencies: list[float] = []
        last_at, deadline = 0.0, time.monotonic() + DRAIN_SECONDS_MAX
        while len(latencies) < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            told = await crowd.ask("tell")
            latencies += told["latencies"]
            last_at = max(last_at, told["last_at"])
        return {"latencies": latencies, "last_at": last_at, "missing": wanted - len(latencies)}

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system
