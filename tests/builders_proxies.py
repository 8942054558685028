"""TCP proxies in front of a test's own database."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, unquote, urlsplit

from bootstrap.embedded import EmbeddedStack
from chaos.proxy import Proxy, unix_address


@asynccontextmanager
async def postgres_proxy(stack: EmbeddedStack, database_name: str) -> AsyncGenerator[Proxy]:
    """A proxy to the server of the database, which listens on a socket in the file system."""
    folder = parse_qs(urlsplit(stack.postgres.url("postgres", database_name)).query)["host"][0]
    proxy = Proxy("test", unix_address(lambda: f"{unquote(folder)}/.s.PGSQL.5432"), speaks_postgres=True)
    await proxy.start()
    yield proxy
    await proxy.stop()
