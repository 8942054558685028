"""What happens to a character, followed live."""

import json
from typing import Any

import pytest

from api.server import LabServer
from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.characters.use_cases.delete_character import delete_character
from tests.api.test_streams import events_of, streaming, told
from tests.builders_character_members import global_character, member
from tests.builders_characters import vector

PROGRESS = """
subscription ($id: ID!, $after: String) {
  characterProgress(id: $id, after: $after) { cursor event { name number } character { state } }
}"""


def progress_in(events: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [json.loads(event["data"])["data"]["characterProgress"] for event in events]


async def test_a_viewer_follows_a_character_until_it_is_known(server: LabServer, container: Container) -> None:
    ada = await member(container, Role.VIEWER)
    peter = await ada.lab.learned("Peter", vector(0))

    async with streaming(server, PROGRESS, token=ada.token, id=global_character(peter.id)) as response:
        seen = progress_in(await told(response, 4))

    names = ["CharacterCreated", "ImageAdded", "ImageIngested", "IdentityCalibrated"]
    assert [each["event"] for each in seen] == [
        {"name": name, "number": number} for number, name in enumerate(names, 1)
    ]
    assert seen[-1]["character"] == {"state": "READY"}


async def test_a_cursor_goes_on_behind_it(server: LabServer, container: Container) -> None:
    ada = await member(container)
    peter = await ada.lab.learned("Peter", vector(0))
    async with streaming(server, PROGRESS, token=ada.token, id=global_character(peter.id)) as response:
        first, second = progress_in(await told(response, 2))

    async with streaming(
        server, PROGRESS, token=ada.token, id=global_character(peter.id), after=first["cursor"]
    ) as response:
        (resumed,) = progress_in(await told(response, 1))

    assert resumed == second


async def test_the_deletion_is_the_last_that_is_told(server: LabServer, container: Container) -> None:
    ada = await member(container)
    peter = await ada.lab.create()

    async with streaming(server, PROGRESS, token=ada.token, id=global_character(peter.id)) as response:
        events = (event async for event in events_of(response) if "event" in event)
        (created,) = progress_in([await anext(events)])
        async with ada.lab.begin() as work:
            await delete_character(work, character_id=peter.id, now=container.now())
        (deleted,) = progress_in([await anext(events)])
        end = await anext(events)

    assert created["event"]["name"] == "CharacterCreated"
    assert deleted["event"]["name"] == "CharacterDeleted"
    assert deleted["character"] is None
    assert end["event"] == "complete"


@pytest.mark.parametrize(("who", "code"), [("nobody", "UNAUTHENTICATED"), ("stranger", "NOT_FOUND")])
async def test_others_follow_nothing(server: LabServer, container: Container, who: str, code: str) -> None:
    ada, bob = await member(container), await member(container, email="bob@example.org")
    peter = await ada.lab.create()
    token = "" if who == "nobody" else bob.token

    async with streaming(server, PROGRESS, token=token, id=global_character(peter.id)) as response:
        (event, _) = await told(response, 2)

    (error,) = json.loads(event["data"])["errors"]
    assert error["extensions"]["code"] == code
