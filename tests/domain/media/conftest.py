"""Two workspaces of one lab."""

import pytest

from bootstrap.container import Container
from tests.builders_media import Tenant
from tests.builders_workspaces import new_workspace


@pytest.fixture
async def ours(container: Container) -> Tenant:
    return Tenant(container, await new_workspace(container))


@pytest.fixture
async def theirs(container: Container) -> Tenant:
    return Tenant(container, await new_workspace(container))
