"""What every Python engine shares here: the plan of what to send, and the handler that notes what it is given.

A note is one line in a file of the process's own, written before the handler goes on, so that it survives a SIGKILL:
mark, number of the job, nanoseconds of the machine's monotonic clock. Marks: p planned, q accepted, s started, e ended.
Standard library alone: each engine runs in an environment of its own.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from typing import TypedDict


@dataclass(frozen=True)
class Plan:
    """Send `count` jobs from number `first` on: all at once, or at a Poisson `rate` a second.

    Priority 1 comes before 2; 0 is a workload that has none.
    """

    first: int
    count: int
    sleep_ms: float = 0.0
    size_bytes: int = 0
    rate: float = 0.0
    tenant: int = 0
    priority: int = 0


class Job(TypedDict):
    """What an engine carries to the handler."""

    number: int
    sleep_ms: float
    filler: str
    tenant: int
    priority: int


Send = Callable[[list[Job]], Awaitable[None]]
Sender = Callable[[], AbstractAsyncContextManager[Send]]


@cache
def record(pid: int) -> int:
    return os.open(f"{os.environ['BENCH_RECORD']}.{pid}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def note(mark: str, number: int, at: int | None = None) -> None:
    os.write(record(os.getpid()), f"{mark} {number} {at or time.monotonic_ns()}\n".encode())


async def handle(job: Job) -> None:
    note("s", job["number"])
    if job["sleep_ms"]:
        await asyncio.sleep(job["sleep_ms"] / 1000)
    note("e", job["number"])


def handle_in_thread(job: Job) -> None:
    note("s", job["number"])
    if job["sleep_ms"]:
        time.sleep(job["sleep_ms"] / 1000)
    note("e", job["number"])


def jobs(plan: Plan) -> list[Job]:
    filler = "x" * plan.size_bytes
    numbers = range(plan.first, plan.first + plan.count)
    return [
        Job(number=n, sleep_ms=plan.sleep_ms, filler=filler, tenant=plan.tenant, priority=plan.priority)
        for n in numbers
    ]


async def pace(send: Send, plan: Plan) -> None:
    """Send each job at its own moment, whatever became of those before: a slow engine does not slow the plan."""
    chance = random.Random(plan.first)
    due = time.monotonic_ns()
    for job in jobs(plan):
        due += int(chance.expovariate(plan.rate) * 1e9)
        await asyncio.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        note("p", job["number"], due)
        await send([job])
        note("q", job["number"])


async def send_plans(sender: Sender) -> None:
    """Take plans, one a line, from standard input until it ends; answer each when it is done."""
    async with sender() as send:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            plan = Plan(**json.loads(line))
            if plan.rate:
                await pace(send, plan)
            else:
                everything = jobs(plan)
                for first in range(0, len(everything), 500):
                    await send(everything[first : first + 500])
            print("sent", flush=True)


def run(*, install: Callable[[], object], sender: Sender, work: Callable[[], object]) -> None:
    """The engine's program: `install`, `send` or `work`."""
    match sys.argv[1]:
        case "install":
            install()
        case "send":
            asyncio.run(send_plans(sender))
        case _:
            work()
