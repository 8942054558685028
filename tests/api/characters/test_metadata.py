"""What users keep with a character: whatever was taken can be read again."""

import httpx
import pytest
from sqlalchemy import text

from bootstrap.container import Container
from tests.api.asking import ask_as
from tests.builders_character_members import member

READ = "{ characters { nodes { metadata } } }"


@pytest.mark.parametrize(
    ("literal", "message"),
    [
        ("{a: 18446744073709551616, b: $m}", "64 bits"),
        ("{a: " + "[" * 64 + "]" * 64 + ", b: $m}", "64 levels"),
        ("{a: [" + "$m " * 2300 + "]}", "16384 bytes"),
    ],
    ids=["an integer", "levels", "a variable"],
)
async def test_a_literal_holds_no_more_than_a_body_may(
    http: httpx.AsyncClient, container: Container, literal: str, message: str
) -> None:
    ada = await member(container)
    document = f'mutation ($m: JSON) {{ createCharacter(input: {{name: "A", metadata: {literal}}}) {{ __typename }} }}'

    answer = await ask_as(http, ada.token, document, m="x" * 10_000)

    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": "metadata"}
    assert message in answer["errors"][0]["message"]
    assert await ada.ask(http, READ) == {"characters": {"nodes": []}}


async def test_a_number_of_any_size_that_is_kept_is_answered(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container)
    await ada.lab.create("Peter")
    async with container.system_work() as work:
        await work.session.execute(text("""update characters set metadata = '{"a": 1e300, "b": "é"}'"""))

    assert await ada.ask(http, READ) == {"characters": {"nodes": [{"metadata": {"a": 10**300, "b": "é"}}]}}
