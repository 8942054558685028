"""Lists, batches and text search of characters."""

from collections.abc import Sequence

import pytest

from bootstrap.container import Container
from domain.characters.models import Character
from domain.characters.search_terms import query_of
from domain.errors import Invalid
from domain.identifiers import WorkspaceId
from domain.paging import Page, PageRequest
from tests.builders_characters import NOW, character, image
from tests.builders_workspaces import new_workspace


async def write(container: Container, cast: Sequence[Character]) -> None:
    async with container.work(cast[0].workspace_id) as work:
        for each in cast:
            await work.characters.add(each)


async def extras(container: Container, count: int) -> list[Character]:
    """Write characters, two of each second, and answer them newest first."""
    workspace_id = await new_workspace(container)
    cast = [character(workspace_id, name=f"Extra {number}", age=number // 2) for number in range(count)]
    await write(container, cast)
    return sorted(cast, key=lambda each: (each.created_at, each.id), reverse=True)


async def read_page(container: Container, workspace_id: WorkspaceId, request: PageRequest) -> Page[Character]:
    async with container.work(workspace_id) as work:
        return await work.character_reads.page(request)


async def test_pages_forwards_hold_every_character_once(container: Container) -> None:
    expected = await extras(container, 7)
    found: list[Character] = []
    after, has_next = None, True

    while has_next:
        page = await read_page(container, expected[0].workspace_id, PageRequest(first=3, after=after))
        assert page.has_previous is (after is not None)
        found += [edge.item for edge in page.edges]
        after, has_next = page.edges[-1].cursor, page.has_next

    assert found == expected


async def test_pages_backwards_hold_every_character_once(container: Container) -> None:
    expected = await extras(container, 7)
    found: list[Character] = []
    before, has_previous = None, True

    while has_previous:
        page = await read_page(container, expected[0].workspace_id, PageRequest(last=3, before=before))
        assert page.has_next is (before is not None)
        found = [*(edge.item for edge in page.edges), *found]
        before, has_previous = page.edges[0].cursor, page.has_previous

    assert found == expected


async def test_a_character_that_comes_in_between_does_not_shift_the_next_page(container: Container) -> None:
    expected = await extras(container, 4)
    first = await read_page(container, expected[0].workspace_id, PageRequest(first=2))
    await write(container, [character(expected[0].workspace_id, age=-60)])

    second = await read_page(container, expected[0].workspace_id, PageRequest(first=2, after=first.edges[-1].cursor))

    assert [edge.item for edge in second.edges] == expected[2:]


@pytest.mark.parametrize(
    "cursor", ["", "x", "2026-11-24T12:00:00|0", f"{NOW.replace(tzinfo=None).isoformat()}|{0:032x}"]
)
async def test_a_cursor_that_the_list_never_gave_is_refused(container: Container, cursor: str) -> None:
    with pytest.raises(Invalid):
        await read_page(container, await new_workspace(container), PageRequest(first=2, after=cursor))


async def test_images_of_many_come_by_character_and_position(container: Container) -> None:
    one, two, bare = await extras(container, 3)
    pictures = [image(one, position=1), image(one), image(two)]
    async with container.work(one.workspace_id) as work:
        await work.characters.add_images(pictures)

        found = await work.character_reads.images_of_many([one.id, two.id, bare.id])

    assert dict(found) == {one.id: [pictures[1], pictures[0]], two.id: [pictures[2]]}


async def names_found(container: Container, workspace_id: WorkspaceId, text: str, *, limit: int = 10) -> list[str]:
    async with container.work(workspace_id) as work:
        found = await work.character_reads.search_text(query_of(text), limit=limit)
    return [match.character.name for match in found]


async def cast_of_tales(container: Container) -> WorkspaceId:
    workspace_id = await new_workspace(container)
    cast = [
        character(workspace_id, name="小红帽", aliases=["Little Red Riding Hood"], description="戴红色帽子的女孩"),
        character(workspace_id, name="大灰狼", description="住在森林里，想吃掉小红帽的外婆"),
        character(workspace_id, name="Peter Rabbit", description="A rabbit in a blue jacket"),
        character(workspace_id, name="Mr. McGregor", description="The gardener who chases Peter"),
    ]
    await write(container, cast)
    return workspace_id


FOUND_BY = {
    "peter": ["Peter Rabbit", "Mr. McGregor"],
    "Peter Rabbit": ["Peter Rabbit"],
    "rabit": ["Peter Rabbit"],
    "garden": ["Mr. McGregor"],
    "macgregor": ["Mr. McGregor"],
    "riding hood": ["小红帽"],
    "小红帽": ["小红帽", "大灰狼"],
    "红帽": ["小红帽", "大灰狼"],
    "帽子": ["小红帽"],
    "狼": ["大灰狼"],
    "外婆": ["大灰狼"],
    "龙": [],
    "dragon": [],
}


async def test_words_find_characters_in_every_script(container: Container) -> None:
    workspace_id = await cast_of_tales(container)

    assert {text: await names_found(container, workspace_id, text) for text in FOUND_BY} == FOUND_BY


async def test_text_search_stays_in_its_workspace_and_limit(container: Container) -> None:
    ours, theirs = await cast_of_tales(container), await cast_of_tales(container)

    assert await names_found(container, theirs, "peter") == ["Peter Rabbit", "Mr. McGregor"]
    assert await names_found(container, ours, "peter", limit=1) == ["Peter Rabbit"]
