"""What a worker shows to Prometheus: its health, what came of its jobs, its child, memory; read at a scrape."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from gpu_worker.attempt import Outcome
from gpu_worker.health import Health
from gpu_worker.supervisor import Supervisor


class WorkerCollector(Collector):
    """Reads a supervisor, which counts for itself."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def collect(self) -> Iterable[Metric]:
        worker = self._supervisor
        health = GaugeMetricFamily("lab_worker_health", "1 for the state that the worker is in.", labels=["state"])
        for state in Health:
            health.add_metric([state.lower()], state is worker.health)
        jobs = CounterMetricFamily("lab_worker_jobs", "Attempts that ended, by outcome.", labels=["outcome"])
        for outcome, count in worker.outcomes.items():
            jobs.add_metric([outcome], count)
        restarts = max(0, worker.workshop.children_started - 1)
        lost = worker.outcomes[Outcome.LOST]
        yield health
        yield jobs
        yield CounterMetricFamily("lab_worker_child_restarts", "Child processes started after the first.", restarts)
        yield CounterMetricFamily("lab_worker_leases_lost", "Jobs that were given to another meanwhile.", lost)


def worker_registry(supervisor: Supervisor) -> CollectorRegistry:
    """A registry over the supervisor, its own process, and the child's (`lab_worker_child_process_...`)."""
    registry = CollectorRegistry()
    registry.register(WorkerCollector(supervisor))
    ProcessCollector(registry=registry)
    ProcessCollector(namespace="lab_worker_child", pid=lambda: supervisor.workshop.pid or "none", registry=registry)
    return registry
