"""Workloads in which something is in the way: a backlog, another tenant, death, or jobs that do not end soon."""

import random
import time
from collections.abc import Mapping

from bench.jobs.measures import doubled, latencies, quantile
from bench.jobs.peers.driver import Plan
from bench.jobs.session import NotMeasured, Session, kill
from bench.jobs.speed import PACE, done, warm

BACKLOG = 50_000
KILLS, KILL_SECONDS, MARGIN_SECONDS = 2, 10.0, 8.0
LONG, HANDS, PROCESSES = 200, 60, 4
WINDOW_SECONDS = 4.0


def behind_a_backlog(session: Session) -> Mapping[str, float]:
    """How fast the backlog is picked from, and how soon the urgent are, where the engine has priorities."""
    backlog = session.plan(session.scaled(BACKLOG), priority=2)
    session.send(backlog)
    session.start_worker()
    begun(session, backlog, 50)
    began = time.monotonic_ns()
    figures: dict[str, float] = {}
    if session.row.has_priorities:
        urgent = done(session, round(PACE * WINDOW_SECONDS), rate=PACE, priority=1)
        figures = latencies(session.notes, urgent, {"p50 ms": 0.5, "p95 ms": 0.95}, of="urgent ")
    else:
        time.sleep(WINDOW_SECONDS)
    until = time.monotonic_ns()
    ended = session.read().first("e", backlog).values()
    if len(ended) >= backlog.count:
        raise NotMeasured("the backlog was gone before the end")
    figures["backlog jobs/s"] = sum(began <= at <= until for at in ended) / ((until - began) / 1e9)
    return figures | doubled(session.notes, backlog)


def begun(session: Session, plan: Plan, count: int, *, seconds: float = 30.0) -> int:
    """Wait until so many jobs have been started, or the time is over; answer how many were."""
    deadline = session.deadline(seconds)
    while (found := session.read().begun(plan)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def tenants(session: Session) -> Mapping[str, float]:
    """A tenant with a hundredth of the other's jobs comes last; a fair engine serves it within its share."""
    warm(session)
    large = session.plan(session.scaled(1000), sleep_ms=10)
    small = session.plan(10, sleep_ms=10, tenant=1)
    session.send(large)
    arrived = time.monotonic_ns()
    session.send(small)
    session.settle(large)
    session.settle(small)
    waits = [max(0.0, (at - arrived) / 1e9) for at in session.notes.first("s", small).values()]
    left = max(0.0, (max(session.notes.first("e", large).values()) - arrived) / 1e9)
    figures = {"small tenant's p95 wait s": quantile(waits, 0.95), "the whole takes s": left}
    return figures | doubled(session.notes, large, small)


def kills(session: Session) -> Mapping[str, float]:
    """Two workers of which one is killed every 10 s; then the time until the last job is done."""
    all_at_work(session, 2, hands=10)
    plan = session.plan(400, sleep_ms=200, rate=20)
    chance = random.Random(plan.first)
    session.send_soon(plan)
    for _ in range(KILLS):
        time.sleep(KILL_SECONDS)
        kill(session.workers.pop(chance.randrange(len(session.workers))))
        session.start_worker()
    killed = time.monotonic_ns()
    session.sent()
    # To the end of the time even where all are done: some engines give back what had ended, and double it.
    time.sleep(session.row.gives_back_seconds + MARGIN_SECONDS)
    notes = session.read()
    last = max(notes.first("e", plan).values(), default=killed)
    return {
        "lost": plan.count - notes.done(plan),
        "started again": notes.begun_again(plan),
        "last one after s": max(0.0, (last - killed) / 1e9),
    } | doubled(notes, plan)


def all_at_work(session: Session, processes: int, *, hands: int) -> None:
    """Start workers and give them something to do until each has done some."""
    for _ in range(processes):
        session.start_worker(concurrency=hands)
    deadline = session.deadline(60)
    while session.recorders() < processes:
        if time.monotonic() > deadline:
            raise NotMeasured(f"{session.recorders()} of {processes} workers took a job within 60 s")
        plan = session.plan(hands, sleep_ms=100)
        session.send(plan)
        session.settle(plan)


def beside_long_ones(session: Session) -> Mapping[str, float]:
    """How soon short jobs start while long ones run, and what the store has to do meanwhile."""
    all_at_work(session, PROCESSES, hands=HANDS)
    long = session.plan(LONG, sleep_ms=10_000)
    session.send(long)
    running = begun(session, long, LONG, seconds=4)
    short = session.plan(round(PACE * WINDOW_SECONDS), rate=PACE)
    before, began = session.store.counts(), time.monotonic()
    session.send(short)
    spent, after = time.monotonic() - began, session.store.counts()
    session.settle(short)
    session.settle(long)
    figures = latencies(session.notes, short, {"p50 ms": 0.5, "p99 ms": 0.99}, of="short ")
    figures["running of 200"] = running
    for name, count in after.items():
        if count > before[name]:
            figures[f"{name}/s"] = (count - before[name]) / spent
    return figures | doubled(session.notes, short, long)
