"""Events tell what they tell in the schema's own language."""

import re
from collections.abc import Iterator

import pytest

from api.events.data import present_data
from bootstrap.container import Container
from domain.events import Json, StreamKind
from tests.builders_film_crew import events_of, open_studio
from tests.builders_renders import HARE

BARE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-.*")


def told(value: Json, key: str = "") -> Iterator[tuple[str, Json]]:
    """Every key with its plain value, however deep."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from told(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from told(each, key)
    else:
        yield key, value


async def test_no_event_of_a_film_shows_the_words_of_the_house(container: Container) -> None:
    crew = await open_studio(container)
    render = await crew.film()

    events = [(each.name, present_data(each.stream.kind, each.data)) for each in await events_of(crew, render.id)]

    plain = [(key, value) for _, data in events for key, value in told(data)]
    assert not [key for key, _ in plain if "_" in key]
    assert not [value for _, value in plain if isinstance(value, str) and BARE_ID.fullmatch(value)]
    assert {str(value) for key, value in plain if key == "verdict"} == {"MATCH"}
    assert {str(value) for key, value in plain if key == "state"} >= {"QUEUED", "FILMING", "FINISHED"}
    assert all(isinstance(value, str) for key, value in plain if key == "seed")


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (StreamKind.RENDER, {"seed": 7397571965225004185}, {"seed": "7397571965225004185"}),
        (StreamKind.RENDER, {"shot_id": str(HARE)}, {"shotId": f"shot_{HARE}"}),
        (
            StreamKind.RENDER,
            {"findings": [{"verdict": "wrong", "character_id": str(HARE), "score_median": None}]},
            {"findings": [{"verdict": "WRONG", "characterId": f"character_{HARE}", "scoreMedian": None}]},
        ),
        (StreamKind.CHARACTER, {"state": "ready", "faults": ["too_dark"]}, {"state": "READY", "faults": ["TOO_DARK"]}),
        (StreamKind.CHARACTER, {"refusal": "unknown_type"}, {"refusal": "unknown_type"}),
        (StreamKind.STORYBOARD, {"title": "first_seed"}, {"title": "first_seed"}),
    ],
)
def test_keys_ids_enums_and_seeds_are_those_of_the_schema(
    kind: StreamKind, data: dict[str, Json], expected: dict[str, Json]
) -> None:
    assert present_data(kind, data) == expected
