"""The composition root: every concrete adapter is named here, once, and lives as long as the process."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias
from uuid import UUID

from prometheus_client import ProcessCollector
from sqlalchemy.exc import DBAPIError

from adapters.pictures.reader import PillowPictureReader
from adapters.pictures.report_painter import OpenCVReportPainter
from adapters.postgres.calls import PostgresCalls
from adapters.postgres.claims import PostgresClaims, PostgresDispatches
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.feed import PostgresFeed
from adapters.postgres.queue_loads import PostgresQueueLoads
from adapters.postgres.queue_looks import PostgresQueueLooks
from adapters.postgres.work import PostgresWork
from adapters.redis.bus import RedisBus
from adapters.redis.delivery import ArqDeliveries
from adapters.redis.progress import RedisProgress
from adapters.redis.wakeups import RedisWakeups
from adapters.s3.store import open_store
from adapters.video.joiner import PyAVFilmJoiner
from bootstrap.clock import new_id, utc_now
from bootstrap.engines import orderable
from bootstrap.identity import built_in_figures, gate_in, meter_in, spaces_of
from bootstrap.metrics import JobMetrics, PoolCollector
from bootstrap.operations import Operations
from bootstrap.proofs import make_credentials, make_lifetimes
from bootstrap.queue_looks import SharedQueueLooks
from bootstrap.scraping import Scraping
from bootstrap.settings import MetricsSettings, Settings
from bootstrap.storage import storage_place
from bootstrap.writing import make_writing_tools
from domain.accounts.caller import Caller
from domain.accounts.policies import Lifetimes
from domain.accounts.ports import Credentials
from domain.accounts.use_cases import authenticate, find_outdated
from domain.characters.identity_ports import IdentityGate
from domain.characters.identity_ports import PictureReader as FigureReader
from domain.characters.use_cases.ingest_image import IngestTools
from domain.errors import Unavailable
from domain.identifiers import WorkspaceId
from domain.media.ports import ObjectStore, PictureReader
from domain.renders.engines import EngineCatalogue
from domain.renders.ports import FilmJoiner
from domain.renders.use_cases.reporting import ReportTools
from domain.storyboards.use_cases.write_storyboard import WritingTools

# One transaction with every store; use cases see it through their own narrow Protocols.
Work: TypeAlias = PostgresWork


@dataclass(frozen=True, slots=True)
class Container:
    """What a process works with; made by `open_container`, closed with it.

    `database` works as the application's role (one workspace a transaction), `system_database` as the jobs' role.
    """

    settings: Settings
    database: PostgresDatabase
    system_database: PostgresDatabase
    store: ObjectStore
    pictures: PictureReader
    credentials: Credentials
    lifetimes: Lifetimes
    feed: PostgresFeed
    claims: PostgresClaims
    dispatches: PostgresDispatches
    wakeups: RedisWakeups
    progress: RedisProgress
    deliveries: ArqDeliveries
    scraping: Scraping
    queue_looks: SharedQueueLooks
    metrics: JobMetrics = field(default_factory=JobMetrics)
    now: Callable[[], datetime] = utc_now
    new_id: Callable[[], UUID] = new_id

    @property
    def url_life(self) -> timedelta:
        """How long a signed address of stored bytes counts at least."""
        return timedelta(seconds=self.settings.storage.url_seconds)

    @property
    def storage_origin(self) -> str:
        """Scheme, host and port of every signed address."""
        return self.settings.storage.public_origin

    @property
    def queue_loads(self) -> PostgresQueueLoads:
        """Who looks at what the queues hold."""
        return PostgresQueueLoads(self.system_database)

    @property
    def operations(self) -> Operations:
        """What operators may do."""
        return Operations(self.system_work, now=self.now)

    @property
    def figures(self) -> FigureReader:
        """Who reads figures in pictures; its weights are read when it is first asked for."""
        return built_in_figures()

    @property
    def ingest_tools(self) -> IngestTools:
        """What reading a picture takes."""
        return IngestTools(store=self.store, pictures=self.pictures, figures=self.figures)

    @property
    def writing_tools(self) -> WritingTools:
        """What writing a storyboard takes: the writer that the settings choose, and who tells languages."""
        return make_writing_tools(self.settings.writer)

    @property
    def gate(self) -> IdentityGate:
        """Who judges keyframes and clips."""
        return gate_in(spaces_of(self.settings.identity))

    @property
    def engines(self) -> EngineCatalogue:
        """The engines that can be ordered."""
        return orderable(self.settings.engines)

    @property
    def joiner(self) -> FilmJoiner:
        """Who joins clips into films."""
        return PyAVFilmJoiner()

    @property
    def report_tools(self) -> ReportTools:
        """What reporting on a film's consistency takes."""
        return ReportTools(
            meter=meter_in(spaces_of(self.settings.identity)), painter=OpenCVReportPainter(), store=self.store
        )

    @asynccontextmanager
    async def work(self, workspace_id: WorkspaceId | None = None) -> AsyncGenerator[PostgresWork]:
        """Open one transaction of a workspace; what it hints at is woken after the commit."""
        async with self.database.work(workspace_id) as work:
            yield work
        await self.wakeups.give(work.hints)

    @asynccontextmanager
    async def system_work(self, workspace_id: WorkspaceId | None = None) -> AsyncGenerator[PostgresWork]:
        """The same as the jobs' role, which may report on jobs and sees every workspace."""
        async with self.system_database.work(workspace_id) as work:
            yield work
        await self.wakeups.give(work.hints)

    async def authenticate(self, token: str) -> Caller:
        """Answer whose access token it is; raises AccessTokenRefused."""
        async with self.database.work() as work:
            return await authenticate(work, access_tokens=self.credentials.access_tokens, token=token, now=self.now())

    async def find_outdated(self, callers: Collection[Caller]) -> set[Caller]:
        """Answer which callers would be refused by now; raises Unavailable, whatever the database says."""
        try:
            async with self.database.work() as work:
                return await find_outdated(work, callers=callers, now=self.now())
        except DBAPIError as refused:
            # As in a migration: who asks, asks for ever, and must not end by it.
            raise Unavailable(f"The sessions cannot be checked: {refused.orig}") from refused


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncGenerator[Container]:
    """Connect everything, hand it out, and close it in order."""
    async with AsyncExitStack() as stack:
        connect = partial(
            PostgresDatabase,
            new_id=new_id,
            pool_size=settings.database.pool_size,
            answer_seconds=settings.database.answer_seconds,
        )
        database = connect(settings.database.url.get_secret_value())
        stack.push_async_callback(database.close)
        system_database = connect(settings.database.system_url.get_secret_value())
        stack.push_async_callback(system_database.close)
        calls = PostgresCalls(
            settings.database.system_url.get_secret_value(), answer_seconds=settings.database.answer_seconds
        )
        stack.push_async_callback(calls.close)
        store = await stack.enter_async_context(open_store(storage_place(settings.storage)))
        redis_url = settings.redis.url.get_secret_value()
        bus = RedisBus(redis_url)
        wakeups, progress = RedisWakeups(bus), RedisProgress(bus)
        bus.start()
        stack.push_async_callback(bus.close)
        deliveries = ArqDeliveries(redis_url)
        stack.push_async_callback(deliveries.close)
        yield Container(
            settings=settings,
            database=database,
            system_database=system_database,
            store=store,
            pictures=PillowPictureReader(),
            credentials=make_credentials(settings.accounts),
            lifetimes=make_lifetimes(settings.accounts),
            feed=PostgresFeed(database),
            claims=PostgresClaims(system_database, calls),
            dispatches=PostgresDispatches(system_database, lookahead=64),
            wakeups=wakeups,
            progress=progress,
            deliveries=deliveries,
            queue_looks=SharedQueueLooks(PostgresQueueLooks(system_database).look),
            scraping=make_scraping(settings.metrics, {"app": database, "system": system_database}),
        )


def make_scraping(settings: MetricsSettings, pools: Mapping[str, PostgresDatabase]) -> Scraping:
    """What every process shows of itself: memory, file handles, and how its pools stand."""
    scraping = Scraping(token=settings.token.get_secret_value() if settings.token else None)
    ProcessCollector(registry=scraping.registry)
    scraping.registry.register(PoolCollector(pools))
    return scraping
