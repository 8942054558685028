"""Operations, whatever brought them: made ready, run under a deadline, answered in a shape that may be shown."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult

from api.context import Context, Services, Visit
from api.extensions.documents import Documents
from api.feeds import SharedFeed
from api.limits import Limits
from api.metering import ApiMetrics
from api.queues import SharedQueues
from api.schema import LabSchema
from api.sessions import LiveSessions
from api.transport.answers import Answered, Body, NotRunnable, Ready
from api.transport.asked import Asked
from api.transport.subscriptions import Subscriptions
from domain.errors import Invalid, LabError, Unavailable


class Operations:
    """Runs operations of one schema for all transports."""

    def __init__(self, schema: LabSchema, services: Services, limits: Limits) -> None:
        self.metrics = ApiMetrics()
        self.schema = schema
        self.services = services
        self.limits = limits
        self.sessions = LiveSessions(services, check_seconds=limits.session_check_seconds)
        self._documents = Documents(schema, limits)
        self._sessions = asyncio.Semaphore(limits.sessions_at_once)
        self._subscriptions = Subscriptions(schema, self.metrics)
        self._shared_feed = SharedFeed(services.wakeups)
        self._shared_queues = SharedQueues(services)

    def context(self, visit: Visit) -> Context:
        return Context(
            services=self.services,
            sessions=self._sessions,
            shared_feed=self._shared_feed,
            shared_queues=self._shared_queues,
            visit=visit,
            metrics=self.metrics,
        )

    def prepare(self, asked: Asked, visit: Visit) -> Ready:
        """Make an operation ready to run with a context of its own; raise NotRunnable when it may not."""
        try:
            return self._prepare(asked, visit)
        except NotRunnable:
            self.metrics.refused()
            raise

    def _prepare(self, asked: Asked, visit: Visit) -> Ready:
        prepared = self._documents.prepare(asked.query)
        if isinstance(prepared, Sequence):
            raise NotRunnable(prepared)
        try:
            name = prepared.choose(asked.operation_name)
            weight = self._documents.weigh(prepared, name, asked.variables)
        except Invalid as refusal:
            raise NotRunnable([refused(refusal)]) from None
        context = self.context(visit)
        context.document = prepared.document
        return Ready(asked, prepared, context, prepared.operations[name], weight)

    async def execute(self, ready: Ready) -> Answered:
        """Run a query or a mutation to its end, or to the deadline."""
        with self.metrics.timed(ready.kind) as timed:
            answered = await self._execute(ready)
            timed.outcome = outcome_of(answered)
        return answered

    async def _execute(self, ready: Ready) -> Answered:
        seconds = self.limits.operation_seconds_max
        try:
            async with asyncio.timeout(seconds):
                result = await self.schema.execute(
                    ready.asked.query,
                    variable_values=dict(ready.asked.variables),
                    context_value=ready.context,
                    operation_name=ready.asked.operation_name,
                )
        except TimeoutError:
            late = Unavailable(f"The operation took longer than {seconds:g} s and was stopped.")
            return Answered(ready.errors([refused(late)]), is_late=True)
        cost: Body = {"requestedQueryCost": ready.weight.cost, "maximumQueryCost": self.limits.cost_max}
        if is_request_error(result):
            return Answered(ready.errors(result.errors or []), is_request_error=True)
        return Answered({**ready.body(result.data, result.errors), "extensions": {"cost": cost}})

    async def stream(self, ready: Ready) -> AsyncGenerator[Answered]:
        """Run a subscription; a first answer that is a request error is the only one."""
        with self.metrics.subscribers.track_inprogress():
            async with aclosing(self._subscriptions.answers(ready)) as answers:
                async for answered in answers:
                    yield answered


def outcome_of(answered: Answered) -> str:
    """What came of it, as the metrics name it."""
    if answered.is_late:
        return "late"
    if answered.is_request_error:
        return "refused"
    return "errors" if "errors" in answered.body else "ok"


def refused(refusal: LabError) -> GraphQLError:
    """A refusal as graphql-core carries it."""
    return GraphQLError(refusal.message, original_error=refusal)


def is_request_error(result: ExecutionResult) -> bool:
    """Whether a result says that nothing was executed: no data, and no error that happened at a field."""
    return result.data is None and all(error.path is None for error in result.errors or [])
