"""What the jobs process counts, and what it reads from the queues when it is asked; `docs/metrics.md` has the list.

Labels have few values, never an id: a queue, a kind of job as the code names them, an outcome.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.postgres.database import PostgresDatabase
from domain.jobs.load import QueueLoad, workers_wanted
from domain.jobs.models import ClaimedJob, JobState

LAG_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
WORK_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
LOOK_SECONDS = 5.0

OUTCOMES = {
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
    JobState.CANCELED: "canceled",
    JobState.QUEUED: "retried",
}


def by_kind(name: str, means: str, registry: CollectorRegistry) -> Histogram:
    return Histogram(name, means, ["kind"], buckets=WORK_BUCKETS, registry=registry)


class JobMetrics:
    """Counters of one jobs process; every process counts what it saw itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self._wait = by_kind("lab_job_wait_seconds", "From when a job was due until a worker took it.", registry)
        self._run = by_kind("lab_job_run_seconds", "How long a successful attempt worked.", registry)
        self._attempts = Counter(
            "lab_job_attempts_total",
            "Attempts that ended, by outcome.",
            ["kind", "outcome"],
            registry=registry,
        )
        self.lost = Counter(
            "lab_jobs_lost_total",
            "Jobs taken back because their worker fell silent or crashed.",
            registry=registry,
        )
        self.crashes = Counter(
            "lab_job_crashes_total",
            "Crashes in the middle of a job that workers told of.",
            registry=registry,
        )
        self._set_aside = Counter(
            "lab_jobs_set_aside_total",
            "Jobs ended without their worker: lost too often, or too late.",
            ["state"],
            registry=registry,
        )
        self._stale = Counter(
            "lab_stale_fences_total",
            "Calls of workers whose job had been given to another; all were dropped.",
            ["call"],
            registry=registry,
        )
        self.leases_lost = Counter(
            "lab_leases_lost_total",
            "Leases that this process lost as a worker.",
            registry=registry,
        )
        self._dispatch_lag = Histogram(
            "lab_dispatch_lag_seconds",
            "From when a job was due until it was dispatched, waiting for a free hand included.",
            ["queue"],
            buckets=LAG_BUCKETS,
            registry=registry,
        )

    def claimed(self, job: ClaimedJob) -> None:
        self._wait.labels(job.kind).observe(job.waited_seconds)

    def succeeded(self, job: ClaimedJob, *, worked_seconds: float) -> None:
        self._run.labels(job.kind).observe(worked_seconds)
        self._attempts.labels(job.kind, "succeeded").inc()

    def failed(self, job: ClaimedJob, state: JobState) -> None:
        self._attempts.labels(job.kind, OUTCOMES.get(state, "failed")).inc()

    def released(self, job: ClaimedJob, state: JobState) -> None:
        self._attempts.labels(job.kind, "canceled" if state is JobState.CANCELED else "released").inc()

    def set_aside(self, state: JobState) -> None:
        self._set_aside.labels(state).inc()

    def dropped(self, call: str) -> None:
        self._stale.labels(call).inc()

    def dispatched(self, queue: str, lag_seconds: Iterable[float]) -> None:
        for seconds in lag_seconds:
            self._dispatch_lag.labels(queue).observe(seconds)


class QueueGauges:
    """What the queues hold, looked up at a scrape and at most every `LOOK_SECONDS`, however many scrape."""

    def __init__(
        self,
        look: Callable[[], Awaitable[Sequence[QueueLoad]]],
        *,
        target_seconds: float,
        registry: CollectorRegistry,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._look = look
        self._look_seconds = look_seconds
        self._target_seconds = target_seconds
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        queue = ["queue"]
        self._depth = Gauge(
            "lab_queue_jobs",
            "Jobs that have not ended, at most 100000 a state.",
            ["queue", "state"],
            registry=registry,
        )
        self._oldest = Gauge(
            "lab_queue_oldest_seconds",
            "How long the oldest job that is due has waited.",
            queue,
            registry=registry,
        )
        self._work = Gauge(
            "lab_queue_work_seconds",
            "Estimated work that waits or runs.",
            queue,
            registry=registry,
        )
        self._paused = Gauge(
            "lab_queue_paused",
            "1 while the queue is paused.",
            queue,
            registry=registry,
        )
        self._workers = Gauge(
            "lab_queue_workers",
            "Workers that were seen lately and do not drain.",
            queue,
            registry=registry,
        )
        self._wanted = Gauge(
            "lab_workers_wanted",
            "Workers that would do all the work within the target.",
            queue,
            registry=registry,
        )

    async def refresh(self) -> None:
        """Have figures that are fresh enough; raises Unavailable when the database does not answer."""
        async with self._looking:
            if time.monotonic() - self._looked_at < self._look_seconds:
                return
            for load in await self._look():
                self._set(load)
            self._looked_at = time.monotonic()

    def _set(self, load: QueueLoad) -> None:
        depth = {
            "queued": load.queued,
            "postponed": load.postponed,
            "dispatched": load.dispatched,
            "running": load.running,
        }
        for state, jobs in depth.items():
            self._depth.labels(load.queue, state).set(jobs)
        self._oldest.labels(load.queue).set(load.oldest_seconds)
        self._work.labels(load.queue).set(load.waiting_seconds + load.running_seconds)
        self._paused.labels(load.queue).set(load.is_paused)
        self._workers.labels(load.queue).set(load.workers)
        self._wanted.labels(load.queue).set(workers_wanted(load, target_seconds=self._target_seconds))


class PoolCollector(Collector):
    """How many connections of each pool are in use, and how many there may be."""

    def __init__(self, pools: Mapping[str, PostgresDatabase]) -> None:
        self._pools = pools

    def collect(self) -> Iterable[Metric]:
        used = GaugeMetricFamily("lab_database_connections_used", "Connections in use, by role.", labels=["role"])
        most = GaugeMetricFamily("lab_database_connections_max", "Connections there may be, by role.", labels=["role"])
        for role, database in self._pools.items():
            used.add_metric([role], database.connections_used)
            most.add_metric([role], database.connections_max)
        return used, most
