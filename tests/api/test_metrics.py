"""What the API shows at `/metrics`, to whom, after requests that are known."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from api.server import LabServer
from bootstrap.container import Container
from tests.api.asking import ask
from tests.api.test_server import WATCH, http, real, tell, token_of
from tests.api.test_sockets import begun, receive, subscribe
from tests.builders_metrics import samples, undocumented

__all__ = ["http", "real"]
METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"


async def scrape(http: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    response = await http.get("/metrics")
    assert response.status_code == 200
    assert undocumented(response.text, METRICS.read_text()) == []
    return samples(response.text)


async def test_requests_are_counted_by_type_and_outcome(http: httpx.AsyncClient) -> None:
    await ask(http, "{ __typename }")
    await ask(http, "{ me { role } }")
    await ask(http, "{ nothing }")
    told = await scrape(http)
    counts = {key[1:]: value for key, value in told.items() if key[0] == "lab_graphql_request_seconds_count"}
    assert counts == {("query", "ok"): 1, ("query", "errors"): 1, ("unknown", "refused"): 1}
    assert (told["lab_database_connections_max", "app"], told["lab_database_connections_used", "app"]) == (5, 0)
    assert told["process_resident_memory_bytes",] > 1e6


async def test_subscribers_and_the_lag_of_their_events_are_told(
    real: LabServer, container: Container, http: httpx.AsyncClient
) -> None:
    token = await token_of(http, "ada@example.org")
    async with begun(real, {"authorization": f"Bearer {token}"}) as socket:
        await subscribe(socket, "a", WATCH)
        # The subscription is on when its first event arrives, whichever that is.
        heard = asyncio.ensure_future(receive(socket))
        while not heard.done():
            await tell(container, token, "Told")
            await asyncio.wait([heard], timeout=0.2)
        told = await scrape(http)
        assert told["lab_graphql_subscribers",] == 1
        assert told["lab_event_lag_seconds_count",] >= 1
        assert told["lab_event_lag_seconds_sum",] < 60
    async with asyncio.timeout(10):
        while (await scrape(http))["lab_graphql_subscribers",]:
            await asyncio.wait([asyncio.ensure_future(http.get("/healthz"))])


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip"])
async def test_who_comes_through_a_proxy_is_told_nothing(http: httpx.AsyncClient, header: str) -> None:
    assert (await http.get("/metrics", headers={header: "127.0.0.1"})).status_code == 404


async def test_who_comes_from_another_machine_is_told_nothing(app: ASGIApp) -> None:
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://lab") as stranger:
        assert (await stranger.get("/metrics")).status_code == 404
