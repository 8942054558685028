"""The workloads by their letters in the tables: what is sent, how it was scaled, and the columns that come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.jobs import hardship, speed
from bench.jobs.session import Session


@dataclass(frozen=True, slots=True)
class Workload:
    """`rounds` is how many it takes part in; one that `is_alone` begins with an empty store and no worker.

    Without `has_variants` it is for one row of each engine alone. The store's answers are `late_seconds`, at the least.
    """

    name: str
    scaled: str
    columns: Sequence[str]
    run: Callable[[Session], Mapping[str, float]]
    rounds: int
    is_alone: bool = False
    has_variants: bool = True
    late_seconds: float = 0.0


WORKLOADS = {
    "W1": Workload(
        "no-ops drained",
        f"{speed.NOOPS:,} of 100,000; one worker process, 10 at once",
        ("jobs/s", "doubled"),
        speed.drain,
        rounds=5,
    ),
    "W2": Workload(
        "latency at low load, open loop",
        "Poisson, 25 a second, 4 s a round instead of 5 min; from the planned moment to the handler",
        ("p50 ms", "p95 ms", "p99 ms", "accepted to start p99 ms", "doubled"),
        speed.paced,
        rounds=5,
    ),
    "W3": Workload(
        "100 ms of sleep, 10 and 60 at once",
        "100 and 600 jobs; 100 and 600 a second are the most; 60 instead of 100, for ours takes at most 64",
        ("10 at once jobs/s", "60 at once jobs/s", "doubled"),
        speed.sleeping,
        rounds=1,
    ),
    "W4": Workload(
        "payloads", "300 of 1 kB, 100 of 100 kB", ("1 kB jobs/s", "100 kB jobs/s", "doubled"), speed.payloads, rounds=1
    ),
    "W5": Workload(
        "the newest, urgent job before a backlog",
        f"{hardship.BACKLOG:,} waiting instead of 1,000,000, sent by the engine's own means; while they are drained, "
        "urgent ones arrive, Poisson, 25 a second, 4 s",
        ("urgent p50 ms", "urgent p95 ms", "backlog jobs/s", "doubled"),
        hardship.behind_a_backlog,
        rounds=1,
        is_alone=True,
        has_variants=False,
    ),
    "W6": Workload(
        "two tenants, 100 to 1",
        "1,000 and 10 jobs of 10 ms, the small tenant's come last",
        ("small tenant's p95 wait s", "the whole takes s", "doubled"),
        hardship.tenants,
        rounds=1,
    ),
    "W7": Workload(
        "a store 1 ms away",
        "a proxy that answers 1 to 2 ms late; 1,000 no-ops, then W2 for 2 s",
        ("jobs/s", "p50 ms", "p95 ms", "doubled"),
        speed.far_away,
        rounds=1,
        is_alone=True,
        has_variants=False,
        late_seconds=0.001,
    ),
    "W8": Workload(
        "kill -9 of one of two workers every 10 s",
        "two kills, 400 jobs of 200 ms at 20 a second; lost is what has not ended 8 s after the engine's own time for "
        "giving jobs back",
        ("lost", "doubled", "started again", "last one after s"),
        hardship.kills,
        rounds=1,
        is_alone=True,
    ),
    "W9": Workload(
        "short jobs beside long ones",
        "200 of 10 s instead of 1 h, four processes of 60 at once; short ones Poisson, 25 a second, 4 s",
        ("running of 200", "short p50 ms", "short p99 ms", "Valkey commands/s", "PostgreSQL transactions/s", "doubled"),
        hardship.beside_long_ones,
        rounds=1,
        is_alone=True,
        has_variants=False,
    ),
}
