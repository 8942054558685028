"""Workloads of an engine that is well: how fast, how soon, how far from its store."""

from collections.abc import Mapping

from bench.jobs.measures import doubled, latencies, quantile, rate, throughput, waits_ms
from bench.jobs.peers.driver import Plan
from bench.jobs.session import Session

NOOPS = 2000
PACE = 25.0


def warm(session: Session) -> None:
    """Warm up, which starts a worker where none runs."""
    if not session.workers:
        session.start_worker()
    plan = session.plan(50)
    session.send(plan)
    session.settle(plan)


def done(session: Session, count: int, **how: float) -> Plan:
    """Send this many jobs and wait until they have ended."""
    plan = session.plan(session.scaled(count), **how)
    session.send(plan)
    session.settle(plan)
    return plan


def drain(session: Session) -> Mapping[str, float]:
    session.stop_workers()
    plan = session.plan(session.scaled(NOOPS))
    session.send(plan)
    session.start_worker()
    session.settle(plan)
    return {"jobs/s": rate(session.notes, plan)} | doubled(session.notes, plan)


def paced(session: Session) -> Mapping[str, float]:
    """Latency from the planned moment, and from the moment when the sender was told that the job is accepted."""
    warm(session)
    plan = done(session, 100, rate=PACE)
    after = waits_ms(session.notes, plan, since="q")
    figures = latencies(session.notes, plan) | doubled(session.notes, plan)
    return figures | {"accepted to start p99 ms": quantile(after, 0.99)}


def sleeping(session: Session) -> Mapping[str, float]:
    figures: dict[str, float] = {}
    plans: list[Plan] = []
    for hands in (10, 60):
        session.stop_workers()
        session.start_worker(concurrency=hands)
        warm(session)
        plans.append(done(session, 10 * hands, sleep_ms=100))
        figures[f"{hands} at once jobs/s"] = throughput(session.notes, plans[-1])
    session.stop_workers()
    return figures | doubled(session.notes, *plans)


def payloads(session: Session) -> Mapping[str, float]:
    warm(session)
    small, large = done(session, 300, size_bytes=1000), done(session, 100, size_bytes=100_000)
    figures = {"1 kB jobs/s": throughput(session.notes, small), "100 kB jobs/s": throughput(session.notes, large)}
    return figures | doubled(session.notes, small, large)


def far_away(session: Session) -> Mapping[str, float]:
    warm(session)
    many, few = done(session, 1000), done(session, 50, rate=PACE)
    shares = {"p50 ms": 0.5, "p95 ms": 0.95}
    figures = {"jobs/s": rate(session.notes, many)} | latencies(session.notes, few, shares)
    return figures | doubled(session.notes, many, few)
