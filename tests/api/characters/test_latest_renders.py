"""The newest render of every character in a list, with rows behind it: what it answers and costs in statements."""

from dataclasses import replace
from typing import Any

import httpx

from bootstrap.container import Container
from domain.renders.models import Render
from domain.storyboards.models import CastMember
from tests.builders_character_members import Member, counted_statements, member
from tests.builders_film_crew import Crew, a_storyboard, add_character
from tests.builders_renders import a_content

CAST_IN_SHOT = 5
LATEST = """
query ($first: Int!) {
  characters(first: $first) {
    nodes { latestRender { id state committed { seconds } shots { number state takes { number } } } }
  }
}"""


async def film_everybody(maker: Member, count: int) -> Render:
    """Order two renders in which so many characters are cast; answer the newer one."""
    container, workspace_id = maker.lab.container, maker.lab.workspace_id
    async with container.work(workspace_id) as work:
        cast = [await add_character(work, workspace_id, f"Extra {number}") for number in range(count)]
        groups = [cast[at : at + CAST_IN_SHOT] for at in range(0, count, CAST_IN_SHOT)]
        contents = [a_content("They run.", cast=tuple(CastMember(each) for each in group)) for group in groups]
        storyboard = a_storyboard(container, workspace_id, contents)
        await work.storyboards.add(storyboard)
        await work.storyboards.replace_shots(replace(storyboard, shots=()), storyboard)
    crew = Crew(container, workspace_id, storyboard)
    await crew.order()
    return await crew.order()


async def latest(http: httpx.AsyncClient, reader: Member, first: int) -> tuple[list[dict[str, Any]], int]:
    with counted_statements(reader.lab.container) as sent:
        answer = await reader.ask(http, LATEST, first=first)
    return [node["latestRender"] for node in answer["characters"]["nodes"]], len(sent)


async def test_the_newest_renders_of_a_hundred_characters_cost_as_many_statements_as_of_two(
    http: httpx.AsyncClient, container: Container
) -> None:
    ada = await member(container)
    newest = await film_everybody(ada, 100)
    await latest(http, ada, 1)

    two, of_two = await latest(http, ada, 2)
    hundred, of_hundred = await latest(http, ada, 100)

    assert (len(two), len(hundred)) == (2, 100)
    assert {each["id"] for each in hundred} == {f"render_{newest.id}"}
    assert all(len(each["shots"]) == 20 for each in hundred)
    assert of_hundred == of_two
