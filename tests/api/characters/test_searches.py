"""Finding characters over the API: by words, by another character, by a picture."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.s3.store import TURNS_AT_ONCE_MAX
from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.characters.use_cases.calibrate_identity import calibrate_identity
from domain.characters.use_cases.ingest_image import ingest_image
from tests.api.asking import ask_as
from tests.builders_character_lab import CharacterLab
from tests.builders_character_members import Member, global_character, member
from tests.builders_characters import character, vector

WORDS = (
    "query ($text: String!, $first: Int = 10) { searchCharacters(text: $text, first: $first) { character { name } } }"
)
SIMILAR = "query ($id: ID!) { similarCharacters(id: $id) { score isMatch character { name } } }"
PICTURE = """
query ($upload: ID!, $first: Int! = 20) {
  searchCharactersByPicture(uploadId: $upload, first: $first) { isMatch character { name } }
}"""
TALES = {"小红帽": "戴红色帽子的女孩", "大灰狼": "想吃掉小红帽", "Peter Rabbit": "A hare in blue"}


async def cast_of_tales(maker: Member) -> None:
    lab = maker.lab
    async with lab.begin() as work:
        for name, description in (
            ("小红帽", "戴红色帽子的女孩"),
            ("大灰狼", "想吃掉小红帽"),
            ("Peter Rabbit", "A hare in blue"),
        ):
            await work.characters.add(character(lab.workspace_id, name=name, description=description))


def names(found: list[dict[str, Any]]) -> list[str]:
    return [each["character"]["name"] for each in found]


async def test_words_find_characters_in_english_and_chinese(http: httpx.AsyncClient, container: Container) -> None:
    ada, bob = await member(container, Role.VIEWER), await member(container, email="bob@example.org")
    await cast_of_tales(ada)

    found = {
        words: names((await ada.ask(http, WORDS, text=words))["searchCharacters"])
        for words in ("rabit", "hare", "红帽", "女孩", "狼")
    }

    assert found == {
        "rabit": ["Peter Rabbit"],
        "hare": ["Peter Rabbit"],
        "红帽": ["小红帽", "大灰狼"],
        "女孩": ["小红帽"],
        "狼": ["大灰狼"],
    }
    assert (await bob.ask(http, WORDS, text="红帽"))["searchCharacters"] == []


@pytest.mark.parametrize("wish", [{"text": "!?"}, {"text": "fox", "first": 0}, {"text": "fox", "first": 101}])
async def test_a_search_for_nothing_is_invalid(
    http: httpx.AsyncClient, container: Container, wish: dict[str, object]
) -> None:
    ada = await member(container)

    answer = await ask_as(http, ada.token, WORDS, **wish)

    assert answer["errors"][0]["extensions"]["code"] == "INVALID"


async def test_a_character_finds_those_that_look_like_it(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container, Role.VIEWER)
    peter = await ada.lab.learned("Peter", vector(0))
    for name, angle in (("Far", 90), ("Near", 10)):
        await ada.lab.learned(name, vector(angle))

    found = (await ada.ask(http, SIMILAR, id=global_character(peter.id)))["similarCharacters"]

    assert [(each["character"]["name"], each["isMatch"]) for each in found] == [("Near", True), ("Far", False)]


async def test_a_character_that_is_not_known_finds_nobody(http: httpx.AsyncClient, container: Container) -> None:
    ada, bob = await member(container), await member(container, email="bob@example.org")
    peter = await ada.lab.create("Peter")

    codes = [
        (await ask_as(http, each.token, SIMILAR, id=global_character(peter.id)))["errors"][0]["extensions"]["code"]
        for each in (ada, bob)
    ]

    assert codes == ["CONFLICT", "NOT_FOUND"]


async def learned_from(lab: CharacterLab, name: str, *pictures: bytes) -> None:
    """Create a character from real pictures, and have it learned at once by the real readers."""
    made = await lab.create(name, contents=pictures)
    for image in await lab.images(made.id):
        outcome = await ingest_image(lab.begin, tools=lab.container.ingest_tools, image_id=image.id, now=lab.now)
        assert outcome is not None
        await lab.record(image, outcome)
    found = await lab.find(made.id)
    assert found is not None
    profile = lab.container.figures.profile
    async with lab.begin() as work:
        await calibrate_identity(work, character_id=made.id, revision=found.revision, profile=profile, now=lab.now)


async def test_a_picture_finds_who_is_in_it(http: httpx.AsyncClient, container: Container, data: Path) -> None:
    ada = await member(container, Role.VIEWER)
    for name in ("adventurer-000", "adventurer-003"):
        await learned_from(ada.lab, name, *((data / "cast" / name / f"{view}.png").read_bytes() for view in range(3)))
    seen = await ada.lab.put((data / "cast" / "adventurer-003" / "5.png").read_bytes())

    found = (await ada.ask(http, PICTURE, upload=f"upload_{seen}"))["searchCharactersByPicture"]
    again = (await ada.ask(http, PICTURE, upload=f"upload_{seen}"))["searchCharactersByPicture"]

    assert [each["character"]["name"] for each in found] == ["adventurer-003", "adventurer-000"]
    assert found[0]["isMatch"]
    assert again == found


async def test_what_is_no_picture_finds_nobody(http: httpx.AsyncClient, container: Container) -> None:
    ada, bob = await member(container), await member(container, email="bob@example.org")
    upload = f"upload_{await ada.lab.put(b'no picture at all')}"

    codes = [
        (await ask_as(http, each.token, PICTURE, upload=upload))["errors"][0]["extensions"]["code"]
        for each in (ada, bob)
    ]

    assert codes == ["INVALID", "NOT_FOUND"]


async def test_only_so_many_pictures_are_looked_at_at_once(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container)
    upload = f"upload_{await ada.lab.put(b'no picture at all')}"
    async with AsyncExitStack() as others:
        for _ in range(TURNS_AT_ONCE_MAX):
            await others.enter_async_context(container.store.turn())
        looking = asyncio.create_task(ask_as(http, ada.token, PICTURE, upload=upload))
        await asyncio.wait([looking], timeout=0.2)
        assert not looking.done()
    assert (await looking)["errors"][0]["extensions"]["code"] == "INVALID"


@pytest.mark.parametrize("first", [0, 101])
async def test_a_picture_is_not_fetched_for_a_number_that_is_refused(
    http: httpx.AsyncClient, container: Container, first: int
) -> None:
    ada = await member(container)
    upload = f"upload_{await ada.lab.put(b'no picture at all')}"

    answer = await ask_as(http, ada.token, PICTURE, upload=upload, first=first)

    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": "first"}
