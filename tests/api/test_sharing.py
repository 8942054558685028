"""Subscribers who are told the same share one execution of each event; whoever is told something else does not."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

import pytest

from api.context import Visit
from api.transport.answers import Answered
from api.transport.asked import Asked
from api.transport.operations import Operations
from api.transport.sharing import Made, SharedAnswers
from tests.api.conftest import LIMITS, SCHEMA
from tests.api.toy import ToyServices

MANY = 50


@dataclass
class Crowd:
    """Subscribers of one process."""

    services: ToyServices
    streams: list[AsyncGenerator[Answered]] = field(default_factory=list[AsyncGenerator[Answered]])

    def __post_init__(self) -> None:
        self.operations = Operations(SCHEMA, self.services, LIMITS)

    def add(self, selection: str, *, token: str = "viewer", **variables: str) -> None:
        query = f"subscription($after: String) {{ news(after: $after) {{ cursor {selection} }} }}"
        ready = self.operations.prepare(
            Asked(query, variables, None), Visit(token=token, address=str(len(self.streams)))
        )
        self.streams.append(self.operations.stream(ready))

    async def told(self, *names: str) -> list[list[Answered]]:
        """What each subscriber is told of these events; all are there before the first."""
        self.services.toys.reads = asyncio.Queue()
        async with AsyncExitStack() as stack, asyncio.timeout(10):
            for stream in self.streams:
                await stack.enter_async_context(aclosing(stream))
            firsts = [asyncio.ensure_future(anext(stream)) for stream in self.streams]
            await self.services.toys.reads.get()
            for name in names:
                self.services.toys.tell(name)
            rest = [[await first] for first in firsts]
            for found, stream in zip(rest, self.streams, strict=True):
                found += [await anext(stream) for _ in names[1:]]
            return rest

    def counted(self, name: str) -> float | None:
        return self.operations.metrics.registry.get_sample_value(f"lab_subscription_{name}_total")


def data(answered: Answered) -> dict[str, object]:
    return json.loads(answered.encoded)["data"]["news"]


async def test_an_event_is_executed_and_written_once_for_fifty_subscribers(services: ToyServices) -> None:
    crowd = Crowd(services)
    for _ in range(MANY):
        crowd.add("number")
    told = await crowd.told("Made", "Changed", "Gone")
    assert [[data(each)["number"] for each in found] for found in told] == [[1, 2, 3]] * MANY
    assert (crowd.counted("executions"), crowd.counted("answers")) == (3, 3 * MANY)
    assert all(answered is first for found in told for answered, first in zip(found, told[0], strict=True))


async def test_where_a_subscriber_began_does_not_matter(services: ToyServices) -> None:
    services.toys.tell("Made")
    cursor = data((await _first(services))[0])["cursor"]
    crowd = Crowd(services)
    crowd.add("number")
    crowd.add("number", after=str(cursor))
    await crowd.told("Changed")
    assert (crowd.counted("executions"), crowd.counted("answers")) == (1, 2)


async def _first(services: ToyServices) -> list[Answered]:
    crowd = Crowd(services)
    crowd.add("number")
    return (await crowd.told("First"))[0]


@pytest.mark.parametrize("selection", ["reader", "address"])
async def test_who_asks_for_something_personal_gets_an_own_answer(services: ToyServices, selection: str) -> None:
    crowd = Crowd(services)
    for _ in range(3):
        crowd.add(selection)
    told = await crowd.told("Made", "Changed")
    assert len({str(data(found[1])[selection]) for found in told}) == 3
    assert crowd.counted("executions") == 6


async def test_roles_are_asked_for_each_subscriber(services: ToyServices) -> None:
    crowd = Crowd(services)
    crowd.add("secret", token="owner")
    crowd.add("secret", token="viewer")
    (owner,), (viewer,) = await crowd.told("Made")
    assert data(owner)["secret"] == "swordfish"
    assert b"FORBIDDEN" in viewer.encoded
    assert b"swordfish" not in viewer.encoded


async def test_a_failure_is_never_shared(services: ToyServices) -> None:
    crowd = Crowd(services)
    for _ in range(3):
        crowd.add("wrong")
    told = await crowd.told("Made")
    assert len({found[0].encoded for found in told}) == 3


async def test_a_maker_that_leaves_is_followed_by_another_and_no_answer_is_older_than_the_last() -> None:
    shared, loop = SharedAnswers(), asyncio.get_running_loop()
    begun = asyncio.Event()

    async def never() -> Made:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def make() -> Made:
        return Made(Answered({}), loop.time(), is_personal=False)

    leaving = asyncio.create_task(shared.get("key", never, since=0))
    await begun.wait()
    staying = [asyncio.create_task(shared.get("key", make, since=0)) for _ in range(2)]
    leaving.cancel()
    first, second = await asyncio.gather(*staying)
    assert first is second
    assert await shared.get("key", make, since=first.begun_at + 1e-9) is not first
