"""The 61 checks of graphql-http's `auditServer` (MIT, github.com/graphql/graphql-http), by their ids."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import pytest

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
TYPENAME = "{ __typename }"
TYPE_QUERY = "query Type($name: String!) { __type(name: $name) { name } }"
SOMETYPE = {"name": "sometype"}
MISSING_FIELD = "{ f8f31403dfe404bccbb0e835f2629c6a7 }"
COERCE = {"query": "query CoerceFailure($id: ID!){ __typename }", "variables": {"id": None}}
BROKEN_JSON = '{ "not a JSON'


@dataclass(frozen=True)
class Audit:
    """One request and what the specification wants of its answer."""

    id: str
    expect: Callable[[httpx.Response], bool]
    body: object = None
    accept: str | None = None
    content_type: str | None = JSON
    parameters: Mapping[str, str] | None = None


def status(*codes: int) -> Callable[[httpx.Response], bool]:
    return lambda response: response.status_code in codes


def between(low: int, high: int) -> Callable[[httpx.Response], bool]:
    return lambda response: low <= response.status_code <= high


def typed(kind: str) -> Callable[[httpx.Response], bool]:
    return lambda response: response.status_code == 200 and kind in response.headers["content-type"]


def without_errors(response: httpx.Response) -> bool:
    return response.status_code == 200 and "errors" not in response.json()


def without_data(response: httpx.Response) -> bool:
    return "data" not in response.json()


def utf8(response: httpx.Response) -> bool:
    return response.status_code == 200 and bool(response.content.decode("utf-8"))


PLAIN = {"query": TYPENAME}
AUDITS = [
    Audit("22EB", typed(GRAPHQL), PLAIN, GRAPHQL),
    Audit("4655", typed(JSON), PLAIN, JSON),
    Audit("47DE", typed(JSON), PLAIN, "*/*"),
    Audit("80D8", typed(JSON), PLAIN),
    Audit("82A3", utf8, PLAIN),
    Audit(
        "BF61",
        status(200),
        {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'},
        content_type=f"{JSON}; charset=utf-8",
    ),
    Audit("78D5", status(200), PLAIN),
    Audit("2C94", status(200), PLAIN),
    Audit("5A70", status(200), parameters={"query": TYPENAME}),
    Audit("9C48", between(400, 499), parameters={"query": "mutation { __typename }"}, accept=GRAPHQL),
    Audit("9ABE", between(400, 499), PLAIN, content_type=None),
    Audit("03D4", status(200), PLAIN),
    Audit("A5BF", status(400), ""),
    Audit("423L", status(400), {"notquery": TYPENAME}, GRAPHQL),
    *(Audit(f"LKJ{n}", status(400), {"query": bad}) for n, bad in enumerate(({"obj": "ect"}, 0, False, ["array"]))),
    Audit("34A2", status(200), PLAIN, GRAPHQL),
    Audit("13EE", without_errors, PLAIN, JSON),
    *(
        Audit(f"6C0{n}", status(400), {"operationName": bad, "query": TYPENAME})
        for n, bad in enumerate(({"obj": "ect"}, 0, False, ["array"]))
    ),
    Audit("8161", status(200), {"operationName": "Query", "query": "query Query { __typename }"}, GRAPHQL),
    Audit("B8B3", without_errors, {"operationName": "Query", "query": "query Query { __typename }"}, JSON),
    *(
        Audit(f"{prefix}{n}", without_errors, {"query": TYPENAME, parameter: None}, accept)
        for n, parameter in enumerate(("variables", "operationName", "extensions"))
        for prefix, accept in (("94B", GRAPHQL), ("022", JSON))
    ),
    *(
        Audit(f"476{n}", status(400), {"query": TYPENAME, "variables": bad})
        for n, bad in enumerate(("string", 0, False, ["array"]))
    ),
    Audit("2EA1", status(200), {"query": TYPE_QUERY, "variables": SOMETYPE}, GRAPHQL),
    Audit("28B9", without_errors, {"query": TYPE_QUERY, "variables": SOMETYPE}, JSON),
    Audit("D6D5", without_errors, parameters={"query": TYPE_QUERY, "variables": json.dumps(SOMETYPE)}, accept=GRAPHQL),
    Audit("6A70", without_errors, parameters={"query": TYPE_QUERY, "variables": json.dumps(SOMETYPE)}, accept=JSON),
    *(
        Audit(f"58B{n}", status(400), {"query": TYPENAME, "extensions": bad})
        for n, bad in enumerate(("string", 0, False, ["array"]))
    ),
    Audit("428F", status(200), {"query": TYPENAME, "extensions": {"some": "value"}}, GRAPHQL),
    Audit("1B7A", without_errors, {"query": TYPENAME, "extensions": {"some": "value"}}, JSON),
    Audit("B6DC", between(200, 599), BROKEN_JSON, JSON),
    Audit("BCF8", status(400), BROKEN_JSON, JSON),
    Audit("B7N8", status(400), BROKEN_JSON, GRAPHQL),
    Audit("8764", between(400, 599), {"qeury": TYPENAME}),
    Audit("3E3A", status(400), {"qeury": TYPENAME}),
    Audit("572B", status(200), {"query": "{"}, JSON),
    Audit("FDE2", status(200), {"query": MISSING_FIELD}, JSON),
    Audit("7B9B", status(200), COERCE, JSON),
    Audit("865D", between(400, 599), {"query": "{"}, GRAPHQL),
    Audit("556A", status(400), {"query": "{"}, GRAPHQL),
    Audit("D586", without_data, {"query": "{"}, GRAPHQL),
    Audit("51FE", between(400, 599), {"query": MISSING_FIELD}, GRAPHQL),
    Audit("74FF", status(400), {"query": MISSING_FIELD}, GRAPHQL),
    Audit("5E5B", without_data, {"query": MISSING_FIELD}, GRAPHQL),
    Audit("86EE", status(400), COERCE, GRAPHQL),
]


def test_there_are_61_checks() -> None:
    assert len({audit.id for audit in AUDITS}) == 61


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: audit.id)
async def test_the_audit_passes(http: httpx.AsyncClient, audit: Audit) -> None:
    headers = {"accept": audit.accept} if audit.accept else {}
    if audit.parameters is not None:
        response = await http.get("/graphql", params=dict(audit.parameters), headers=headers)
    else:
        content = audit.body if isinstance(audit.body, str) else json.dumps(audit.body)
        kind = {"content-type": audit.content_type or "text/plain;charset=UTF-8"}
        response = await http.post("/graphql", content=content, headers={**headers, **kind})
    assert audit.expect(response), (response.status_code, response.text)
