"""The whole application on the real stores."""

import pytest
from starlette.types import ASGIApp

from api.app import create_app
from bootstrap.container import Container


@pytest.fixture
def app(container: Container) -> ASGIApp:
    return create_app(container)
