"""Health, headers, request ids, cross-origin requests and the page for browsers."""

import asyncio
import re

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.routes.failures import Failures
from api.schema import LabSchema
from tests.api.toy import ToyServices


async def answers() -> str:
    return "version 18"


async def fails() -> None:
    raise ConnectionRefusedError("postgres://secret@host")


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab")


async def test_alive_means_that_the_process_answers(http: httpx.AsyncClient) -> None:
    response = await http.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_ready_means_that_every_dependency_answers(services: ToyServices, schema: LabSchema) -> None:
    async with client_of(create_app(services, schema=schema, checks={"postgres": answers})) as http:
        response = await http.get("/readyz")
    assert response.status_code == 200
    assert response.json()["dependencies"]["postgres"]["status"] == "ok"


async def test_a_dependency_that_fails_is_named_without_its_secrets(services: ToyServices, schema: LabSchema) -> None:
    checks = {"redis": answers, "postgres": fails}
    async with client_of(create_app(services, schema=schema, checks=checks)) as http:
        response = await http.get("/readyz")
    failing = {"status": "failing", "reason": "ConnectionRefusedError"}
    assert (response.status_code, response.json()["dependencies"]["postgres"]) == (503, failing)
    assert "secret" not in response.text


async def test_the_bare_address_leads_browsers_to_the_explorer_and_nobody_else(http: httpx.AsyncClient) -> None:
    browser = await http.get("/", headers={"accept": "text/html,application/xhtml+xml"})
    program = await http.get("/")
    assert (browser.status_code, browser.headers["location"]) == (307, "/graphql")
    assert program.status_code == 404


async def test_every_answer_carries_security_headers_and_its_id(http: httpx.AsyncClient) -> None:
    response = await http.get("/healthz")
    assert re.fullmatch("[0-9a-f]{16}", response.headers["x-request-id"])
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(("given", "kept"), [("abc-123", True), ("a b", False), ("x" * 65, False), ("é", False)])
async def test_a_clients_request_id_is_kept_where_it_is_harmless(
    http: httpx.AsyncClient,
    given: str,
    kept: bool,  # noqa: FBT001
) -> None:
    response = await http.get("/healthz", headers={b"x-request-id": given.encode()})
    assert (response.headers["x-request-id"] == given) == kept


async def test_a_browser_gets_the_page_with_a_strict_policy(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "connect-src 'self' https://storage.example;" in policy
    assert "unsafe" not in policy


async def test_the_page_takes_everything_from_us(http: httpx.AsyncClient) -> None:
    page = (await http.get("/graphql", headers={"accept": "text/html"})).text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses
    for address in addresses:
        assert address.startswith("/graphql/static/")
        assert (await http.get(address)).status_code == 200


async def test_the_folder_of_the_page_holds_nothing_else(http: httpx.AsyncClient) -> None:
    for path in ("/graphql/static/", "/graphql/static/../app.py", "/graphql/static/..%2fapp.py"):
        assert (await http.get(path)).status_code == 404


async def test_only_named_origins_may_read_across(services: ToyServices, schema: LabSchema) -> None:
    app = create_app(services, schema=schema, cors_origins=["https://studio.example"])
    preflight = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    async with client_of(app) as http:
        good = await http.options("/graphql", headers={"origin": "https://studio.example", **preflight})
        bad = await http.options("/graphql", headers={"origin": "https://evil.example", **preflight})
    assert (good.status_code, good.headers["access-control-allow-origin"]) == (200, "https://studio.example")
    assert (bad.status_code, "access-control-allow-origin" in bad.headers) == (400, False)


async def test_what_falls_through_everything_is_answered_with_an_incident() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        raise ValueError("the secret is swordfish")

    async with client_of(Failures(broken)) as http:
        response = await http.get("/anything")
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert "swordfish" not in response.text
