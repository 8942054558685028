"""One lab for all stories of a file: they share its processes, each has a workspace of its own."""

from collections.abc import AsyncIterator

import pytest

from bootstrap.clock import new_id
from bootstrap.embedded import DATABASE, EmbeddedStack, free_port
from bootstrap.settings import Settings, nested
from tests.stories.lab import FilmLab


@pytest.fixture(scope="module")
async def lab(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FilmLab]:
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
    }
    async with FilmLab.opened(Settings.model_validate(nested(environment)), tmp_path_factory.mktemp("story")) as lab:
        yield lab
    await stack.postgres.drop_database(name)
