"""Subscriptions: each event is executed and written once for all subscribers who would be told the same.

strawberry's own pipeline keeps an executor a subscriber and executes each event for each of them. Here the root field
is resolved for every subscriber, with its permission, its cursor and its permission again at every event; only what is
below the event is shared, and only if nothing in it looked at who asks (`Context.is_personal`).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Hashable
from contextlib import aclosing
from functools import partial
from hashlib import sha256
from inspect import isawaitable

import orjson
from graphql import ExecutionResult, Executor, GraphQLError
from graphql.execution import create_source_event_stream, execute_subscription_event

from api.context import Context
from api.errors import carried
from api.metering import ApiMetrics
from api.schema import LabSchema
from api.transport.answers import Answered, Ready
from api.transport.sharing import Made, SharedAnswers


class Subscriptions:
    """Runs the subscriptions of one schema."""

    def __init__(self, schema: LabSchema, metrics: ApiMetrics) -> None:
        self._schema = schema
        self._metrics = metrics
        self._shared = SharedAnswers()

    async def answers(self, ready: Ready) -> AsyncGenerator[Answered]:
        """Answer each event; a first answer that is a request error is the only one."""
        source = await self._source(ready)
        if isinstance(source, ExecutionResult):
            yield Answered(ready.errors(source.errors or []), is_request_error=True)
            return
        audience, since = audience_of(ready), asyncio.get_running_loop().time()
        async with aclosing(carried(source)) as events:
            async for event in events:
                if isinstance(event, GraphQLError):
                    yield Answered(ready.body(None, [event]))
                    return
                made = await self._answer(ready, event, audience=audience, since=since)
                since = made.begun_at
                yield made.answered

    async def _source(self, ready: Ready) -> AsyncGenerator[object] | ExecutionResult:
        executor = self._executor(ready, ready.context)
        if isinstance(executor, ExecutionResult):
            return executor
        made = create_source_event_stream(executor)
        source: AsyncIterable[object] | ExecutionResult = await made if isawaitable(made) else made
        if isinstance(source, ExecutionResult | AsyncGenerator):
            return source
        raise TypeError("a subscription's resolver is an async generator")

    async def _answer(self, ready: Ready, event: object, *, audience: Hashable, since: float) -> Made:
        cursor = cursor_of(event)
        execute = partial(self._execute, ready, event, cursor)
        self._metrics.answered.inc()
        if cursor is None:
            return await execute()
        return await self._shared.get((audience, cursor), execute, since=since)

    async def _execute(self, ready: Ready, event: object, cursor: str | None) -> Made:
        begun_at, context = asyncio.get_running_loop().time(), ready.context.for_event()
        self._metrics.executed.inc()
        executor = self._executor(ready, context, event)
        executing = executor if isinstance(executor, ExecutionResult) else execute_subscription_event(executor)
        result = await executing if isawaitable(executing) else executing
        answered = Answered(ready.body(result.data, result.errors), cursor=cursor)
        return Made(answered, begun_at, is_personal=context.is_personal or bool(result.errors))

    def _executor(self, ready: Ready, context: Context, event: object = None) -> Executor[Context] | ExecutionResult:
        built = Executor.build(
            self._schema.graphql,
            ready.prepared.document,
            event,
            context,
            dict(ready.asked.variables),
            ready.asked.operation_name,
        )
        return ExecutionResult(None, errors=built) if isinstance(built, list) else built


def cursor_of(event: object) -> str | None:
    """Where a client can go on behind what a subscription tells; None if it cannot."""
    cursor: object = getattr(event, "cursor", None)
    return cursor if isinstance(cursor, str) else None


def audience_of(ready: Ready) -> Hashable:
    """Who would be told the same of an event: those who ask the same, in the same workspace and role.

    `after` says only where to begin, if it is nothing but the root field's argument.
    """
    asked = ready.asked
    variables = {name: value for name, value in asked.variables.items() if name != ready.prepared.start_variable}
    text = orjson.dumps([asked.query, asked.operation_name, variables], option=orjson.OPT_SORT_KEYS)
    return ready.context.standing, sha256(text).digest()
