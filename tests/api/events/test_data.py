"""Events tell what they tell in the schema's own language."""

import re
from collections.abc import Iterator
from enum import Enum

import pytest

from api.events.data import present_data
from api.events.following import Told
from api.events.types import present_event
from bootstrap.container import Container
from domain.characters.identity import PictureFault
from domain.characters.models import CharacterState
from domain.events import Event, Json, Stream
from domain.jobs.models import JobState
from domain.renders.judgements import Verdict
from domain.renders.states import RenderState, Rung, ShotState
from domain.storyboards.models import StoryboardState
from tests.builders_film_crew import events_of, open_studio
from tests.builders_renders import HARE
from tests.builders_workspaces import new_workspace

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

    events = [(each.name, present_data(each.data)) for each in await events_of(crew, render.id)]

    plain = [(key, value) for _, data in events for key, value in told(data)]
    assert not [key for key, _ in plain if "_" in key]
    assert not [value for _, value in plain if isinstance(value, str) and BARE_ID.fullmatch(value)]
    assert {str(value) for key, value in plain if key == "verdict"} == {"MATCH"}
    assert {str(value) for key, value in plain if key == "state"} >= {"QUEUED", "FILMING", "FINISHED"}
    assert all(isinstance(value, str) for key, value in plain if key == "seed")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"seed": 7397571965225004185}, {"seed": "7397571965225004185"}),
        ({"shot_id": str(HARE)}, {"shotId": f"shot_{HARE}"}),
        (
            {"findings": [{"verdict": "wrong", "character_id": str(HARE), "score_median": None}]},
            {"findings": [{"verdict": "WRONG", "characterId": f"character_{HARE}", "scoreMedian": None}]},
        ),
        ({"state": "ready", "faults": ["too_dark"]}, {"state": "READY", "faults": ["TOO_DARK"]}),
        ({"refusal": "unknown_type"}, {"refusal": "unknown_type"}),
        ({"title": "first_seed"}, {"title": "first_seed"}),
    ],
)
def test_keys_ids_enums_and_seeds_are_those_of_the_schema(data: dict[str, Json], expected: dict[str, Json]) -> None:
    assert present_data(data) == expected


@pytest.mark.parametrize(
    "kind", [CharacterState, StoryboardState, RenderState, JobState, ShotState, Rung, Verdict, PictureFault]
)
def test_enums_of_events_are_named_as_they_are_valued(kind: type[Enum]) -> None:
    assert {each.name: present_data({"state": each.value})["state"] for each in kind} == {
        each.name: each.name for each in kind
    }


async def test_what_a_newer_version_tells_stands_in_nobodys_way(container: Container) -> None:
    workspace_id = await new_workspace(container)
    thing = container.new_id()
    async with container.work(workspace_id) as work:
        for kind, state in (("render", "dreaming"), ("costume", "sewn")):
            await work.events.append(Event(Stream(kind, thing, workspace_id), "Moved", {"state": state}))

    events = [present_event(Told(each, "")) for each in await container.feed.read_workspace(workspace_id, after=None)]

    assert [(each.subject_id, each.data) for each in events] == [
        (f"render_{thing}", {"state": "DREAMING"}),
        (f"costume_{thing}", {"state": "SEWN"}),
    ]
