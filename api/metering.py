"""What one API process counts: requests, subscribers, and how late events are."""

from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

from graphql import OperationType
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LAG_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Timed:
    """One request; `outcome` is what came of it, `left` unless its end was reached."""

    def __init__(self) -> None:
        self.outcome = "left"


class ApiMetrics:
    """Counters of one application, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "lab_graphql_request_seconds",
            "Queries and mutations, by what came of them: ok, errors, refused, late, left.",
            ["operation_type", "outcome"],
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        self.subscribers = Gauge("lab_graphql_subscribers", "Subscriptions that are open now.", registry=self.registry)
        self.answered = Counter(
            "lab_subscription_answers", "Events that subscribers were answered.", registry=self.registry
        )
        self.executed = Counter(
            "lab_subscription_executions",
            "Times that an event was executed; subscribers who ask the same share one.",
            registry=self.registry,
        )
        self._event_lag = Histogram(
            "lab_event_lag_seconds",
            "From when a thing happened until a subscriber that was there already is handed the event.",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )

    @contextmanager
    def timed(self, kind: OperationType) -> Generator[Timed]:
        """Time one request, and count it by its outcome."""
        started, timed = perf_counter(), Timed()
        try:
            yield timed
        finally:
            self._requests.labels(kind.value, timed.outcome).observe(perf_counter() - started)

    def refused(self) -> None:
        """Count a request that was not run: its document does not parse, validate or fit the limits."""
        self._requests.labels("unknown", "refused").observe(0.0)

    def told(self, lag_seconds: float) -> None:
        self._event_lag.observe(max(0.0, lag_seconds))
