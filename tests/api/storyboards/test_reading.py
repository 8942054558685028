"""Storyboards read and watched as clients do."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import event

from api.server import LabServer
from bootstrap.container import Container
from domain.storyboards.use_cases.delete_storyboard import delete_storyboard
from domain.storyboards.use_cases.write_storyboard import finish_writing
from tests.api.asking import ask, ask_as
from tests.api.test_streams import events_of, streaming, told
from tests.builders_storyboards import NOW, ListedShots, shots
from tests.builders_studio import code, member

ONE = """query ($id: ID!) {
  storyboard(id: $id) {
    id title language state failure writer version shotCount seconds secondsTarget style script
    cast { name }
    shots { number action size move transition seconds cast { characterId } dialogue { text } setting { scenery } }
    versions { version edit shotCount }
  }
  node(id: $id) { id __typename }
}"""
LIST = "{ storyboards(first: 100) { nodes { title shotCount seconds shots { action } versions { edit } } } }"


async def test_a_storyboard_is_read_whole(http: httpx.AsyncClient, container: Container) -> None:
    owner = await member(container)
    board = await owner.lab.written(2)

    answer = await ask_as(http, owner.token, ONE, id=f"storyboard_{board.id}")

    found = answer["data"]["storyboard"]
    assert (found["state"], found["version"], found["language"], found["writer"]) == ("READY", 1, "en", "listed")
    assert (found["shotCount"], found["seconds"], found["script"]) == (2, 8.0, board.script)
    assert [(shot["number"], shot["action"]) for shot in found["shots"]] == [(1, "Shot 1."), (2, "Shot 2.")]
    assert found["versions"] == [{"version": 1, "edit": "write", "shotCount": 2}]
    assert answer["data"]["node"] == {"id": f"storyboard_{board.id}", "__typename": "Storyboard"}


async def test_a_stranger_and_nobody_see_nothing(http: httpx.AsyncClient, container: Container) -> None:
    owner = await member(container)
    board = await owner.lab.written()
    stranger = await member(container, email="sam@example.org")

    answer = await ask_as(http, stranger.token, ONE, id=f"storyboard_{board.id}")

    assert answer["data"] == {"storyboard": None, "node": None}
    assert (await ask_as(http, stranger.token, LIST))["data"]["storyboards"]["nodes"] == []
    assert code(await ask(http, LIST)) == "UNAUTHENTICATED"


@pytest.mark.parametrize("count", [1, 4])
async def test_a_list_costs_the_same_statements_for_any_length(
    http: httpx.AsyncClient, container: Container, count: int
) -> None:
    owner = await member(container)
    for _ in range(count):
        await owner.lab.written(2)
    statements: list[str] = []
    engine = container.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    answer = await ask_as(http, owner.token, LIST)

    nodes = answer["data"]["storyboards"]["nodes"]
    assert [(node["shotCount"], node["seconds"]) for node in nodes] == [(2, 8.0)] * count
    selects = [statement for statement in statements if "storyboard" in statement]
    assert len(selects) == 3


async def test_pages_follow_each_other(http: httpx.AsyncClient, container: Container) -> None:
    owner = await member(container)
    boards = [await owner.lab.written(1) for _ in range(3)]
    document = "query ($after: String) { storyboards(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }"

    first = (await ask_as(http, owner.token, document))["data"]["storyboards"]
    rest = (await ask_as(http, owner.token, document, after=first["pageInfo"]["endCursor"]))["data"]["storyboards"]

    found = [node["id"] for page in (first, rest) for node in page["nodes"]]
    assert found == [f"storyboard_{board.id}" for board in reversed(boards)]


WATCH = """subscription ($id: ID!, $after: String) {
  storyboardProgress(id: $id, after: $after) {
    cursor event { name number } shot { number action } storyboard { state shotCount }
  }
}"""


async def taken(arriving: AsyncIterator[dict[str, str]], count: int) -> list[dict[str, str]]:
    """The next events that are no heartbeats; the stream stays open."""
    found: list[dict[str, str]] = []
    while len(found) < count:
        each = await anext(arriving)
        found += [each] if "event" in each else []
    return found


def payloads(events: list[dict[str, str]]) -> list[dict[str, object]]:
    return [json.loads(each["data"])["data"]["storyboardProgress"] for each in events]


async def test_shots_appear_one_by_one_while_they_are_written(server: LabServer, container: Container) -> None:
    owner = await member(container)
    board = await owner.lab.create()
    async with streaming(server, WATCH, token=owner.token, id=f"storyboard_{board.id}") as response:
        arriving = events_of(response)
        first = payloads(await taken(arriving, 1))
        await owner.lab.write(board.id, ListedShots([each.content for each in shots(2)]))
        async with owner.lab.begin() as work:
            await finish_writing(work, storyboard_id=board.id, now=NOW)
        rest = payloads(await taken(arriving, 4))

    assert [each["event"] for each in first + rest] == [
        {"name": name, "number": number}
        for number, name in enumerate(
            ["StoryboardCreated", "StoryboardWritingStarted", "ShotWritten", "ShotWritten", "StoryboardWritten"], 1
        )
    ]
    assert [each["shot"] for each in rest] == [
        None,
        {"number": 1, "action": "Shot 1."},
        {"number": 2, "action": "Shot 2."},
        None,
    ]
    assert rest[-1]["storyboard"] == {"state": "READY", "shotCount": 2}


async def test_a_watcher_goes_on_behind_its_cursor_until_the_end(server: LabServer, container: Container) -> None:
    owner = await member(container)
    board = await owner.lab.written(2)
    document, key = WATCH, f"storyboard_{board.id}"
    async with streaming(server, document, token=owner.token, id=key) as response:
        seen = payloads(await told(response, 3))
    async with owner.lab.begin() as work:
        await delete_storyboard(work, storyboard_id=board.id)

    async with streaming(server, document, token=owner.token, id=key, after=seen[-1]["cursor"]) as response:
        gone = json.loads((await told(response, 1))[0]["data"])

    assert gone["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_stranger_cannot_watch(server: LabServer, container: Container) -> None:
    owner = await member(container)
    board = await owner.lab.create()
    stranger = await member(container, email="sam@example.org")

    async with streaming(server, WATCH, token=stranger.token, id=f"storyboard_{board.id}") as response:
        refused = json.loads((await told(response, 1))[0]["data"])

    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
