"""A database whose clock is the test's own; a test empties it before it begins."""

import asyncio
from collections.abc import Iterator

import pytest

from bootstrap.clock import new_id
from bootstrap.embedded import DATABASE, EmbeddedStack
from tests.adapters.postgres.jobs_model.engine import Engine


@pytest.fixture(scope="module")
def engine(stack: EmbeddedStack) -> Iterator[Engine]:
    name = f"model_{new_id().hex}"
    loop = asyncio.new_event_loop()
    loop.run_until_complete(stack.postgres.create_database(name, template=DATABASE))
    engine = Engine(stack.postgres.url("postgres", name), stack.postgres.url("lab_system", name))
    yield engine
    engine.close()
    loop.run_until_complete(stack.postgres.drop_database(name))
    loop.close()
