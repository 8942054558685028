"""What a client sees of a failure."""

import re
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from api.errors import ANSWERS, INTERNAL
from domain.errors import LabError
from tests.api.asking import ask, ask_as

LIFT = """mutation($id: ID!, $kg: Int!) { liftThing(input: {thingId: $id, kilograms: $kg}) {
  __typename ... on ThingLifted { thing { id label } } ... on Refusal { message } } }"""
THING = "thing_01940000-0000-7000-8000-000000000100"


async def error_of(http: httpx.AsyncClient, document: str, *, role: str = "") -> dict[str, object]:
    (error,) = (await ask_as(http, role, document))["errors"]
    return {"message": error["message"], **error["extensions"]}


async def test_an_incident_finds_its_traceback_in_the_log(http: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        error = await error_of(http, "{ broken }")
    (entry,) = [each for each in logs if each["event"] == "incident"]
    assert (entry["incident"], entry["path"], repr(entry["exc_info"])) == (
        error["incident"],
        ["broken"],
        "ValueError('the secret is swordfish')",
    )
    assert entry["request_id"]


@pytest.mark.parametrize("field", ["broken", "misfit"])
async def test_our_bugs_show_an_incident_and_nothing_else(http: httpx.AsyncClient, field: str) -> None:
    error = await error_of(http, f"{{ {field} }}")
    incident = str(error["incident"])
    assert re.fullmatch("[0-9a-f]{12}", incident)
    assert error == {
        "message": f"Something went wrong on our side. It is logged as incident {incident}.",
        "code": "INTERNAL",
        "incident": incident,
    }


async def test_a_refusal_shows_its_message_and_when_to_come_back(http: httpx.AsyncClient) -> None:
    error = await error_of(http, "{ busy }")
    assert error == {"message": "Come back later.", "code": "RATE_LIMITED", "retryAfterSeconds": 3}


async def test_a_document_that_does_not_fit_is_invalid(http: httpx.AsyncClient) -> None:
    assert (await error_of(http, "{ nothing }"))["code"] == "INVALID"


async def test_a_fact_to_branch_on_is_a_member_of_the_union(http: httpx.AsyncClient) -> None:
    result = await ask_as(http, "editor", LIFT, id=THING, kg=11)
    assert result == {"data": {"liftThing": {"__typename": "ThingTooHeavy", "message": "It is too heavy."}}}


async def test_success_is_a_member_of_the_union(http: httpx.AsyncClient) -> None:
    result = await ask_as(http, "editor", LIFT, id=THING, kg=1)
    thing = {"id": THING, "label": "label 0"}
    assert result == {"data": {"liftThing": {"__typename": "ThingLifted", "thing": thing}}}


@pytest.mark.parametrize(
    "given",
    ["", "thing_", "thing_01940000", "01940000-0000-7000-8000-000000000100", "film_" + THING[6:], "\x00", THING + " "],
)
async def test_an_id_of_another_type_or_none_is_invalid(http: httpx.AsyncClient, given: str) -> None:
    (error,) = (await ask_as(http, "editor", LIFT, id=given, kg=1))["errors"]
    assert error["extensions"] == {"code": "INVALID", "field": "thingId"}


async def test_the_data_beside_an_error_is_kept(http: httpx.AsyncClient) -> None:
    result = await ask(http, '{ node(id: "thing_01940000-0000-7000-8000-000000000100") { id } hello }')
    assert result["data"] == {"node": None, "hello": "Hello, world!"}


def test_every_kind_of_failure_has_an_answer_and_its_line_in_the_documents() -> None:
    assert set(ANSWERS) == set(LabError.__subclasses__())
    table = (Path(__file__).parents[2] / "docs" / "errors.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    told = [(row[0], row[2], row[3]) for row in rows[2:]]
    assert told == [
        *((kind.__name__, answer.code, str(answer.status)) for kind, answer in ANSWERS.items()),
        ("anything else", INTERNAL.code, str(INTERNAL.status)),
    ]


def test_each_kind_carries_the_code_that_the_api_answers() -> None:
    assert {kind: kind.code for kind in ANSWERS} == {kind: answer.code for kind, answer in ANSWERS.items()}
