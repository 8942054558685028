"""What a worker shows to Prometheus: its health, what came of its jobs, its child, memory; read at a scrape."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from gpu_worker.accounts import WORKS, Accounts, steps_of
from gpu_worker.attempt import Outcome
from gpu_worker.health import Health
from gpu_worker.messages import Memory
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
        workshop = worker.workshop
        restarts = max(0, workshop.children_started - 1)
        recycled = workshop.children_recycled
        lost = worker.outcomes[Outcome.LOST]
        yield health
        yield jobs
        yield CounterMetricFamily("lab_worker_child_restarts", "Child processes started after the first.", restarts)
        yield CounterMetricFamily("lab_worker_child_recycled", "Child processes ended for their memory.", recycled)
        yield CounterMetricFamily("lab_worker_leases_lost", "Jobs that were given to another meanwhile.", lost)
        yield from steps_told(workshop.accounts)
        yield from models_told(workshop.accounts)
        yield from memory_told(workshop.memory)


def steps_told(accounts: Accounts) -> Iterable[Metric]:
    """Steps of models; all but the rate as counters, so that a rate over any time can be asked for."""
    labels = ["engine", "work"]
    steps = CounterMetricFamily("lab_worker_steps", "Steps that models made.", labels=labels)
    seconds = CounterMetricFamily("lab_worker_step_seconds", "How long those steps took.", labels=labels)
    rates = GaugeMetricFamily("lab_worker_steps_per_second", "Of the last command that made any.", labels=labels)
    for engine, usage in accounts.totals.items():
        for work in WORKS:
            made, took = steps_of(usage, work)
            steps.add_metric([engine, work], made)
            seconds.add_metric([engine, work], took)
    for (engine, work), rate in accounts.rates.items():
        rates.add_metric([engine, work], rate)
    return steps, seconds, rates


def models_told(accounts: Accounts) -> Iterable[Metric]:
    """The shelf of loaded models."""
    loads = CounterMetricFamily("lab_worker_model_loads", "Models loaded: misses of the shelf.", labels=["engine"])
    seconds = CounterMetricFamily("lab_worker_model_load_seconds", "How long that took.", labels=["engine"])
    hits = CounterMetricFamily("lab_worker_model_hits", "Models that were loaded already.", labels=["engine"])
    for engine, usage in accounts.totals.items():
        loads.add_metric([engine], usage.model_loads)
        seconds.add_metric([engine], usage.model_load_seconds)
        hits.add_metric([engine], usage.model_hits)
    return loads, seconds, hits


def memory_told(memory: Memory | None) -> Iterable[Metric]:
    """As the child told it after its last command; nothing while there is no child."""
    if memory is None:
        return
    on_it, loaded = memory.accelerator_bytes, memory.loaded_bytes
    yield GaugeMetricFamily("lab_worker_accelerator_memory_bytes", "What tensors hold on accelerators.", on_it)
    yield GaugeMetricFamily("lab_worker_loaded_model_bytes", "Models that are kept loaded.", loaded)


def worker_registry(supervisor: Supervisor) -> CollectorRegistry:
    """A registry over the supervisor, its own process, and the child's (`lab_worker_child_process_...`)."""
    registry = CollectorRegistry()
    registry.register(WorkerCollector(supervisor))
    ProcessCollector(registry=registry)
    ProcessCollector(namespace="lab_worker_child", pid=lambda: supervisor.workshop.pid or "none", registry=registry)
    return registry
