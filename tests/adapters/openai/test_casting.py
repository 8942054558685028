"""Whom the model is told of, beside a server that speaks the real wire format."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.openai.casting import NAMED_CHARACTERS_MAX, OTHERS_CHARACTERS_MAX, cast_of
from adapters.openai.endpoint import Endpoint
from adapters.openai.planner import OpenAIScriptPlanner
from adapters.openai.prompts import cast_line
from domain.errors import Invalid
from domain.storyboards.ports import KnownCharacter, WritingOrder
from tests.adapters.openai.fake_model import MODEL, FakeModel, Reply, answer, serving, shot_json
from tests.builders_scripts import known

CROWD = [known(f"{number:03} Crowd", description="Grey and grumpy. " * 40) for number in range(300)]


def ordered(script: str, cast: Sequence[KnownCharacter], *, is_chosen: bool = False) -> WritingOrder:
    return WritingOrder(script, "A film", cast, is_cast_chosen=is_chosen)


def names_of(cast: Sequence[KnownCharacter]) -> list[str]:
    return [each.name for each in cast]


def characters_of(cast: Sequence[KnownCharacter]) -> int:
    return sum(len(cast_line("C100", each)) + 1 for each in cast)


async def asked(order: WritingOrder, reply: Reply) -> str:
    """Plan against the server; answer what it was asked first."""
    async with serving(FakeModel(reply)) as model:
        planner = OpenAIScriptPlanner(Endpoint(base_url=model.url, api_key="sk-test", model=MODEL))
        assert [shot async for shot in planner.plan(order)]
    return model.said(0)


def test_of_a_large_workspace_those_come_first_whom_the_script_names() -> None:
    cast = [*CROWD, known("Peter Rabbit"), known("Hare", "Long-ears"), known("Anna"), known("愚公")]

    told = cast_of(ordered("Peter hid. Then Long-ears came. Annas Haus. 北山愚公者。", cast))

    assert names_of(told)[:5] == ["Hare", "Anna", "愚公", "Peter Rabbit", "000 Crowd"]
    assert 20 < len(told) < 50
    assert characters_of(told) <= OTHERS_CHARACTERS_MAX


def test_where_nobody_is_named_the_newest_are_told_as_far_as_they_fit() -> None:
    told = cast_of(ordered("The old man sat down.", CROWD))

    assert names_of(told) == names_of(CROWD[: len(told)])
    assert OTHERS_CHARACTERS_MAX // 2 < characters_of(told) <= OTHERS_CHARACTERS_MAX


def test_a_small_workspace_is_told_whole() -> None:
    cast = [known("Anna", description="Red hair. " * 100), known("Hare", description="Old.")]

    told = cast_of(ordered("A hare came.", cast))

    assert [(each.name, len(each.description)) for each in told] == [("Hare", 4), ("Anna", 600)]


@pytest.mark.parametrize("is_chosen", [True, False])
def test_many_who_are_named_or_chosen_share_the_room(*, is_chosen: bool) -> None:
    script = "They met." if is_chosen else " and ".join(names_of(CROWD[:50]))

    told = cast_of(ordered(script, CROWD[:50], is_chosen=is_chosen))

    assert names_of(told) == names_of(CROWD[:50])
    assert NAMED_CHARACTERS_MAX * 0.9 < characters_of(told) <= NAMED_CHARACTERS_MAX


def test_nobody_of_a_chosen_cast_is_left_out() -> None:
    crowd = [replace(each, aliases=tuple(f"{'Grumpy ' * 10}{number}" for number in range(10))) for each in CROWD[:50]]

    assert names_of(cast_of(ordered("They met.", crowd, is_chosen=True))) == names_of(crowd)
    assert cast_of(ordered("They met.", [], is_chosen=True)) == []


async def test_the_model_is_told_of_a_bounded_cast_by_keys() -> None:
    told = await asked(
        ordered("Anna ran.", [*CROWD, known("Anna")]),
        Reply(answer([shot_json("One.", cast=[{"character": "C1", "placement": "left"}])])),
    )

    assert json.loads(next(line for line in told.splitlines() if line.startswith('{"key": "C1"')))["name"] == "Anna"
    assert "299 Crowd" not in told


@pytest.mark.parametrize(
    ("script", "count", "field"), [("They met.", 5, "cast"), ("They met. " * 500, 5, "script"), ("Hi.", 0, "script")]
)
async def test_a_window_that_is_too_small_is_told_by_what_fills_it(script: str, count: int, field: str) -> None:
    order = ordered(script, CROWD[:count], is_chosen=True)

    with pytest.raises(Invalid, match="too long for the model") as refused:
        await asked(order, Reply(status=400, code="context_length_exceeded"))

    assert refused.value.field == field
