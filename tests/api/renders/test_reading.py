"""Renders, quotes and engines as clients read them."""

import httpx
import pytest
from sqlalchemy import event, text

from bootstrap.container import Container
from domain.accounts.caller import Role
from tests.api.asking import ask, ask_as
from tests.builders_consistency import report_on
from tests.builders_film_crew import Crew, furnish
from tests.builders_studio import Member, code, member, mutation

RENDER = """
query ($id: ID!) {
  render(id: $id) {
    state
    spent { seconds credits }
    shots { number state take { number verdict score rung isAccepted clipJudgement { frames findings { verdict } } } }
    film { width height frames framesPerSecond seconds videoCodec pixelFormat video { contentType sizeBytes } }
  }
}
"""
LIST = """
query ($first: Int) {
  renders(first: $first) {
    nodes { id shots { number take { verdict clip { contentType } } } film { poster { contentType } } }
  }
}
"""
QUOTE = """
query ($id: ID!, $settings: RenderSettingsInput) {
  quoteRender(storyboardId: $id, settings: $settings) {
    filmSeconds staleShots cost { seconds credits } shots { number isFresh reasons }
  }
}
"""
CONSISTENCY = """
query ($id: ID!) {
  consistencyReport(renderId: $id) {
    characters {
      name threshold slope toReferences { minimum median count } betweenShots { minimum median count }
      shots { number verdict frames score shotsSince secondsSince } leastAlike { number otherNumber score }
      drift { shotsMin shotsMax scores { median } }
    }
    contactSheet { contentType } plot { contentType }
  }
  render(id: $id) { consistency { characters { name } } }
}
"""
ORDER = mutation("requestRender", "... on RenderRequested { render { seed } }")
ENGINES = "{ engines { name version capabilities { pastesReferences isDeterministic } } }"
LATEST = "{ characters { nodes { name latestRender { id state } } } }"
HUGE = 3 * 2**30  # bytes; more than GraphQL's Int holds
SMALL = {"detail": "P180", "framesPerSecond": 12}


async def studio(container: Container, *, email: str = "ada@example.org") -> tuple[Member, Crew]:
    viewer = await member(container, role=Role.VIEWER, email=email)
    return viewer, await furnish(container, viewer.lab.workspace_id)


async def test_a_viewer_reads_a_finished_render(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container)
    render = await crew.film()
    async with crew.work() as work:
        await work.session.execute(text("update objects set size_bytes = :size"), {"size": HUGE})
    answer = await ask_as(http, viewer.token, RENDER, id=f"render_{render.id}")
    judged = {"frames": 1, "findings": [{"verdict": "MATCH"}]}
    take = {
        "number": 1,
        "verdict": "MATCH",
        "score": 0.8,
        "rung": "FIRST_SEED",
        "isAccepted": True,
        "clipJudgement": judged,
    }
    found = answer["data"]["render"]
    assert found["state"] == "FINISHED"
    assert found["spent"] == {"seconds": 9.0, "credits": 21}
    assert found["shots"] == [{"number": number, "state": "TAKEN", "take": take} for number in (1, 2, 3)]
    assert found["film"] == {
        "width": 320,
        "height": 180,
        "frames": 108,
        "framesPerSecond": 12,
        "seconds": 9.0,
        "videoCodec": "h264",
        "pixelFormat": "yuv420p",
        "video": {"contentType": "image/png", "sizeBytes": HUGE},
    }


async def test_a_report_is_read_once_it_is_there(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container)
    key = f"render_{(render := await crew.film()).id}"
    nothing = {"data": {"consistencyReport": None, "render": {"consistency": None}}}
    assert await ask_as(http, viewer.token, CONSISTENCY, id=key) == nothing
    await report_on(crew, render, 0, 60, 0)
    answer = (await ask_as(http, viewer.token, CONSISTENCY, id=key))["data"]
    assert answer["render"] == {"consistency": {"characters": [{"name": "Hare"}]}}
    found = answer["consistencyReport"]
    assert (found["contactSheet"], found["plot"]) == ({"contentType": "image/png"}, {"contentType": "image/png"})
    hare = found["characters"][0]
    assert (hare["toReferences"], hare["slope"]) == ({"minimum": 0.5, "median": 1.0, "count": 3}, None)
    assert hare["betweenShots"] == {"minimum": 0.5, "median": 0.5, "count": 3}
    second = {"number": 2, "verdict": "UNCHECKED", "frames": 5, "score": 0.5, "shotsSince": 1, "secondsSince": 0.0}
    assert hare["shots"][1] == second
    assert hare["leastAlike"][0] == {"number": 1, "otherNumber": 2, "score": 0.5}
    assert hare["drift"] == [{"shotsMin": 1, "shotsMax": 1, "scores": {"median": 0.75}}]
    stranger = await member(container, email="eve@example.org")
    assert await ask_as(http, stranger.token, CONSISTENCY, id=key) == {
        "data": {"consistencyReport": None, "render": None}
    }


@pytest.mark.parametrize("seed", [str(2**63 - 1), "7397571965225004185", 7])
async def test_a_seed_that_was_read_can_be_ordered_again(
    http: httpx.AsyncClient, container: Container, seed: str | int
) -> None:
    editor = await member(container)
    crew = await furnish(container, editor.lab.workspace_id)
    given = {"storyboardId": f"storyboard_{crew.storyboard.id}", "settings": {**SMALL, "seed": seed}}

    answer = await ask_as(http, editor.token, ORDER, input=given)

    assert answer["data"]["requestRender"]["render"]["seed"] == str(seed)


async def test_nobody_and_a_stranger_read_none(http: httpx.AsyncClient, container: Container) -> None:
    _, crew = await studio(container)
    render = await crew.order()
    stranger = await member(container, email="eve@example.org")
    assert code(await ask(http, RENDER, id=f"render_{render.id}")) == "UNAUTHENTICATED"
    assert await ask_as(http, stranger.token, RENDER, id=f"render_{render.id}") == {"data": {"render": None}}
    assert await ask_as(http, stranger.token, LIST, first=10) == {"data": {"renders": {"nodes": []}}}


@pytest.mark.parametrize("renders", [1, 4])
async def test_a_list_of_renders_costs_a_constant_number_of_statements(
    http: httpx.AsyncClient, container: Container, renders: int
) -> None:
    viewer, crew = await studio(container)
    for _ in range(renders):
        await crew.film()
    sent: list[str] = []
    event.listen(container.database.engine.sync_engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    answer = await ask_as(http, viewer.token, LIST, first=10)
    assert len(answer["data"]["renders"]["nodes"]) == renders
    selects = [statement for statement in sent if "FROM" in statement and "set_config" not in statement]
    # Session, page, shots, takes, and objects at two depths: posters and clips.
    assert len(selects) == 6, selects


async def test_a_quote_is_told(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container)
    answer = await ask_as(http, viewer.token, QUOTE, id=f"storyboard_{crew.storyboard.id}", settings=SMALL)
    shots = [{"number": number, "isFresh": False, "reasons": ["NEW_SHOT"]} for number in (1, 2, 3)]
    quote = {"filmSeconds": 9.0, "staleShots": 3, "cost": {"seconds": 9.0, "credits": 0}, "shots": shots}
    assert answer == {"data": {"quoteRender": quote}}


async def test_engines_are_told_as_data(http: httpx.AsyncClient, container: Container) -> None:
    viewer = await member(container, role=Role.VIEWER)
    can = {"pastesReferences": True, "isDeterministic": True}
    engine = {"name": "animatic", "version": container.engines.get("animatic").version, "capabilities": can}
    assert await ask_as(http, viewer.token, ENGINES) == {"data": {"engines": [engine]}}


async def test_a_character_knows_its_latest_render(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container)
    await crew.order()
    newest = await crew.order()
    answer = await ask_as(http, viewer.token, LATEST)
    latest = {"id": f"render_{newest.id}", "state": "QUEUED"}
    assert answer == {"data": {"characters": {"nodes": [{"name": "Hare", "latestRender": latest}]}}}
