"""Events tell what they tell in the schema's own language."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import Enum
from inspect import getmembers, isfunction, signature
from typing import get_type_hints

import pytest

from api.events.data import present_data
from api.events.following import Told
from api.events.types import present_event
from bootstrap.clock import new_id
from bootstrap.container import Container
from domain.characters import events as character_events
from domain.characters import models as character_models
from domain.characters.adapters import AdapterVersion
from domain.characters.identity import PictureFault
from domain.characters.models import CharacterState
from domain.characters.spaces import SpaceIdentity
from domain.characters.training import choose_pictures, plan_training
from domain.events import Event, Json, Stream
from domain.identifiers import AdapterId, CharacterId, ImageId, JobId
from domain.jobs.models import JobState
from domain.renders.judgements import Verdict
from domain.renders.states import RenderState, Rung, ShotState
from domain.storyboards import events as storyboard_events
from domain.storyboards.models import Shot, Storyboard, StoryboardState
from tests.builders_characters import NOW, character, read_image
from tests.builders_film_crew import events_of, open_studio
from tests.builders_renders import HARE
from tests.builders_storyboards import a_storyboard, shot
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


PETER = replace(character(), adapter_ids=(AdapterId(new_id()),))
MATERIAL: dict[object, object] = {
    character_models.Character: PETER,
    character_models.CharacterImage: read_image(PETER),
    AdapterVersion: AdapterVersion(
        id=AdapterId(new_id()),
        workspace_id=PETER.workspace_id,
        character_id=PETER.id,
        number=1,
        trigger="sks",
        plan=plan_training(choose_pictures([read_image(PETER)] * 5), character_id=PETER.id, number=1, engine="x"),
        job_id=JobId(new_id()),
        created_at=NOW,
    ),
    SpaceIdentity: SpaceIdentity("test-1", 0.5, 3, 1),
    ImageId: ImageId(new_id()),
    CharacterId: CharacterId(new_id()),
    Storyboard: a_storyboard(),
    Shot: shot(1),
    int: 1,
    float: 0.5,
    str: "x",
}
TELLERS = [
    teller
    for module in (character_events, storyboard_events)
    for _, teller in getmembers(module, isfunction)
    if teller.__module__ == module.__name__
    and get_type_hints(teller)["return"] is Event
    and "happened" not in signature(teller).parameters
]


@pytest.mark.parametrize("teller", TELLERS, ids=lambda teller: teller.__name__)
def test_no_event_names_a_thing_by_an_id_that_nothing_takes(teller: Callable[..., Event]) -> None:
    given = [MATERIAL[kind] for name, kind in get_type_hints(teller).items() if name != "return"]

    plain = list(told(present_data(teller(*given).data)))

    assert plain
    assert not [key for key, value in plain if isinstance(value, str) and BARE_ID.fullmatch(value)]


def test_a_version_of_an_adapter_is_named_as_mutations_take_it() -> None:
    data: dict[str, Json] = {"adapterId": str(HARE), "inUse": None}
    assert present_data(data) == {"adapterId": f"adapterVersion_{HARE}", "inUse": None}
    assert present_data({"inUse": str(HARE)}) == {"inUse": f"adapterVersion_{HARE}"}


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
