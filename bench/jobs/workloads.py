"""The workloads, scaled to two cores; each answers its figures by the name of their column."""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.jobs.peers.driver import Plan
from bench.jobs.session import Session, Stalled, kill

NOOPS, WARM_SHARE = 3000, 0.1
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Workload:
    """What is sent, how it was scaled, and the columns that come of it."""

    name: str
    scaled: str
    columns: Sequence[str]
    run: Callable[[Session], Mapping[str, float]]


def settle(session: Session, plan: Plan, *, seconds: float = PATIENCE_SECONDS) -> None:
    if not session.wait(plan, seconds=seconds):
        missing = plan.count - session.notes.done(plan)
        raise Stalled(f"{missing} of {plan.count} jobs did not end within {seconds:.0f} s")


def rate(session: Session, plan: Plan) -> float:
    """Jobs a second from handler to handler, without the first tenth."""
    ended = sorted(session.notes.first("e", plan).values())[int(plan.count * WARM_SHARE) :]
    return (len(ended) - 1) / max(1e-9, (ended[-1] - ended[0]) / 1e9)


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def drain(session: Session) -> Mapping[str, float]:
    plan = session.plan(NOOPS)
    session.send(plan)
    session.start_worker()
    settle(session, plan)
    return {"jobs/s": rate(session, plan), "doubled": session.notes.doubled(plan)}


def paced(session: Session) -> Mapping[str, float]:
    """Latency from the planned moment, and from the moment when the sender was told that the job is accepted."""
    settle_first(session)
    plan = session.plan(100, rate=25)
    session.send(plan)
    settle(session, plan)
    started, planned = session.notes.first("s", plan), session.notes.first("p", plan)
    accepted = session.notes.first("q", plan)
    waits = [(started[n] - planned[n]) / 1e6 for n in started]
    after = [max(0.0, (started[n] - accepted[n]) / 1e6) for n in started]
    shares = {"p50 ms": 0.5, "p95 ms": 0.95, "p99 ms": 0.99}
    return {name: quantile(waits, share) for name, share in shares.items()} | {
        "accepted to start p99 ms": quantile(after, 0.99)
    }


def settle_first(session: Session) -> None:
    """Warm up, which starts a worker where none runs."""
    if not session.workers:
        session.start_worker()
    warm = session.plan(50)
    session.send(warm)
    settle(session, warm)


def sleeping(session: Session) -> Mapping[str, float]:
    settle_first(session)
    plan = session.plan(100, sleep_ms=100)
    session.send(plan)
    settle(session, plan)
    return {"jobs/s": rate(session, plan)}


def payloads(session: Session) -> Mapping[str, float]:
    settle_first(session)
    figures: dict[str, float] = {}
    for name, size, count in (("1 kB jobs/s", 1000, 300), ("100 kB jobs/s", 100_000, 100)):
        plan = session.plan(count, size_bytes=size)
        session.send(plan)
        settle(session, plan)
        figures[name] = rate(session, plan)
    return figures


def tenants(session: Session) -> Mapping[str, float]:
    """A tenant with a hundredth of the other's jobs comes last; a fair engine serves it within its share."""
    settle_first(session)
    large, small = session.plan(1000, sleep_ms=10), session.plan(10, sleep_ms=10, tenant=1)
    session.send(large)
    arrived = time.monotonic_ns()
    session.send(small)
    settle(session, large)
    settle(session, small)
    waits = [(at - arrived) / 1e9 for at in session.notes.first("s", small).values()]
    left = (max(session.notes.first("e", large).values()) - arrived) / 1e9
    return {"small tenant's p95 wait s": quantile(waits, 0.95), "the whole takes s": left}


def kills(session: Session) -> Mapping[str, float]:
    """Two workers of which one is killed every 10 s, three times; then the time until the last job is done."""
    while len(session.workers) < 2:
        session.start_worker()
    plan = session.plan(600, sleep_ms=200, rate=20)
    chance = random.Random(plan.first)
    session.send_soon(plan)
    for _ in range(3):
        time.sleep(10)
        victim = session.workers.pop(chance.randrange(len(session.workers)))
        kill(victim)
        session.start_worker()
    session.sent()
    killed = time.monotonic()
    session.wait(plan, seconds=45)
    lost = plan.count - session.notes.done(plan)
    again = sum(len(session.notes.times["s"][n]) > 1 for n in range(plan.first, plan.first + plan.count))
    return {
        "lost": lost,
        "doubled": session.notes.doubled(plan),
        "started again": again,
        "last one after s": time.monotonic() - killed,
    }


WORKLOADS = {
    "W1": Workload("no-ops drained", "3,000 of 100,000; one worker process, 10 at once", ("jobs/s", "doubled"), drain),
    "W2": Workload(
        "latency at low load, open loop",
        "Poisson, 25 a second, 4 s a round instead of 5 min; from the planned moment to the handler",
        ("p50 ms", "p95 ms", "p99 ms", "accepted to start p99 ms"),
        paced,
    ),
    "W3": Workload("100 ms of sleep, 10 at once", "100 jobs; 100 a second is the most", ("jobs/s",), sleeping),
    "W4": Workload("payloads", "300 of 1 kB, 100 of 100 kB", ("1 kB jobs/s", "100 kB jobs/s"), payloads),
    "W6": Workload(
        "two tenants, 100 to 1",
        "1,000 and 10 jobs of 10 ms, the small tenant's come last",
        ("small tenant's p95 wait s", "the whole takes s"),
        tenants,
    ),
    "W8": Workload(
        "kill -9 of one of two workers every 10 s",
        "three kills, 600 jobs of 200 ms at 20 a second; done within 45 s after, or lost",
        ("lost", "doubled", "started again", "last one after s"),
        kills,
    ),
}


def spread(values: Sequence[float]) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    digits = 0 if middle >= 100 or middle == int(middle) else 1
    return f"{middle:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"
