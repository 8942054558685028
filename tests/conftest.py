"""The real stores, started once a run: PostgreSQL, Valkey and an S3 server; every test gets a database of its own."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import hypothesis
import pytest
from redis.asyncio import Redis

from adapters.postgres.database import PostgresDatabase
from bootstrap.clock import new_id
from bootstrap.container import Container, open_container
from bootstrap.embedded import DATABASE, EmbeddedStack
from bootstrap.settings import Settings, nested
from tests.builders_accounts import quick_hasher

# Files of few but long tests: begun last, as pytest-xdist would, they would leave the other processor without work.
BEGUN_FIRST = (
    "stories/test_scripts.py",
    "stories/test_filming.py",
    "stories/test_film.py",
    "adapters/postgres/jobs_model/test_machine.py",
    "adapters/postgres/jobs_model/test_mutants.py",
    "adapters/postgres/jobs_model/test_interleavings.py",
    "gpu_worker/training/test_trainer.py",
    "bootstrap/test_guard.py",
    "bootstrap/test_commands.py",
    "stories/test_first_film.py",
    "gpu_worker/test_diffusion_process.py",
    "jobs/test_draining.py",
)

# No test sees, or prunes, what the machine's user has of the hub; its client reads this when it is first imported.
HUB_CACHE = TemporaryDirectory(prefix="lab-tests-hub-")
os.environ["HF_HUB_CACHE"] = HUB_CACHE.name

# `make test` tries the same examples each time, however long one takes; with PROPERTY_EXAMPLES=2000 so many new ones.
PROPERTY_EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
hypothesis.settings.register_profile(
    "lab", deadline=None, derandomize=PROPERTY_EXAMPLES is None, max_examples=int(PROPERTY_EXAMPLES or 100)
)
hypothesis.settings.load_profile("lab")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, as they are named; the order within a file stays."""
    turns = {Path(__file__).parent / name: turn for turn, name in enumerate(BEGUN_FIRST)}
    items.sort(key=lambda item: turns.get(item.path, len(turns)))


@pytest.fixture(scope="session")
def stack() -> Iterator[EmbeddedStack]:
    """The embedded servers with a migrated database that is the template of every test's own.

    They get a folder outside pytest's, which another run of pytest closes to PostgreSQL's own user.
    """
    with TemporaryDirectory(prefix="lab-tests-") as folder, EmbeddedStack(Path(folder), api_port=0) as stack:
        asyncio.run(do_not_wait_for_the_disk(stack))
        yield stack


async def do_not_wait_for_the_disk(stack: EmbeddedStack) -> None:
    """A database a test is copied in a tenth of the time; nothing of it has to survive the machine."""
    connection = await asyncpg.connect(stack.postgres.url("postgres", "postgres"))
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        await connection.execute(f"alter system set {name} = off")
    await connection.execute("select pg_reload_conf()")
    await connection.close()


@pytest.fixture
async def database_name(stack: EmbeddedStack) -> AsyncIterator[str]:
    name = f"test_{new_id().hex}"
    await stack.postgres.create_database(name, template=DATABASE)
    yield name
    await stack.postgres.drop_database(name)


@pytest.fixture
async def settings(stack: EmbeddedStack, database_name: str) -> Settings:
    """Settings of a lab of its own: a fresh database, an empty Redis, a bucket shared but keyed by workspace."""
    values = nested(stack.environment())
    values["database"] = {
        "url": stack.postgres.url("lab_app", database_name),
        "system_url": stack.postgres.url("lab_system", database_name),
        "owner_url": stack.postgres.url("postgres", database_name),
        "pool_size": 5,
    }
    redis = Redis.from_url(stack.environment()["LAB_REDIS__URL"])
    await redis.flushall()
    await redis.aclose()
    return Settings.model_validate(values)


@pytest.fixture
async def container(settings: Settings) -> AsyncIterator[Container]:
    """The composition root on the test's own database, with passwords hashed in no time."""
    async with open_container(settings) as container:
        yield replace(container, credentials=replace(container.credentials, passwords=quick_hasher()))


@asynccontextmanager
async def database_as(stack: EmbeddedStack, role: str, name: str) -> AsyncGenerator[PostgresDatabase]:
    database = PostgresDatabase(stack.postgres.url(role, name), new_id=new_id)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
def data() -> Path:
    """The folder of pictures and scripts that tests work on."""
    return Path(__file__).parent / "data"
