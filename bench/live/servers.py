"""The two servers that are compared: how each is started, subscribed to, and told of events."""

import json
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from argon2 import PasswordHasher
from redis.asyncio import Redis

from adapters.credentials.passwords import Argon2PasswordHasher
from bench.live.peer import CHANNEL
from bootstrap.container import Container, open_container
from bootstrap.embedded import EmbeddedStack, free_port, inherited_environment
from bootstrap.processes import ManagedProcess
from bootstrap.settings import Settings, nested
from domain.accounts.models import Grant
from domain.accounts.use_cases import NewSession, SignUp, sign_up
from domain.events import Event, Stream, StreamKind
from domain.identifiers import SessionId, UserId, WorkspaceId

FIELDS = "cursor number name subjectId at data"
NOTE = "x" * 100
NAME = "Told"
PASSWORD = "a sentence is better"  # noqa: S105 - of members who live as long as the measurement


@dataclass(frozen=True, slots=True)
class Seats:
    """What the subscribers of each topic bring along: a token and the operation, one a topic."""

    tokens: Sequence[str]
    payloads: Sequence[Mapping[str, object]]


class Server(Protocol):
    """A server of live events, running."""

    name: str
    port: int
    process: ManagedProcess

    def seats(self, topics: range) -> Seats: ...

    async def tell(self, topic: int, *, is_counted: bool) -> None:
        """Let something happen in a topic; it carries the moment at which this began unless it is not counted."""
        ...


def data(*, is_counted: bool) -> dict[str, Any]:
    return {"sent": time.time() if is_counted else 0, "note": NOTE}


class Ours:
    """The API, over events that are written in transactions."""

    name = "Character Lab"

    def __init__(self, process: ManagedProcess, port: int, container: Container, grants: Sequence[Grant]) -> None:
        self.process = process
        self.port = port
        self._container = container
        self._grants = grants
        self._things = [container.new_id() for _ in grants]

    def seats(self, topics: range) -> Seats:
        payload = {"query": f"subscription {{ workspaceEvents {{ {FIELDS} }} }}"}
        return Seats([self._grants[topic].access_token for topic in topics], [payload])

    async def tell(self, topic: int, *, is_counted: bool) -> None:
        workspace_id = self._grants[topic].workspace_id
        stream = Stream(StreamKind.CHARACTER, self._things[topic], workspace_id)
        async with self._container.work(workspace_id) as work:
            await work.events.append(Event(stream, NAME, data(is_counted=is_counted)))


class Plain:
    """strawberry over Redis pub/sub; nothing is stored."""

    name = "strawberry over Redis pub/sub"

    def __init__(self, process: ManagedProcess, port: int, redis: Redis) -> None:
        self.process = process
        self.port = port
        self._redis = redis
        self._number = 0

    def seats(self, topics: range) -> Seats:
        query = f"subscription($topic: String!) {{ events(topic: $topic) {{ {FIELDS} }} }}"
        return Seats(["none"], [{"query": query, "variables": {"topic": str(topic)}} for topic in topics])

    async def tell(self, topic: int, *, is_counted: bool) -> None:
        self._number += 1
        told = {"topic": str(topic), "cursor": f"{self._number:024}", "number": self._number, "name": NAME}
        at, subject = datetime.now(UTC).isoformat(), "character_01940000-0000-7000-8000-000000000100"
        event = {**told, "subjectId": subject, "at": at, "data": data(is_counted=is_counted)}
        await self._redis.publish(CHANNEL, json.dumps(event))


@asynccontextmanager
async def ours(stack: EmbeddedStack, topics: int) -> AsyncGenerator[Server]:
    environment, port = dict(stack.environment()), free_port()
    environment["LAB_API__PORT"] = str(port)
    async with open_container(Settings.model_validate(nested(environment))) as container:
        grants = [await member(container, topic) for topic in range(topics)]
        process = started("api", ["-m", "api"], stack.folder, environment)
        try:
            yield Ours(process, port, container, grants)
        finally:
            process.stop()


@asynccontextmanager
async def plain(stack: EmbeddedStack, topics: int) -> AsyncGenerator[Server]:
    del topics
    url, port = stack.environment()["LAB_REDIS__URL"], free_port()
    redis = Redis.from_url(url)
    process = started("peer", ["-m", "bench.live.peer", str(port)], stack.folder, {"BENCH_REDIS": url})
    try:
        yield Plain(process, port, redis)
    finally:
        process.stop()
        await redis.aclose()


def started(name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> ManagedProcess:
    process = ManagedProcess(name, [sys.executable, *command], folder=folder, is_ready=lambda: True, is_quiet=True)
    process.start({**inherited_environment(), "PYTHONPATH": str(Path.cwd()), **environment})
    return process


async def member(container: Container, topic: int) -> Grant:
    """Somebody with a workspace; the password is hashed at its cheapest, which is not what is measured."""
    cheap = Argon2PasswordHasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    user_id = container.new_id()
    granted = await sign_up(
        container.work,
        credentials=replace(container.credentials, passwords=cheap),
        order=SignUp(
            email=f"member-{user_id}@example.org",
            password=PASSWORD,
            name="",
            address=f"192.0.{topic // 250}.{topic % 250}",
            user_id=UserId(user_id),
            workspace_id=WorkspaceId(container.new_id()),
            session=NewSession(SessionId(container.new_id()), container.new_id()),
        ),
        lifetimes=container.lifetimes,
        now=container.now(),
    )
    assert isinstance(granted, Grant)
    return granted
