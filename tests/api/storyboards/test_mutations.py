"""Writing and editing storyboards as clients do, each with four callers."""

import httpx
import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.storyboards.models import SCRIPT_CHARACTERS_MAX
from tests.api.asking import ask, ask_as
from tests.builders_storyboards import SCRIPT
from tests.builders_studio import EDITED, EDITS, Member, code, edit_input, global_shot, member, mutation

CREATE = mutation(
    "createStoryboard",
    "__typename ... on StoryboardCreated { storyboard { title state version shotCount script shots { id } } }"
    " ... on Refusal { message }",
)
RENAME = mutation("renameStoryboard", "__typename ... on StoryboardRenamed { storyboard { title version } }")
DELETE = mutation("deleteStoryboard", "__typename ... on StoryboardDeleted { id }")
ORDER = {"script": SCRIPT, "title": "A film"}


async def written(container: Container) -> tuple[int, int, int]:
    """How many storyboards, versions and jobs there are in the whole database."""
    async with container.system_work() as work:
        counts = (
            "select (select count(*) from storyboards), (select count(*) from storyboard_versions),"
            " (select count(*) from jobs)"
        )
        row = (await work.session.execute(text(counts))).one()
    return row[0], row[1], row[2]


async def test_an_editor_has_a_storyboard_written(http: httpx.AsyncClient, container: Container) -> None:
    editor = await member(container, role=Role.EDITOR)

    answer = await ask_as(http, editor.token, CREATE, input={**ORDER, "secondsTarget": 30.0})

    board = {"title": "A film", "state": "WRITING", "version": 0, "shotCount": 0, "script": SCRIPT, "shots": []}
    assert answer == {"data": {"createStoryboard": {"__typename": "StoryboardCreated", "storyboard": board}}}
    assert await written(container) == (1, 0, 1)


async def test_nobody_and_a_viewer_have_nothing_written(http: httpx.AsyncClient, container: Container) -> None:
    viewer = await member(container, role=Role.VIEWER)

    assert code(await ask(http, CREATE, input=ORDER)) == "UNAUTHENTICATED"
    assert code(await ask_as(http, viewer.token, CREATE, input=ORDER)) == "FORBIDDEN"
    assert await written(container) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"script": ""}, "script"),
        ({"script": "🐰🐢🏁"}, "script"),
        ({"title": " "}, "title"),
        ({"language": "klingon"}, "language"),
        ({"secondsTarget": -1.0}, "secondsTarget"),
        ({"cast": ["storyboard_01940000-0000-7000-8000-000000000001"]}, "cast"),
    ],
)
async def test_an_order_that_breaks_a_rule_is_invalid(
    http: httpx.AsyncClient, container: Container, changes: dict[str, object], field: str
) -> None:
    editor = await member(container)

    answer = await ask_as(http, editor.token, CREATE, input=ORDER | changes)

    assert (code(answer), answer["errors"][0]["extensions"]["field"]) == ("INVALID", field)
    assert await written(container) == (0, 0, 0)


async def test_facts_about_an_order_are_told(http: httpx.AsyncClient, container: Container) -> None:
    editor = await member(container)
    stranger = "character_01940000-0000-7000-8000-000000000001"

    too_long = await ask_as(http, editor.token, CREATE, input=ORDER | {"script": "a" * (SCRIPT_CHARACTERS_MAX + 1)})
    uncast = await ask_as(http, editor.token, CREATE, input=ORDER | {"cast": [stranger]})

    assert too_long["data"]["createStoryboard"]["__typename"] == "ScriptTooLong"
    assert uncast["data"]["createStoryboard"]["__typename"] == "CastMemberNotFound"
    assert await written(container) == (0, 0, 0)


async def test_namesakes_of_the_script_are_told_by_their_ids(http: httpx.AsyncClient, container: Container) -> None:
    editor = await member(container)
    ids = {f"character_{(await editor.lab.character('Anna')).id}" for _ in range(2)}
    document = mutation("createStoryboard", "__typename ... on CastAmbiguous { characterIds }")

    answer = await ask_as(http, editor.token, document, input=ORDER)

    told = answer["data"]["createStoryboard"]
    assert (told["__typename"], set(told["characterIds"])) == ("CastAmbiguous", ids)
    assert (await written(container))[0] == 0


@pytest.mark.parametrize("name", EDITS)
async def test_an_editor_edits(http: httpx.AsyncClient, container: Container, name: str) -> None:
    editor = await member(container, role=Role.EDITOR)
    board = await editor.lab.written()

    answer = await ask_as(http, editor.token, mutation(name, EDITED), input=edit_input(name, board))

    outcome = answer["data"][name]
    assert outcome["__typename"] == "StoryboardEdited", answer
    found = await editor.lab.find(board.id)
    assert (outcome["storyboard"]["version"], found.version) == (2, 2)
    assert [shot["action"] for shot in outcome["shots"]] == [shot.content.action for shot in found.shots]
    assert [shot["extras"] for shot in outcome["shots"]] == [shot.content.extras for shot in found.shots]
    assert any(shot["extras"] for shot in outcome["shots"]) is (name in {"insertShot", "updateShot"})
    assert [shot["number"] for shot in outcome["shots"]] == list(range(1, len(found.shots) + 1))


PROMPT = "A red-haired girl in a moonlit field."


async def prompted(http: httpx.AsyncClient, editor: Member, changes: dict[str, object]) -> str:
    """Answer what is left of a shot's prompt after changes."""
    board = await editor.lab.written(1)
    document = mutation("updateShot", "__typename ... on StoryboardEdited { storyboard { version } shots { prompt } }")
    given = {"storyboardId": f"storyboard_{board.id}", "shotId": global_shot(board.shots[0])}
    first = await ask_as(http, editor.token, document, input=given | {"version": 1, "prompt": PROMPT})
    assert first["data"]["updateShot"]["shots"] == [{"prompt": PROMPT}]
    edited = await ask_as(http, editor.token, document, input=given | {"version": 2} | changes)
    return edited["data"]["updateShot"]["shots"][0]["prompt"]


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"action": "Changed."}, ""),
        ({"cast": ["ANNA"]}, ""),
        ({"extras": True}, ""),
        ({"setting": {"name": "The old mill"}}, ""),
        ({"setting": {"scenery": "SEA"}}, ""),
        ({"setting": {"timeOfDay": "NIGHT"}}, ""),
        ({"setting": {"weather": "RAIN"}}, ""),
        ({"setting": {"mood": "SAD"}}, PROMPT),
        ({"size": "CLOSE_UP", "narration": "Once.", "seconds": 5.0}, PROMPT),
        ({"extras": True, "prompt": "A crowd."}, "A crowd."),
        ({"setting": {"timeOfDay": "NIGHT"}, "prompt": PROMPT}, PROMPT),
    ],
)
async def test_a_prompt_that_an_edit_makes_false_is_emptied(
    http: httpx.AsyncClient, container: Container, changes: dict[str, object], left: str
) -> None:
    editor = await member(container)
    anna = {"characterId": f"character_{(await editor.lab.character('Anna')).id}"}

    assert await prompted(http, editor, changes | ({"cast": [anna]} if "cast" in changes else {})) == left


@pytest.mark.parametrize("name", EDITS)
async def test_nobody_else_edits(http: httpx.AsyncClient, container: Container, name: str) -> None:
    owner = await member(container)
    board = await owner.lab.written()
    viewer = await member(container, role=Role.VIEWER, email="vera@example.org")
    stranger = await member(container, email="sam@example.org")
    document, given = mutation(name, EDITED), edit_input(name, board)

    assert code(await ask(http, document, input=given)) == "UNAUTHENTICATED"
    assert code(await ask_as(http, viewer.token, document, input=given)) == "FORBIDDEN"
    told = await ask_as(http, stranger.token, document, input=given)

    assert told["data"][name]["__typename"] == "StoryboardNotFound"
    assert await owner.lab.find(board.id) == board


@pytest.mark.parametrize("name", EDITS)
async def test_a_stale_editor_is_told_the_version_that_is(
    http: httpx.AsyncClient, container: Container, name: str
) -> None:
    owner = await member(container)
    board = await owner.lab.written()

    answer = await ask_as(http, owner.token, mutation(name, EDITED), input=edit_input(name, board, version=0))

    conflict = {"message": "The storyboard is at version 1, not 0.", "actualVersion": 1}
    assert answer["data"][name] == {"__typename": "StoryboardVersionConflict", **conflict}
    assert await owner.lab.find(board.id) == board


async def test_a_shot_that_is_gone_and_a_board_being_written_are_facts(
    http: httpx.AsyncClient, container: Container
) -> None:
    owner = await member(container)
    board, writing = await owner.lab.written(), await owner.lab.create()
    gone = edit_input("deleteShot", board) | {"shotId": "shot_01940000-0000-7000-8000-000000000001"}
    early = {"storyboardId": f"storyboard_{writing.id}", "version": 0, "shot": {"action": "Too early."}}

    first = await ask_as(http, owner.token, mutation("deleteShot", EDITED), input=gone)
    second = await ask_as(http, owner.token, mutation("insertShot", EDITED), input=early)

    assert first["data"]["deleteShot"]["__typename"] == "ShotNotFound"
    assert second["data"]["insertShot"]["__typename"] == "StoryboardBeingWritten"


async def test_a_title_is_changed_by_editors_only(http: httpx.AsyncClient, container: Container) -> None:
    owner = await member(container)
    board = await owner.lab.written()
    viewer = await member(container, role=Role.VIEWER, email="vera@example.org")
    stranger = await member(container, email="sam@example.org")
    given = {"id": f"storyboard_{board.id}", "title": "Another film"}

    assert code(await ask(http, RENAME, input=given)) == "UNAUTHENTICATED"
    assert code(await ask_as(http, viewer.token, RENAME, input=given)) == "FORBIDDEN"
    told = await ask_as(http, stranger.token, RENAME, input=given)
    assert told["data"]["renameStoryboard"] == {"__typename": "StoryboardNotFound"}
    assert await owner.lab.find(board.id) == board

    renamed = await ask_as(http, owner.token, RENAME, input=given)
    expected = {"__typename": "StoryboardRenamed", "storyboard": {"title": "Another film", "version": 1}}
    assert renamed == {"data": {"renameStoryboard": expected}}


async def test_a_storyboard_is_deleted_by_editors_only(http: httpx.AsyncClient, container: Container) -> None:
    owner = await member(container)
    board = await owner.lab.written()
    viewer = await member(container, role=Role.VIEWER, email="vera@example.org")
    stranger = await member(container, email="sam@example.org")
    given = {"id": f"storyboard_{board.id}"}

    assert code(await ask(http, DELETE, input=given)) == "UNAUTHENTICATED"
    assert code(await ask_as(http, viewer.token, DELETE, input=given)) == "FORBIDDEN"
    told = await ask_as(http, stranger.token, DELETE, input=given)
    assert told["data"]["deleteStoryboard"] == {"__typename": "StoryboardNotFound"}
    assert await owner.lab.find(board.id) == board

    deleted = await ask_as(http, owner.token, DELETE, input=given)
    assert deleted == {"data": {"deleteStoryboard": {"__typename": "StoryboardDeleted", **given}}}
    assert (await written(container))[:2] == (0, 0)
