"""One lab for all stories of a file: they share its processes, each has a workspace of its own."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bootstrap.clock import new_id
from bootstrap.embedded import DATABASE, EmbeddedStack, free_port
from bootstrap.settings import Settings, nested
from jobs.registry import Registry
from jobs.tasks import TASKS
from tests.stories.lab import FilmLab


@asynccontextmanager
async def lab_of(
    stack: EmbeddedStack, folder: Path, registry: Registry = TASKS, **changes: str
) -> AsyncGenerator[FilmLab]:
    """A lab on a database of its own, its settings changed as told."""
    name = f"story_{new_id().hex}"
    await stack.postgres.create_database(name, template=DATABASE)
    environment = {
        **stack.environment(),
        "LAB_DATABASE__URL": stack.postgres.url("lab_app", name),
        "LAB_DATABASE__SYSTEM_URL": stack.postgres.url("lab_system", name),
        "LAB_DATABASE__OWNER_URL": stack.postgres.url("postgres", name),
        "LAB_JOBS__CONTROL_PORT": str(free_port()),
        "LAB_JOBS__TICK_SECONDS": "0.2",
        "LAB_JOBS__LEASE_SECONDS": "10",
        **changes,
    }
    async with FilmLab.opened(Settings.model_validate(nested(environment)), folder, registry) as lab:
        yield lab
    await stack.postgres.drop_database(name)


@pytest.fixture(scope="module")
async def lab(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FilmLab]:
    async with lab_of(stack, tmp_path_factory.mktemp("story")) as lab:
        yield lab
