"""Ordering, cancelling, retrying and re-rolling as clients do, each with four callers."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.renders.walk import Step
from tests.api.asking import ask, ask_as
from tests.builders_film_crew import Crew, furnish
from tests.builders_studio import Member, code, member

REQUEST = """
mutation ($input: RequestRenderInput!) {
  requestRender(input: $input) {
    __typename
    ... on Refusal { message }
    ... on RenderRequested {
      render { state title storyboardVersion shots { number state takes { number } } film { width } }
    }
  }
}
"""
CANCEL = "mutation ($id: ID!) { cancelRender(id: $id) { outcome render { state } } }"
RETRY = "mutation ($id: ID!) { retryRender(id: $id) { __typename ... on RenderRetried { render { state } } } }"
REROLL = """
mutation ($input: RerollShotInput!) {
  rerollShot(input: $input) { __typename ... on ShotRerolled { render { state } } }
}
"""
NOBODYS_RENDER = "render_01940000-0000-7000-8000-000000000001"
NOBODYS_SHOT = "shot_01940000-0000-7000-8000-000000000001"
SMALL = {"detail": "P180", "framesPerSecond": 12}


async def studio(
    container: Container, *, role: Role = Role.OWNER, email: str = "ada@example.org"
) -> tuple[Member, Crew]:
    somebody = await member(container, role=role, email=email)
    return somebody, await furnish(container, somebody.lab.workspace_id)


def order(crew: Crew, **changes: object) -> dict[str, object]:
    return {"storyboardId": f"storyboard_{crew.storyboard.id}", "settings": SMALL, **changes}


async def written(container: Container) -> tuple[int, int, int]:
    """How many renders, jobs and events there are in the whole database."""
    counts = "select (select count(*) from renders), (select count(*) from jobs), (select count(*) from events)"
    async with container.system_work() as work:
        row = (await work.session.execute(text(counts))).one()
    return row[0], row[1], row[2]


async def test_an_editor_orders_a_render(http: httpx.AsyncClient, container: Container) -> None:
    editor, crew = await studio(container, role=Role.EDITOR)
    answer = await ask_as(http, editor.token, REQUEST, input=order(crew))
    shots: list[dict[str, Any]] = [{"number": number, "state": "WAITING", "takes": []} for number in (1, 2, 3)]
    render = {
        "state": "QUEUED",
        "title": "The Tortoise and the Hare",
        "storyboardVersion": 1,
        "shots": shots,
        "film": None,
    }
    assert answer == {"data": {"requestRender": {"__typename": "RenderRequested", "render": render}}}
    # The order's own event, and its first job's.
    assert await written(container) == (1, 1, 2)


async def test_nobody_a_viewer_and_a_stranger_order_nothing(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container, role=Role.VIEWER)
    stranger, _ = await studio(container, email="eve@example.org")
    assert code(await ask(http, REQUEST, input=order(crew))) == "UNAUTHENTICATED"
    assert code(await ask_as(http, viewer.token, REQUEST, input=order(crew))) == "FORBIDDEN"
    assert code(await ask_as(http, stranger.token, REQUEST, input=order(crew))) == "NOT_FOUND"
    assert await written(container) == (0, 0, 0)


async def test_facts_about_an_order_are_told(http: httpx.AsyncClient, container: Container) -> None:
    owner, crew = await studio(container)
    dear = await ask_as(http, owner.token, REQUEST, input=order(crew, budget={"secondsMax": 1.0}))
    async with crew.work() as work:
        await work.session.execute(text("update characters set threshold = null"))
    unknown = await ask_as(http, owner.token, REQUEST, input=order(crew))
    await crew.put(replace(crew.storyboard, shots=()))
    empty = await ask_as(http, owner.token, REQUEST, input=order(crew))
    kinds = [answer["data"]["requestRender"]["__typename"] for answer in (dear, unknown, empty)]
    assert kinds == ["BudgetTooSmall", "CharacterNotReady", "StoryboardNotReady"]
    assert await written(container) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"settings": {"framesPerSecond": 5}}, "framesPerSecond"),
        ({"settings": {"rerollsMax": 9}}, "rerollsMax"),
        ({"settings": {"engine": "runway"}}, "engine"),
        ({"settings": {"seed": -1}}, "seed"),
        ({"budget": {"secondsMax": 0.0}}, "budget"),
        ({"storyboardId": NOBODYS_RENDER}, "storyboardId"),
    ],
)
async def test_an_order_that_breaks_a_rule_is_invalid(
    http: httpx.AsyncClient, container: Container, changes: dict[str, object], field: str
) -> None:
    owner, crew = await studio(container)
    answer = await ask_as(http, owner.token, REQUEST, input=order(crew) | changes)
    assert (code(answer), answer["errors"][0]["extensions"]["field"]) == ("INVALID", field)
    assert await written(container) == (0, 0, 0)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (CANCEL, {"id": NOBODYS_RENDER}),
        (RETRY, {"id": NOBODYS_RENDER}),
        (REROLL, {"input": {"renderId": NOBODYS_RENDER, "shotId": NOBODYS_SHOT}}),
    ],
    ids=["cancel", "retry", "reroll"],
)
async def test_nobody_and_a_viewer_change_no_render(
    http: httpx.AsyncClient, container: Container, document: str, variables: dict[str, object]
) -> None:
    viewer = await member(container, role=Role.VIEWER)
    assert code(await ask(http, document, **variables)) == "UNAUTHENTICATED"
    assert code(await ask_as(http, viewer.token, document, **variables)) == "FORBIDDEN"


async def test_a_stranger_finds_no_render_to_change(http: httpx.AsyncClient, container: Container) -> None:
    _, crew = await studio(container)
    render = await crew.order()
    before = await written(container)
    stranger = await member(container, email="eve@example.org")
    name, shot = f"render_{render.id}", f"shot_{crew.storyboard.shots[0].id}"
    canceled = await ask_as(http, stranger.token, CANCEL, id=name)
    retried = await ask_as(http, stranger.token, RETRY, id=name)
    rerolled = await ask_as(http, stranger.token, REROLL, input={"renderId": name, "shotId": shot})
    assert canceled == {"data": {"cancelRender": {"outcome": "NOT_FOUND", "render": None}}}
    assert retried["data"]["retryRender"]["__typename"] == "RenderNotFound"
    assert rerolled["data"]["rerollShot"]["__typename"] == "RenderNotFound"
    assert await written(container) == before


async def test_an_editor_cancels_a_render_once(http: httpx.AsyncClient, container: Container) -> None:
    editor, crew = await studio(container, role=Role.EDITOR)
    render = await crew.order()
    answers = [await ask_as(http, editor.token, CANCEL, id=f"render_{render.id}") for _ in range(2)]
    canceled = {"data": {"cancelRender": {"outcome": "CANCELED", "render": {"state": "CANCELED"}}}}
    assert answers == [canceled, canceled]


async def test_an_editor_retries_a_failed_render_alone(http: httpx.AsyncClient, container: Container) -> None:
    editor, crew = await studio(container, role=Role.EDITOR)
    crew.breaks = {Step.CLIP}
    render = await crew.film()
    answers = [await ask_as(http, editor.token, RETRY, id=f"render_{render.id}") for _ in range(2)]
    assert answers == [
        {"data": {"retryRender": {"__typename": "RenderRetried", "render": {"state": "FILMING"}}}},
        {"data": {"retryRender": {"__typename": "RenderStateRefused"}}},
    ]


async def test_an_editor_rerolls_a_shot(http: httpx.AsyncClient, container: Container) -> None:
    editor, crew = await studio(container, role=Role.EDITOR)
    render = await crew.film()
    shot, name = f"shot_{crew.storyboard.shots[0].id}", f"render_{render.id}"
    given = [{"renderId": name, "shotId": each} for each in (shot, shot, NOBODYS_SHOT)]
    answers = [(await ask_as(http, editor.token, REROLL, input=each))["data"]["rerollShot"] for each in given]
    assert answers == [
        {"__typename": "ShotRerolled", "render": {"state": "FILMING"}},
        {"__typename": "RenderStateRefused"},
        {"__typename": "RenderShotNotFound"},
    ]
