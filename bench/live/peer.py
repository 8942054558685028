"""A plain strawberry subscription over Redis pub/sub, as its documentation and the package `broadcaster` have it.

One Redis connection a process, a queue a subscriber, strawberry's own ASGI application, uvicorn with its defaults.
`BENCH_REDIS=redis://... python -m bench.live.peer PORT`
"""

import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

import strawberry
import uvicorn
import uvloop
from redis.asyncio import Redis
from strawberry.asgi import GraphQL
from strawberry.scalars import JSON
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

CHANNEL = "bench"


class Broadcast:
    """Hears one channel and hands each message to the subscribers of its topic."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self._queues: dict[str, set[asyncio.Queue[dict[str, object]]]] = defaultdict(set)

    async def listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            async for message in channel.listen():
                if message["type"] == "message":
                    event = json.loads(message["data"])
                    for queue in self._queues[event["topic"]]:
                        queue.put_nowait(event)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncGenerator[asyncio.Queue[dict[str, object]]]:
        queue: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self._queues[topic].add(queue)
        try:
            yield queue
        finally:
            self._queues[topic].discard(queue)


broadcast = Broadcast(os.environ.get("BENCH_REDIS", "redis://127.0.0.1"))


@strawberry.type
class Event:
    """The same fields as ours."""

    cursor: str
    number: int
    name: str
    subject_id: strawberry.ID
    at: datetime
    data: JSON


@strawberry.type
class Query:
    """A schema needs one."""

    @strawberry.field
    async def hello(self) -> str:
        return "world"


@strawberry.type
class Subscription:
    """What happens in a topic."""

    @strawberry.subscription
    async def events(self, topic: str) -> AsyncGenerator[Event]:
        async with broadcast.subscribe(topic) as queue:
            while True:
                told = await queue.get()
                yield Event(
                    cursor=str(told["cursor"]),
                    number=int(str(told["number"])),
                    name=str(told["name"]),
                    subject_id=strawberry.ID(str(told["subjectId"])),
                    at=datetime.fromisoformat(str(told["at"])),
                    data=JSON(told["data"]),
                )


async def main() -> None:
    schema = strawberry.Schema(query=Query, subscription=Subscription)
    app = GraphQL(schema, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
    listening = asyncio.create_task(broadcast.listen())
    config = uvicorn.Config(app, port=int(sys.argv[1]), log_level="warning", lifespan="off")
    await uvicorn.Server(config).serve()
    listening.cancel()


if __name__ == "__main__":
    uvloop.run(main())
