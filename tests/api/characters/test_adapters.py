"""Adapters as clients see them: trained, followed, put to use, rolled back; who may."""

import json
from typing import Any

import httpx
import pytest

from api.server import LabServer
from bootstrap.container import Container
from bootstrap.settings import EngineSettings, Settings
from domain.accounts.caller import Role
from domain.characters.adapters import AdapterVersion
from domain.characters.models import Character
from domain.events import Progress
from tests.api.asking import ask_as
from tests.api.test_streams import events_of, streaming
from tests.builders_adapters import School, trained
from tests.builders_character_members import Member, global_character, member
from tests.builders_jobs import Bench

MUTATIONS = {
    "train": """
mutation ($id: ID!) {
  trainCharacter(id: $id) { __typename ... on TrainingStarted { adapter { number } } ... on Refusal { message } }
}""",
    "cancel": """
mutation ($id: ID!) {
  cancelTraining(id: $id) { __typename ... on TrainingCanceled { adapter { state } } ... on Refusal { message } }
}""",
    "roll back": """
mutation ($id: ID!) {
  rollBackAdapter(id: $id) {
    __typename ... on AdapterRolledBack { character { adapter { number } } } ... on Refusal { message }
  }
}""",
    "promote": """
mutation ($adapter: ID!) {
  promoteAdapter(input: {id: $adapter}) {
    __typename ... on AdapterPromoted { adapter { number isInUse } } ... on Refusal { message }
  }
}""",
}
CHARACTER = """
query ($id: ID!) {
  character(id: $id) {
    adapter { number }
    adapters(first: 5) {
      nodes {
        number state trigger steps stepsMax isInUse refusal curve { step loss identity }
        scores { identity prompt purity } presentScores { identity } plotUrl samplesUrl weightsUrl
      }
    }
  }
}"""
PROGRESS = "subscription ($id: ID!) { trainingProgress(id: $id) { fraction preview adapter { state } } }"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"engines": EngineSettings(diffusion=True)})


def wish(verb: str, peter: Character, adapter: AdapterVersion) -> dict[str, object]:
    return {"adapter": f"adapterVersion_{adapter.id}"} if verb == "promote" else {"id": global_character(peter.id)}


async def taught(owner: Member) -> tuple[School, Character, AdapterVersion]:
    school = School(owner.lab)
    peter = await school.pupil()
    return school, peter, await school.taught(peter)


@pytest.mark.parametrize("verb", MUTATIONS)
async def test_nobody_viewers_and_strangers_change_no_adapter(
    http: httpx.AsyncClient, container: Container, verb: str
) -> None:
    ada, bob = await member(container, Role.VIEWER), await member(container, email="bob@example.org")
    _, peter, adapter = await taught(ada)
    before, asked = await ada.lab.written(), wish(verb, peter, adapter)
    refused = [await ask_as(http, token, MUTATIONS[verb], **asked) for token in ("", ada.token)]
    assert [each["errors"][0]["extensions"]["code"] for each in refused] == ["UNAUTHENTICATED", "FORBIDDEN"]
    (told,) = (await bob.ask(http, MUTATIONS[verb], **asked)).values()
    assert told["__typename"] == ("AdapterNotFound" if verb == "promote" else "CharacterNotFound")
    assert await ada.lab.written() == before


async def test_an_editor_trains_cancels_rolls_back_and_promotes(http: httpx.AsyncClient, container: Container) -> None:
    ada = await member(container, Role.EDITOR)
    _, peter, adapter = await taught(ada)
    told: list[dict[str, Any]] = []
    for verb in ("train", "cancel", "roll back", "roll back", "promote"):
        told += (await ada.ask(http, MUTATIONS[verb], **wish(verb, peter, adapter))).values()
    assert told == [
        {"__typename": "TrainingStarted", "adapter": {"number": 2}},
        {"__typename": "TrainingCanceled", "adapter": {"state": "CANCELED"}},
        {"__typename": "AdapterRolledBack", "character": {"adapter": None}},
        {"__typename": "NothingToRollBack", "message": "'Peter' has no adapter in use."},
        {"__typename": "AdapterPromoted", "adapter": {"number": 1, "isInUse": True}},
    ]


async def test_a_version_shows_its_curve_its_scores_and_its_files(
    http: httpx.AsyncClient, container: Container
) -> None:
    ada = await member(container)
    _, peter, adapter = await taught(ada)
    told = (await ada.ask(http, CHARACTER, id=global_character(peter.id)))["character"]
    (shown,) = told["adapters"]["nodes"]
    async with httpx.AsyncClient() as client:
        for name in ("plotUrl", "samplesUrl", "weightsUrl"):
            assert (await client.get(shown.pop(name))).status_code == 200
    assert told["adapter"] == {"number": 1}
    assert shown == {
        "number": 1,
        "state": "READY",
        "trigger": adapter.trigger,
        "steps": 500,
        "stepsMax": 600,
        "isInUse": True,
        "refusal": "",
        "curve": [{"step": 0, "loss": 1.2, "identity": None}, {"step": 500, "loss": 0.8, "identity": 0.8}],
        "scores": {"identity": 0.8, "prompt": 0.7, "purity": 0.9},
        "presentScores": None,
    }


async def test_a_training_is_followed_to_its_end(server: LabServer, container: Container) -> None:
    ada = await member(container, Role.VIEWER)
    school = School(ada.lab)
    peter = await school.pupil()
    adapter = await school.train(peter)
    async with streaming(server, PROGRESS, token=ada.token, id=f"adapterVersion_{adapter.id}") as response:
        await container.progress.publish(Progress(peter.id, f"adapter:{adapter.id}", 0, 0.5, "AAAA"))
        told = (event async for event in events_of(response) if event.get("event") == "next")
        first = json.loads((await anext(told))["data"])["data"]["trainingProgress"]
        await school.finish(await school.claim(), trained())
        rest = [json.loads(each["data"])["data"]["trainingProgress"] async for each in told]
    preview = "data:image/jpeg;base64,AAAA"
    assert first == {"fraction": 0.5, "preview": preview, "adapter": {"state": "TRAINING"}}
    assert rest[-1] == {"fraction": 1.0, "preview": None, "adapter": {"state": "READY"}}


async def test_a_version_that_ended_before_the_events_that_are_kept_is_told_at_once(
    server: LabServer, container: Container
) -> None:
    ada = await member(container, Role.VIEWER)
    _, _, adapter = await taught(ada)
    await Bench(container).as_owner("delete from events")
    async with streaming(server, PROGRESS, token=ada.token, id=f"adapterVersion_{adapter.id}") as response:
        told = [event async for event in events_of(response) if event.get("event") == "next"]
    (only,) = [json.loads(each["data"])["data"]["trainingProgress"] for each in told]
    assert only == {"fraction": 1.0, "preview": None, "adapter": {"state": "READY"}}
