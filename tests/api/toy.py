"""A slice and services small enough to hold in the head, to try the house of the API without the product."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.work import PostgresWork
from api.context import Batch, Context, Info
from api.events.following import workspace_events
from api.node import Node, global_id, local_id
from api.paging import Connection, Paged, connection
from api.permissions import ANYONE, EDITOR, OWNER, VIEWER
from api.results import Refusal
from api.slices import Slice
from api.work import Work
from bootstrap.scraping import Scraping
from domain.accounts.caller import Caller, Role
from domain.accounts.policies import Lifetimes
from domain.accounts.ports import Credentials
from domain.characters.use_cases.ingest_image import IngestTools
from domain.errors import Conflict, LimitExceeded, Unauthenticated
from domain.events import (
    Feed,
    Progress,
    ProgressReports,
    RecordedEvent,
    Stream,
    StreamKind,
    Wakeups,
    stream_key,
    workspace_key,
)
from domain.identifiers import SessionId, UserId, WorkspaceId
from domain.jobs.operation_ports import JobOperations
from domain.jobs.queue_look import QueueLooks
from domain.media.ports import ObjectStore
from domain.paging import Edge, Page, PageRequest
from domain.renders.engines import EngineCatalogue

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WORKSPACE = WorkspaceId(UUID("01940000-0000-7000-8000-000000000001"))
THINGS = [UUID(f"01940000-0000-7000-8000-{number:012}") for number in range(100, 105)]


class TooHeavy(Conflict):
    """A refusal that clients branch on."""


class ToyWork(PostgresWork):
    """A transaction over nothing: real stores on a session that is bound to no database."""

    def __init__(self, workspace_id: WorkspaceId | None) -> None:
        super().__init__(AsyncSession(), workspace_id=workspace_id, new_id=uuid4)


class ToyBell:
    """A dirty bit."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def wait(self, timeout_seconds: float) -> bool:
        try:
            async with asyncio.timeout(timeout_seconds):
                await self.rung.wait()
        except TimeoutError:
            return False
        self.rung.clear()
        return True


class ToyWatch:
    """Progress that never comes."""

    async def next(self, timeout_seconds: float) -> Sequence[Progress]:
        await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=timeout_seconds)
        return []


class ToyFeed:
    """Events kept in a list, bells rung at every event, unless it is deaf."""

    def __init__(self) -> None:
        self.events: list[RecordedEvent] = []
        self.bells: dict[str, set[ToyBell]] = {}
        self.is_deaf = False
        self.bug: Exception | None = None
        self.troubles: list[Exception] = []
        self.is_hiding = False
        self.left = asyncio.Event()
        self.reads: asyncio.Queue[str | int] = asyncio.Queue()

    def tell(self, name: str, thing: UUID = THINGS[0], *, text: str = "") -> RecordedEvent:
        stream = Stream(StreamKind.CHARACTER, thing, WORKSPACE)
        number = 1 + sum(event.stream == stream for event in self.events)
        event = RecordedEvent(stream, number, name, {"n": number, "text": text}, NOW, f"{len(self.events) + 1:06}")
        self.events.append(event)
        keys = (stream_key(stream.kind, thing), workspace_key(WORKSPACE))
        for bell in () if self.is_deaf else (bell for key in keys for bell in self.bells.get(key, ())):
            bell.rung.set()
        return event

    async def read_stream(self, stream: Stream, *, after: int, limit: int = 100) -> Sequence[RecordedEvent]:
        self.reads.put_nowait(after)
        if self.bug is not None:
            raise self.bug
        if self.troubles:
            raise self.troubles.pop()
        return [event for event in self.events if event.stream == stream and event.number > after][:limit]

    async def read_workspace(
        self, workspace_id: WorkspaceId, *, after: str | None, limit: int = 100
    ) -> Sequence[RecordedEvent]:
        self.reads.put_nowait(after or "")
        if self.is_hiding:
            return []
        return [event for event in self.events if event.cursor > (after or "")][:limit]

    async def newest_cursor(self, workspace_id: WorkspaceId) -> str:
        return self.events[-1].cursor if self.events else ""

    def ring(self, key: str) -> None:
        for bell in self.bells.get(key, ()):
            bell.rung.set()

    @asynccontextmanager
    async def subscribe(self, key: str) -> AsyncGenerator[ToyBell]:
        bell = ToyBell()
        self.bells.setdefault(key, set()).add(bell)
        try:
            yield bell
        finally:
            self.bells[key].remove(bell)
            self.left.set()

    async def publish(self, progress: Progress) -> None:
        return

    @asynccontextmanager
    async def watch(self, subject_id: UUID) -> AsyncGenerator[ToyWatch]:
        yield ToyWatch()


class NoOperations:
    """Services of a lab that nobody looks after, nor signs in to."""

    @property
    def credentials(self) -> Credentials:
        raise NotImplementedError

    @property
    def lifetimes(self) -> Lifetimes:
        raise NotImplementedError

    @property
    def operations(self) -> JobOperations:
        raise NotImplementedError

    @property
    def queue_looks(self) -> QueueLooks:
        raise NotImplementedError


@dataclass
class ToyServices(NoOperations):
    """Callers by token; counts transactions; the clock stands until it is moved."""

    moment: datetime = NOW
    works: list[WorkspaceId | None] = field(default_factory=list[WorkspaceId | None])
    toys: ToyFeed = field(default_factory=ToyFeed)
    lifetime: timedelta = timedelta(minutes=15)
    are_signed_out: bool = False
    checks: list[int] = field(default_factory=list[int])
    troubles: list[Exception] = field(default_factory=list[Exception])
    absences: list[Exception] = field(default_factory=list[Exception])
    started: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def feed(self) -> Feed:
        return self.toys

    @property
    def wakeups(self) -> Wakeups:
        return self.toys

    @property
    def progress(self) -> ProgressReports:
        return self.toys

    @asynccontextmanager
    async def work(self, workspace_id: WorkspaceId | None = None) -> AsyncGenerator[Work]:
        self.works.append(workspace_id)
        yield ToyWork(workspace_id)

    @property
    def store(self) -> ObjectStore:
        raise NotImplementedError

    @property
    def scraping(self) -> Scraping:
        return Scraping()

    @property
    def engines(self) -> EngineCatalogue:
        return EngineCatalogue.of([])

    @property
    def ingest_tools(self) -> IngestTools:
        raise NotImplementedError

    @property
    def url_life(self) -> timedelta:
        raise NotImplementedError

    @property
    def storage_origin(self) -> str:
        return "https://storage.example"

    async def authenticate(self, token: str) -> Caller:
        if self.absences:
            raise self.absences.pop()
        if token not in list(Role):
            raise Unauthenticated("The access token is not valid.")
        expires_at = NOW + self.lifetime
        if expires_at <= self.moment:
            raise Unauthenticated("The access token has expired.")
        return Caller(UserId(uuid4()), SessionId(uuid4()), WORKSPACE, Role(token), expires_at)

    async def find_outdated(self, callers: Collection[Caller]) -> set[Caller]:
        self.checks.append(len(callers))
        if self.troubles:
            raise self.troubles.pop()
        return set(callers) if self.are_signed_out else set()

    def now(self) -> datetime:
        return self.moment

    def new_id(self) -> UUID:
        return uuid4()


async def fetch_labels(_work: Work, keys: Sequence[UUID]) -> Mapping[UUID, str]:
    return {key: f"label {key.int % 100}" for key in keys if key in THINGS}


LABELS = Batch(fetch_labels)


@strawberry.type(description="A toy.")
class Thing(Node):
    """A toy."""

    local: strawberry.Private[UUID]

    @strawberry.field(description="Its label, read in batches.")
    async def label(self, info: Info) -> str | None:
        return await info.context.load(LABELS, self.local)

    @strawberry.field(description="Toys like it.")
    async def others(self) -> list["Thing"]:
        return [present(key) for key in THINGS]


def present(key: UUID) -> Thing:
    return Thing(id=global_id("Thing", key), local=key)


@asynccontextmanager
async def never(info: Info) -> AsyncGenerator[None]:
    """Tells the toy services of its start and of its cancellation."""
    services = info.context.services
    assert isinstance(services, ToyServices)
    services.started.set()
    try:
        yield
    finally:
        services.cancelled.set()


async def fetch_things(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Node]:
    async with context.work():
        return {key: present(key) for key in keys if key in THINGS}


async def page_of_things(page: PageRequest) -> Page[UUID]:
    after = page.after or ""
    keys = [key for key in THINGS if str(key) > after]
    found = keys[: page.limit]
    return Page([Edge(key, str(key)) for key in found], len(keys) > len(found), bool(after))


@strawberry.type
class ToyQueries:
    """Root fields that show each kind of answer."""

    @strawberry.field(description="Greets.", extensions=[ANYONE])
    async def hello(self, name: Annotated[str, strawberry.argument(description="Who is greeted.")] = "world") -> str:
        return f"Hello, {name}!"

    @strawberry.field(description="Our bug.", extensions=[ANYONE])
    async def broken(self) -> str:
        raise ValueError("the secret is swordfish")

    @strawberry.field(description="A result that does not fit the schema.", extensions=[ANYONE])
    async def misfit(self) -> int:
        return int("9" * 20)

    @strawberry.field(description="Too much.", extensions=[ANYONE])
    async def busy(self) -> str:
        raise LimitExceeded("Come back later.", retry_after_seconds=3)

    @strawberry.field(description="Never answers.", extensions=[ANYONE])
    async def slow(self, info: Info) -> str:
        async with never(info):
            await asyncio.Event().wait()
        return "never"

    @strawberry.field(description="The toys.", extensions=[VIEWER, Paged()])
    async def things(self, info: Info, page: PageRequest) -> Connection[Thing]:
        async with info.context.work():
            found = await page_of_things(page)
        return connection(found, present)


@strawberry.type(description="The toy was lifted.")
class ThingLifted:
    """Success."""

    thing: Thing = strawberry.field(description="The toy.")


@strawberry.type(description="The toy is too heavy.")
class ThingTooHeavy(Refusal):
    """A fact."""


LiftThingResult = Annotated[
    ThingLifted | ThingTooHeavy, strawberry.union("LiftThingResult", description="What lifting a toy can come to.")
]


@strawberry.input(description="Which toy to lift, and how.")
class LiftThingInput:
    """The input of liftThing."""

    thing_id: strawberry.ID = strawberry.field(description="The toy.")
    kilograms: int = strawberry.field(description="How heavy it is.")


def lift(kilograms: int) -> None:
    if kilograms > 10:
        raise TooHeavy("It is too heavy.")


@strawberry.type
class LiftThing:
    """The mutation liftThing."""

    @strawberry.mutation(description="Lift a toy.", extensions=[EDITOR])
    async def lift_thing(
        self,
        info: Info,
        given: Annotated[LiftThingInput, strawberry.argument(name="input", description="What to lift.")],
    ) -> LiftThingResult:
        key = local_id("Thing", given.thing_id, field="thingId")
        try:
            async with info.context.work():
                lift(given.kilograms)
        except TooHeavy as fact:
            return ThingTooHeavy(message=fact.message)
        return ThingLifted(thing=present(key))

    @strawberry.mutation(description="Burn everything.", extensions=[OWNER])
    async def burn(self) -> bool:
        return True


@strawberry.type(description="What happened, told differently to everybody who asks how.")
class News:
    """One event of the workspace."""

    cursor: str = strawberry.field(description="Points behind it.")
    number: int = strawberry.field(description="Its number.")

    @strawberry.field(description="Who is told.")
    async def reader(self, info: Info) -> strawberry.ID:
        return strawberry.ID(str(info.context.caller.user_id))

    @strawberry.field(description="Where the reader sits.")
    async def address(self, info: Info) -> str | None:
        return info.context.visit.address

    @strawberry.field(description="For owners.", extensions=[OWNER])
    async def secret(self) -> str:
        return "swordfish"

    @strawberry.field(description="Goes wrong.")
    async def wrong(self) -> str | None:
        raise ValueError("the secret is swordfish")


@strawberry.type
class ToySubscriptions:
    """Subscriptions that count, fail and wait."""

    @strawberry.subscription(description="Counts up to a number.", extensions=[ANYONE])
    async def count(self, to: Annotated[int, strawberry.argument(description="Where to stop.")]) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription(description="Gives one number, then is our bug.", extensions=[ANYONE])
    async def breaking(self) -> AsyncIterator[int]:
        yield 1
        raise ValueError("the secret is swordfish")

    @strawberry.subscription(description="Waits for ever.", extensions=[ANYONE])
    async def waiting(self, info: Info) -> AsyncIterator[int]:
        async with never(info):
            await asyncio.Event().wait()
            yield 1

    @strawberry.subscription(description="More than anybody reads.", extensions=[ANYONE])
    async def flood(self, info: Info) -> AsyncIterator[str]:
        async with never(info):
            while True:
                yield "x" * 50_000

    @strawberry.subscription(description="What happens, for members.", extensions=[VIEWER])
    async def news(
        self, info: Info, after: Annotated[str | None, strawberry.argument(description="The last cursor.")] = None
    ) -> AsyncIterator[News]:
        async with aclosing(workspace_events(info.context, after=after)) as events:
            async for told in events:
                yield News(cursor=told.cursor, number=told.event.number)

    @strawberry.subscription(description="A toy, again and again, for members.", extensions=[VIEWER])
    async def watching(
        self, info: Info, to: Annotated[int, strawberry.argument(description="Where to stop.")]
    ) -> AsyncIterator[Thing]:
        for _ in range(to):
            yield present(THINGS[0])


TOYS = Slice(
    queries=(ToyQueries,),
    mutations=(LiftThing,),
    subscriptions=(ToySubscriptions,),
    nodes={"Thing": fetch_things},
    types=(Thing,),
)
