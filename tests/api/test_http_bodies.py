"""Every malformed request gets a clean JSON answer with the status that says what was wrong."""

import json

import httpx
import pytest

from tests.api.conftest import LIMITS

MULTIPART = b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query": "{hello}"}\r\n--x--\r\n'


def deep(levels: int) -> bytes:
    return b'{"query":"{hello}","variables":{"a":' + b"[" * levels + b"]" * levels + b"}}"


BAD_BODIES = {
    "a string": b'"x"',
    "null": b"null",
    "a list": b"[1]",
    "a batch": b'[{"query":"{hello}"}]',
    "a number": b"1",
    "nothing": b"",
    "invalid UTF-8": b'{"query":"\xff\xfe"}',
    "a lone surrogate": b'{"query":"{hello(name:\\"\\ud800\\")}"}',
    "the same key twice": b'{"query":"{hello}","query":"{broken}"}',
    "NaN": b'{"query":"{hello}","variables":{"a":NaN}}',
    "Infinity": b'{"query":"{hello}","variables":{"a":-Infinity}}',
    "a float out of range": b'{"query":"{hello}","variables":{"a":1e999}}',
    "an integer of 30 digits": b'{"query":"{hello}","variables":{"a":' + b"9" * 30 + b"}}",
    "an integer of 5000 digits": b'{"query":"{hello}","variables":{"a":' + b"9" * 5000 + b"}}",
    "65 levels": deep(65),
    "15,000 levels": deep(15_000),
    "a blank query": b'{"query":"  "}',
    "two JSON values": b'{"query":"{hello}"} {}',
    "a byte order mark": b'\xef\xbb\xbf{"query":"{hello}"}',
}


async def refused(http: httpx.AsyncClient, status: int, *, content: bytes, kind: str) -> None:
    response = await http.post("/graphql", content=content, headers={"content-type": kind})
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INVALID"


@pytest.mark.parametrize("content", BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_malformed_body_is_a_bad_request(http: httpx.AsyncClient, content: bytes) -> None:
    await refused(http, 400, content=content, kind="application/json")


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/graphql",
        "application/jsonp",
    ],
)
async def test_a_body_that_a_strangers_page_could_send_is_not_read(http: httpx.AsyncClient, kind: str) -> None:
    await refused(http, 415, content=MULTIPART, kind=kind)


async def test_a_body_over_the_limit_is_refused_by_its_length(http: httpx.AsyncClient) -> None:
    await refused(http, 413, content=b"x" * (LIMITS.body_bytes_max + 1), kind="application/json")


async def test_a_body_over_the_limit_is_refused_while_it_comes(http: httpx.AsyncClient) -> None:
    taken = 0

    async def endless():
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1024

    response = await http.post("/graphql", content=endless(), headers={"content-type": "application/json"})
    assert (response.status_code, taken) == (413, LIMITS.body_bytes_max // 1024 + 1)


async def test_64_levels_are_taken(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", content=deep(61), headers={"content-type": "application/json"})
    assert response.json()["data"] == {"hello": "Hello, world!"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
async def test_other_methods_are_not_allowed(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_a_mutation_is_not_taken_by_get(http: httpx.AsyncClient) -> None:
    response = await http.get(
        "/graphql", params={"query": "mutation { burn }"}, headers={"authorization": "Bearer owner"}
    )
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "address",
    [
        "?query=",
        "?query={hello}&query={hello}",
        "?query={hello}&variables={",
        "?query={hello}&variables=[1]",
        "?x=1",
        "",
    ],
)
async def test_a_malformed_address_is_a_bad_request(http: httpx.AsyncClient, address: str) -> None:
    response = await http.get(f"/graphql{address}", headers={"accept": "application/json"})
    assert (response.status_code, list(response.json())) == (400, ["errors"])


async def test_an_answer_that_we_do_not_speak_is_not_acceptable(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "{hello}"}, headers={"accept": "application/xml"})
    assert (response.status_code, list(response.json())) == (406, ["errors"])


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json"),
        ("application/json;q=0.5, application/graphql-response+json", "application/graphql-response+json"),
        ("text/html, application/json", "application/json"),
        ("application/*", "application/json"),
        ("application/graphql-response+json;q=0, */*", "application/json"),
        ("application/json;q=broken, */*", "application/json"),
    ],
)
async def test_the_clients_favourite_is_answered(http: httpx.AsyncClient, accept: str, kind: str) -> None:
    response = await http.post("/graphql", json={"query": "{hello}"}, headers={"accept": accept})
    assert response.headers["content-type"] == f"{kind}; charset=utf-8"


async def test_a_subscription_needs_a_stream(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "subscription { count(to: 1) }"})
    assert (response.status_code, json.loads(response.content)["errors"][0]["extensions"]) == (406, {"code": "INVALID"})
