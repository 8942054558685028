"""What is computed from the notes of handlers: rates, quantiles, and what became of every number."""

from collections.abc import Mapping, Sequence

from bench.jobs.notes import Notes
from bench.jobs.peers.driver import Plan

WARM_SHARE = 0.1
SHARES = {"p50 ms": 0.5, "p95 ms": 0.95, "p99 ms": 0.99}


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest rank, from above: of few values the highest stands for the last quantiles."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def rate(notes: Notes, plan: Plan) -> float:
    """Jobs a second from handler to handler, without the first tenth."""
    ended = sorted(notes.first("e", plan).values())[int(plan.count * WARM_SHARE) :]
    return (len(ended) - 1) / max(1e-9, (ended[-1] - ended[0]) / 1e9)


def throughput(notes: Notes, plan: Plan) -> float:
    """Jobs a second from the first start to the last end: for jobs that end in bunches, which `rate` would flatter."""
    took = max(notes.first("e", plan).values()) - min(notes.first("s", plan).values())
    return plan.count / max(1e-9, took / 1e9)


def waits_ms(notes: Notes, plan: Plan, *, since: str) -> list[float]:
    """Milliseconds from a mark until the handler of each job that was started; 0 where the handler was first."""
    began = notes.first(since, plan)
    return [max(0.0, (at - began[n]) / 1e6) for n, at in notes.first("s", plan).items()]


def latencies(notes: Notes, plan: Plan, names: Mapping[str, float] = SHARES, *, of: str = "") -> dict[str, float]:
    """Quantiles of the waits since the planned moment, by the name of their column."""
    waits = waits_ms(notes, plan, since="p")
    return {of + name: quantile(waits, share) for name, share in names.items()}


def doubled(notes: Notes, *plans: Plan) -> dict[str, float]:
    return {"doubled": sum(notes.doubled(plan) for plan in plans)}
