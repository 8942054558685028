"""`/metrics`: who may read it, and what it answers.

With a token set, whoever carries it. Without one: on a public port only a direct caller on this machine, none that a
proxy has let through; on an internal port anybody.
"""

import hmac
import ipaddress
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Unavailable

PATH = "/metrics"
FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


async def nothing_to_refresh() -> None:
    """For a page whose figures are all counted in the process."""


class Scraping:
    """What a process shows to Prometheus: its registry, and the token that opens it where one is set."""

    def __init__(self, *, token: str | None = None, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._token = token

    def route(
        self,
        *registries: CollectorRegistry,
        is_internal: bool,
        refresh: Callable[[], Awaitable[None]] = nothing_to_refresh,
    ) -> Route:
        """The page over the process's own registry and those given."""

        async def page(request: Request) -> Response:
            if not self._may_read(request, is_internal=is_internal):
                return Response("Not found.\n", 404, media_type="text/plain")
            try:
                await refresh()
            except Unavailable as away:
                return Response(f"{away.message}\n", 503, media_type="text/plain")
            body = b"".join(generate_latest(each) for each in (self.registry, *registries))
            return Response(body, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})

        return Route(PATH, page, methods=["GET"])

    def _may_read(self, request: Request, *, is_internal: bool) -> bool:
        if self._token is not None:
            given = request.headers.get("authorization", "").encode()
            return hmac.compare_digest(given, f"Bearer {self._token}".encode())
        return is_internal or is_direct(request)


def is_direct(request: Request) -> bool:
    """Whether the caller is on this machine and no proxy spoke for somebody else."""
    if request.client is None or any(name in request.headers for name in FORWARDING_HEADERS):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
