"""Characters in lists: their pages, and what they cost in statements."""

from typing import Any

import httpx

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.characters.models import Character, WorkingCopies
from domain.characters.views import UNKNOWN, Facing, Framing, View
from tests.api.asking import ask
from tests.builders_character_members import Member, counted_statements, global_character, member
from tests.builders_characters import NOW, character, facts, image

# Characters, pictures, files, look-alikes, the others and renders, and who asks: one statement each, and one before
# it that says which workspace is seen.
STATEMENTS = 14

PAGE = """
query ($first: Int, $after: String, $last: Int, $before: String) {
  characters(first: $first, after: $after, last: $last, before: $before) {
    nodes { name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
RICH = """
query ($first: Int!) {
  characters(first: $first) {
    nodes {
      id name aliases description metadata state createdAt updatedAt
      identity { space threshold images }
      images { id state faults { fault } thumbnail { url } cutOut { url } }
      lookAlikes { likeness character { name } }
      latestRender { id state spent { credits } }
    }
  }
}"""


async def fill(maker: Member, count: int, *, pictures: int = 0) -> list[Character]:
    """Write characters with read pictures, looking alike two by two; answer them as lists show them."""
    lab = maker.lab
    file_id = await lab.stored(b"one file for all")
    cast = [character(lab.workspace_id, name=f"Extra {number}", age=number // 2) for number in range(count)]
    async with lab.begin() as work:
        for each in cast:
            await work.characters.add(each)
            pending = [image(each, position=place) for place in range(pictures)]
            shown = WorkingCopies(file_id, file_id, file_id)
            await work.characters.add_images([found.accepted(shown, facts()) for found in pending])
        for one, other in zip(cast[::2], cast[1::2], strict=True):
            await work.identities.replace_look_alikes(one.id, {other.id: 0.9}, now=NOW)
    return sorted(cast, key=lambda each: (each.created_at, each.id), reverse=True)


async def walk(http: httpx.AsyncClient, reader: Member, *, size: str, cursor: str, edge: str, more: str) -> list[str]:
    """Read the whole list page by page, and answer the names page after page."""
    names: list[str] = []
    place: str | None = None
    while True:
        variables = {size: 3} if place is None else {size: 3, cursor: place}
        page = (await reader.ask(http, PAGE, **variables))["characters"]
        names += [node["name"] for node in page["nodes"]]
        place = page["pageInfo"][edge]
        if not page["pageInfo"][more]:
            return names


async def test_the_list_is_read_forwards_and_backwards(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container, Role.VIEWER)
    expected = [each.name for each in await fill(ada, 8)]

    forwards = await walk(http, ada, size="first", cursor="after", edge="endCursor", more="hasNextPage")
    backwards = await walk(http, ada, size="last", cursor="before", edge="startCursor", more="hasPreviousPage")

    assert forwards == expected
    assert sorted(backwards) == sorted(expected)
    assert backwards[:3] == expected[-3:]


async def rich_page(http: httpx.AsyncClient, reader: Member, first: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Ask for a page with all that hangs on it; answer the characters and the statements that it took."""
    with counted_statements(reader.lab.container) as sent:
        answer = await reader.ask(http, RICH, first=first)
    return answer["characters"]["nodes"], sent


async def test_a_hundred_characters_cost_as_many_statements_as_two(
    http: httpx.AsyncClient, container: Container
) -> None:
    ada = await member(container, Role.VIEWER)
    await fill(ada, 100, pictures=6)
    await rich_page(http, ada, 1)

    two, of_two = await rich_page(http, ada, 2)
    hundred, of_hundred = await rich_page(http, ada, 100)

    assert (len(two), len(hundred)) == (2, 100)
    assert all(len(each["images"]) == 6 and each["images"][5]["cutOut"]["url"] for each in hundred)
    assert all(each["lookAlikes"] for each in hundred)
    assert len(of_hundred) == len(of_two) == STATEMENTS


async def test_a_page_of_a_thousand_costs_as_many_statements_as_one_of_ten(
    http: httpx.AsyncClient, container: Container
) -> None:
    few, many = [await member(container, email=f"{name}@example.org") for name in ("few", "many")]
    await fill(few, 10)
    await fill(many, 1000)

    _, of_few = await rich_page(http, few, 10)
    found, of_many = await rich_page(http, many, 100)

    assert len(found) == 100
    assert len(of_many) == len(of_few)


async def test_a_stranger_sees_neither_list_nor_node(http: httpx.AsyncClient, container: Container) -> None:
    ada, bob = await member(container), await member(container, email="bob@example.org")
    hers, _ = await fill(ada, 2)
    both = "query ($id: ID!) { characters(first: 1) { nodes { id } } character(id: $id) { id } node(id: $id) { id } }"

    seen = {each.token: await each.ask(http, both, id=global_character(hers.id)) for each in (ada, bob)}

    found = {"id": global_character(hers.id)}
    assert seen[ada.token] == {"characters": {"nodes": [found]}, "character": found, "node": found}
    assert seen[bob.token] == {"characters": {"nodes": []}, "character": None, "node": None}


async def test_nobody_sees_nothing(http: httpx.AsyncClient) -> None:
    answer = await ask(http, PAGE, first=1)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_pictures_say_from_which_view_they_show_the_character(
    http: httpx.AsyncClient, container: Container
) -> None:
    ada = await member(container, Role.VIEWER)
    hare = character(ada.lab.workspace_id)
    views = [View(Framing.BUST, Facing.LEFT), View(Framing.FULL), UNKNOWN]
    file_id = await ada.lab.stored(b"one file for all")
    shown = WorkingCopies(file_id, file_id, file_id)
    read = [image(hare, position=at).accepted(shown, facts(view=view)) for at, view in enumerate(views)]
    async with ada.lab.begin() as work:
        await work.characters.add(hare)
        await work.characters.add_images(read)
        await work.characters.add_images([image(hare, position=3)])

    page = await ada.ask(http, "{ characters(first: 1) { nodes { images { framing facing } } } }")

    assert [(each["framing"], each["facing"]) for each in page["characters"]["nodes"][0]["images"]] == [
        ("BUST", "LEFT"),
        ("FULL", None),
        (None, None),
        (None, None),
    ]
