"""What a resolver may use: who asks, one transaction at a time, loaders, the clock; made anew for every operation."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import strawberry
from graphql import DocumentNode
from strawberry.dataloader import DataLoader

from api.feeds import SharedFeed
from api.live import LiveServices
from api.metering import ApiMetrics
from api.queues import SharedQueues
from api.work import Work
from bootstrap.scraping import Scraping
from domain.accounts.caller import Caller, Role
from domain.accounts.policies import Lifetimes
from domain.accounts.ports import Credentials
from domain.characters.use_cases.ingest_image import IngestTools
from domain.errors import Invalid, Unauthenticated
from domain.identifiers import WorkspaceId
from domain.jobs.operation_ports import JobOperations
from domain.jobs.queue_look import QueueLooks
from domain.media.ports import ObjectStore
from domain.renders.engines import EngineCatalogue

K = TypeVar("K")
V = TypeVar("V")
# As many keys as the cost of an operation may have, so that a batch is one statement; PostgreSQL takes 32,767.
LOADER_KEYS_MAX = 10_000
# Items of lists that one operation is given, each as often as it is asked for: a document is weighed by how long lists
# usually are, and this is for those that are longer.
LOADED_ITEMS_MAX = 50_000


class Services(LiveServices, Protocol):
    """What the API needs from the rest of the product."""

    @property
    def credentials(self) -> Credentials: ...

    @property
    def lifetimes(self) -> Lifetimes: ...

    @property
    def store(self) -> ObjectStore: ...

    @property
    def ingest_tools(self) -> IngestTools:
        """What reading a picture takes."""
        ...

    @property
    def scraping(self) -> Scraping:
        """What the process shows of itself at `/metrics`."""
        ...

    @property
    def engines(self) -> EngineCatalogue:
        """The engines that can be ordered."""
        ...

    @property
    def url_life(self) -> timedelta:
        """How long a signed address of stored bytes counts at least."""
        ...

    @property
    def storage_origin(self) -> str:
        """Scheme, host and port of every signed address."""
        ...

    @property
    def queue_looks(self) -> QueueLooks:
        """How the queues stand, a second ago at most."""
        ...

    @property
    def operations(self) -> JobOperations:
        """What operators may do, over all workspaces."""
        ...

    def work(self, workspace_id: WorkspaceId | None = None) -> AbstractAsyncContextManager[Work]:
        """One transaction in a workspace (none before sign-in): commits at a clean exit, else rolls back."""
        ...

    async def authenticate(self, token: str) -> Caller:
        """Answer whose access token it is; raise Unauthenticated for one that is forged, expired or revoked."""
        ...

    async def find_outdated(self, callers: Collection[Caller]) -> set[Caller]:
        """Answer which callers would be refused by now: revoked, expired, of another role; one statement for all."""
        ...

    def now(self) -> datetime: ...

    def new_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Batch(Generic[K, V]):
    """A read that many resolvers ask for one key at a time and the database answers at once.

    `fetch(work, keys)` answers a mapping; a key that it leaves out loads as None.
    """

    fetch: Callable[[Work, Sequence[K]], Awaitable[Mapping[K, V]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What came with the request or the socket: credentials and where from."""

    token: str | None = None
    request_id: str = ""
    address: str | None = None
    user_agent: str | None = None
    resume_after: str | None = None
    """The cursor that a stream's client saw last before its connection broke; it wins over an argument `after`."""


class Context:
    """One operation's view of the product; every event of a subscription gets its own by `for_event`."""

    def __init__(
        self,
        *,
        services: Services,
        sessions: asyncio.Semaphore,
        shared_feed: SharedFeed,
        shared_queues: SharedQueues,
        visit: Visit,
        metrics: ApiMetrics | None = None,
    ) -> None:
        self.services = services
        self.shared_feed = shared_feed
        self.shared_queues = shared_queues
        self.metrics = metrics or ApiMetrics()
        self._visit = visit
        self._sessions = sessions
        self._caller: Caller | None = None
        self._authentication = asyncio.Lock()
        self._loaders: dict[object, object] = {}
        self._loaded_items = 0
        self.document: DocumentNode | None = None
        """The operation's document, parsed and validated before the execution begins."""
        self.is_personal = False
        """Whether anything has looked at who asks beyond the workspace and the role; such an answer is never shared."""

    @property
    def visit(self) -> Visit:
        """What came with the request."""
        self.is_personal = True
        return self._visit

    @property
    def request_id(self) -> str:
        return self._visit.request_id

    @property
    def caller(self) -> Caller:
        """Who asks; known once the field's permission has been checked."""
        self.is_personal = True
        if self._caller is None:
            raise Unauthenticated("Sign in first.")
        return self._caller

    @property
    def standing(self) -> tuple[WorkspaceId, Role, bool] | None:
        """The workspace and what one may do: all that an answer may depend on without being personal."""
        caller = self._caller
        return None if caller is None else (caller.workspace_id, caller.role, caller.is_operator)

    def for_event(self) -> "Context":
        """A context for one event of a subscription: the same caller, and nothing that was loaded before."""
        context = Context(
            services=self.services,
            sessions=self._sessions,
            shared_feed=self.shared_feed,
            shared_queues=self.shared_queues,
            visit=self._visit,
            metrics=self.metrics,
        )
        context._caller = self._caller
        return context

    def now(self) -> datetime:
        return self.services.now()

    def new_id(self) -> UUID:
        return self.services.new_id()

    async def authenticate(self) -> Caller:
        """Answer who asks, looking the token up once an operation; raise Unauthenticated for nobody."""
        self.is_personal = True
        async with self._authentication:
            if self._caller is None:
                if self._visit.token is None:
                    raise Unauthenticated("Sign in first.")
                self._caller = await self.services.authenticate(self._visit.token)
        if self._caller.expires_at <= self.now():
            raise Unauthenticated("The access token has expired.")
        return self._caller

    @asynccontextmanager
    async def work(self) -> AsyncGenerator[Work]:
        """One transaction in the caller's workspace; never open a second inside it, nor load through a Batch."""
        workspace_id = self._caller.workspace_id if self._caller else None
        async with self._sessions, self.services.work(workspace_id) as work:
            yield work

    async def load(self, batch: Batch[K, V], key: K) -> V | None:
        """Read one key of the batch together with all that sibling resolvers ask for, in one short session.

        Raises Invalid where the operation has been given more of lists than it may.
        """
        loader: object = self._loaders.get(batch)
        if not isinstance(loader, DataLoader):
            loader = DataLoader(load_fn=self._fetcher(batch), max_batch_size=LOADER_KEYS_MAX)
            self._loaders[batch] = loader
        found = await loader.load(key)
        self._count_items(found)
        return found

    def _count_items(self, found: object) -> None:
        self._loaded_items += len(found) if isinstance(found, list | tuple) else 0
        if self._loaded_items > LOADED_ITEMS_MAX:
            raise Invalid(f"The operation reads more than {LOADED_ITEMS_MAX} items of lists; ask for fewer at once.")

    def _fetcher(self, batch: Batch[K, V]) -> Callable[[list[K]], Awaitable[list[V | None]]]:
        async def fetch(keys: list[K]) -> list[V | None]:
            async with self.work() as work:
                found = await batch.fetch(work, keys)
            return [found.get(key) for key in keys]

        return fetch

    def forget(self) -> None:
        """Let go of what was loaded; a subscription that goes on for hours calls it before it waits."""
        self._loaders.clear()
        self._loaded_items = 0


Info = strawberry.Info[Context, None]
