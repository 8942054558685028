"""Versions of adapters in lists of characters: each character its own page, in as many statements as for one."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.paging import encode_cursor
from bootstrap.clock import new_id
from bootstrap.container import Container
from domain.characters.adapters import AdapterState, AdapterVersion
from domain.characters.models import Character
from domain.characters.training import choose_pictures, plan_training
from domain.identifiers import AdapterId, JobId
from tests.api.asking import ask_as
from tests.builders_character_members import Member, counted_statements, member
from tests.builders_characters import NOW, character, read_image

PAGES = """
query ($first: Int, $after: String, $last: Int, $before: String) {
  characters {
    nodes {
      name
      adapters(first: $first, after: $after, last: $last, before: $before) {
        nodes { number }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
}"""


def version(of: Character, number: int) -> AdapterVersion:
    plan = plan_training(choose_pictures([read_image(of)] * 5), character_id=of.id, number=number, engine="diffusion")
    return AdapterVersion(
        id=AdapterId(new_id()),
        workspace_id=of.workspace_id,
        character_id=of.id,
        number=number,
        trigger="sks",
        plan=plan,
        job_id=JobId(new_id()),
        created_at=NOW + timedelta(seconds=number),
        state=AdapterState.CANCELED,
    )


async def teach(maker: Member, **versions: int) -> None:
    """Write characters with so many versions, made at the same moments."""
    async with maker.lab.begin() as work:
        for name, count in versions.items():
            pupil = character(maker.lab.workspace_id, name=name)
            await work.characters.add(pupil)
            for number in range(1, count + 1):
                await work.adapters.add(version(pupil, number))


async def pages(http: httpx.AsyncClient, reader: Member, **asked: object) -> dict[str, dict[str, Any]]:
    answer = await reader.ask(http, PAGES, **asked)
    return {node["name"]: node["adapters"] for node in answer["characters"]["nodes"]}


def numbers(page: dict[str, Any]) -> list[int]:
    return [node["number"] for node in page["nodes"]]


async def test_each_character_has_its_own_page(http: httpx.AsyncClient, container: Container) -> None:
    ada, bob = await member(container), await member(container, email="bob@example.org")
    await teach(ada, One=1, Three=3, None_=0)
    await teach(bob, Other=2)

    newest = await pages(http, ada, first=2)
    rest = await pages(http, ada, first=2, after=newest["Three"]["pageInfo"]["endCursor"])
    oldest = await pages(http, ada, last=2)
    before = await pages(http, ada, last=2, before=oldest["Three"]["pageInfo"]["startCursor"])

    assert {name: numbers(page) for name, page in newest.items()} == {"One": [1], "Three": [3, 2], "None_": []}
    assert {name: numbers(page) for name, page in oldest.items()} == {"One": [1], "Three": [2, 1], "None_": []}
    assert (numbers(rest["Three"]), numbers(before["Three"])) == ([1], [3])
    told = [page["Three"]["pageInfo"] for page in (newest, rest, oldest, before)]
    assert [each["hasNextPage"] for each in told] == [True, False, False, True]
    assert [each["hasPreviousPage"] for each in told] == [False, True, True, False]


async def test_versions_of_many_characters_cost_as_many_statements_as_of_one(
    http: httpx.AsyncClient, container: Container
) -> None:
    few, many = [await member(container, email=f"{name}@example.org") for name in ("few", "many")]
    await teach(few, A=2)
    await teach(many, **{f"N{number}": 2 for number in range(15)})
    sent: list[int] = []
    for reader in (few, many):
        with counted_statements(container) as statements:
            assert all(numbers(page) == [2, 1] for page in (await pages(http, reader)).values())
        sent.append(len(statements))
    assert sent[0] == sent[1]


@pytest.mark.parametrize("field", ["after", "before"])
async def test_a_cursor_of_another_list_is_refused(http: httpx.AsyncClient, container: Container, field: str) -> None:
    ada = await member(container)
    await teach(ada, A=1)
    stranger = encode_cursor("nowhere")
    answer = await ask_as(http, ada.token, PAGES, **{field: stranger})
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": field}
