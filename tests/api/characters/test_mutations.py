"""Creating, changing and deleting characters over the API; who may, and what a refusal leaves behind."""

from typing import Any

import httpx
import pytest

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.characters.models import CharacterState
from domain.identifiers import UploadId
from tests.api.asking import ask_as
from tests.builders_character_members import Member, global_character, member
from tests.builders_characters import vector
from tests.builders_film_crew import furnish

CREATE = """
mutation ($input: CreateCharacterInput!) {
  createCharacter(input: $input) {
    __typename
    ... on CharacterCreated {
      character { id name aliases description metadata state identity { threshold } images { position state refusal } }
    }
    ... on Refusal { message }
  }
}"""
UPDATE = """
mutation ($id: ID!, $name: String = "Flopsy") {
  updateCharacter(input: {id: $id, name: $name}) {
    __typename
    ... on CharacterUpdated { character { id name description } }
    ... on Refusal { message }
  }
}"""
DELETE = """
mutation ($id: ID!) {
  deleteCharacter(id: $id) { __typename ... on CharacterDeleted { id } ... on Refusal { message } }
}"""
ADD = """
mutation ($id: ID!, $uploadIds: [ID!]!) {
  addReferenceImages(input: {characterId: $id, uploadIds: $uploadIds}) {
    __typename
    ... on ReferenceImagesAdded { character { state } images { position state } }
    ... on Refusal { message }
  }
}"""
REMOVE = """
mutation ($image: ID!) {
  removeReferenceImage(id: $image) {
    __typename
    ... on ReferenceImageRemoved { character { state images { id } } }
    ... on Refusal { message }
  }
}"""
MUTATIONS = {"create": CREATE, "update": UPDATE, "delete": DELETE, "add": ADD, "remove": REMOVE}


def global_upload(upload_id: UploadId) -> str:
    return f"upload_{upload_id}"


async def wishes(owner: Member) -> dict[str, dict[str, object]]:
    """What a caller could want of a character of the owner's; each wish would be granted to them."""
    peter = await owner.lab.learned("Peter", vector(0), vector(10))
    image, _ = await owner.lab.images(peter.id)
    upload = [global_upload(await owner.lab.put())]
    character_id = global_character(peter.id)
    return {
        "create": {"input": {"name": "Mopsy", "uploadIds": upload}},
        "update": {"id": character_id},
        "delete": {"id": character_id},
        "add": {"id": character_id, "uploadIds": upload},
        "remove": {"image": f"characterImage_{image.id}"},
    }


@pytest.mark.parametrize("verb", MUTATIONS)
async def test_nobody_and_viewers_change_nothing(http: httpx.AsyncClient, container: Container, verb: str) -> None:
    ada = await member(container, Role.VIEWER)
    wish = (await wishes(ada))[verb]
    before = await ada.lab.written()

    answers = [await ask_as(http, token, MUTATIONS[verb], **wish) for token in ("", ada.token)]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN"]
    assert await ada.lab.written() == before


NOT_THERE = {
    "create": "UploadNotFound",
    "update": "CharacterNotFound",
    "delete": "CharacterNotFound",
    "add": "CharacterNotFound",
    "remove": "ImageNotFound",
}


@pytest.mark.parametrize("verb", MUTATIONS)
async def test_for_a_stranger_nothing_is_there(http: httpx.AsyncClient, container: Container, verb: str) -> None:
    ada, bob = await member(container), await member(container, email="bob@example.org")
    wish = (await wishes(ada))[verb]
    before = await ada.lab.written()

    (told,) = (await bob.ask(http, MUTATIONS[verb], **wish)).values()

    assert told["__typename"] == NOT_THERE[verb]
    assert await ada.lab.written() == before


async def granted(http: httpx.AsyncClient, container: Container, verb: str) -> tuple[Member, dict[str, Any]]:
    """Ask as an editor, and answer what came of it."""
    ada = await member(container, Role.EDITOR)
    (told,) = (await ada.ask(http, MUTATIONS[verb], **(await wishes(ada))[verb])).values()
    return ada, told


async def test_an_editor_creates_a_character(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container, Role.EDITOR)
    given = {
        "name": " 小红帽 ",
        "aliases": ["Little Red"],
        "description": "A girl.",
        "metadata": {"age": 9},
        "uploadIds": [global_upload(await ada.lab.put()) for _ in range(2)],
    }

    told = (await ada.ask(http, CREATE, input=given))["createCharacter"]

    made = told["character"]
    assert made.pop("id").startswith("character_")
    assert made == {
        "name": "小红帽",
        "aliases": ["Little Red"],
        "description": "A girl.",
        "metadata": {"age": 9},
        "state": "LEARNING",
        "identity": None,
        "images": [{"position": place, "state": "PENDING", "refusal": None} for place in range(2)],
    }
    assert await ada.lab.jobs() == [("characters.ingest_image", "queued")] * 2


async def test_an_editor_changes_a_name_and_nothing_else(http: httpx.AsyncClient, container: Container) -> None:
    _, told = await granted(http, container, "update")

    assert told["__typename"] == "CharacterUpdated"
    assert (told["character"]["name"], told["character"]["description"]) == ("Flopsy", "")


async def test_an_editor_deletes_a_character_once(http: httpx.AsyncClient, container: Container) -> None:
    ada, told = await granted(http, container, "delete")
    again = (await ada.ask(http, DELETE, id=told["id"]))["deleteCharacter"]

    assert told["__typename"] == "CharacterDeleted"
    assert again == {"__typename": "CharacterNotFound", "message": "There is no such character."}
    assert (await ada.lab.written())["character_images"] == 0


async def test_an_editor_adds_a_picture(http: httpx.AsyncClient, container: Container) -> None:
    _, told = await granted(http, container, "add")

    assert told == {
        "__typename": "ReferenceImagesAdded",
        "character": {"state": "LEARNING"},
        "images": [{"position": 2, "state": "PENDING"}],
    }


async def test_an_editor_removes_a_picture(http: httpx.AsyncClient, container: Container) -> None:
    ada, told = await granted(http, container, "remove")

    assert (told["__typename"], told["character"]["state"]) == ("ReferenceImageRemoved", "LEARNING")
    assert len(told["character"]["images"]) == 1
    assert ("characters.calibrate", "queued") in await ada.lab.jobs()


async def test_uploads_that_cannot_be_used_are_facts(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container)
    used, fresh = [global_upload(await ada.lab.put()) for _ in range(2)]
    await ada.ask(http, CREATE, input={"name": "One", "uploadIds": [used]})
    absent = global_upload(await ada.lab.put(b"soon gone"))
    await container.store.delete([f"uploads/{ada.lab.workspace_id}/{absent.removeprefix('upload_')}"])
    before = (await ada.lab.written())["characters"]
    expected = {used: "UploadAlreadyUsed", absent: "UploadNotPut", f"upload_{container.new_id()}": "UploadNotFound"}

    found = {
        each: (await ada.ask(http, CREATE, input={"name": "Two", "uploadIds": [fresh, each]}))["createCharacter"]
        for each in expected
    }

    assert {each: told["__typename"] for each, told in found.items()} == expected
    assert (await ada.lab.written())["characters"] == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "x" * 101}, "name"),
        ({"name": "Peter", "aliases": [""]}, "aliases"),
        ({"name": "Peter", "metadata": [1]}, "metadata"),
        ({"name": "Peter", "uploadIds": ["character_1"]}, "uploadIds"),
    ],
)
async def test_a_wish_that_makes_no_sense_names_its_field(
    http: httpx.AsyncClient, container: Container, given: dict[str, object], field: str
) -> None:
    ada = await member(container)
    before = await ada.lab.written()

    answer = await ask_as(http, ada.token, CREATE, input=given)

    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": field}
    assert await ada.lab.written() == before


async def test_a_character_in_use_stays_known_while_it_learns(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container)
    peter = await ada.lab.learned("Peter", vector(0))

    await ada.ask(http, ADD, id=global_character(peter.id), uploadIds=[global_upload(await ada.lab.put())])

    found = await ada.lab.find(peter.id)
    assert found is not None
    assert (found.state, found.calibration) == (CharacterState.LEARNING, peter.calibration)


@pytest.mark.parametrize("verb", ["delete", "remove"])
async def test_who_is_being_filmed_stays_whole(http: httpx.AsyncClient, container: Container, verb: str) -> None:
    ada = await member(container, Role.EDITOR)
    crew = await furnish(container, ada.lab.workspace_id)
    render = await crew.order()
    assert crew.storyboard.cast
    (hare,) = crew.storyboard.cast
    (picture,) = await ada.lab.images(hare)
    wish = {"delete": {"id": global_character(hare)}, "remove": {"image": f"characterImage_{picture.id}"}}[verb]
    before = await ada.lab.written()

    (told,) = (await ada.ask(http, MUTATIONS[verb], **wish)).values()

    assert told["__typename"] == "CharacterBeingFilmed"
    assert f"render_{render.id}" in told["message"]
    assert await ada.lab.written() == before
