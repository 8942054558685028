"""From pictures and a script to a film, as a client sees it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.lab import SMALL, Client, FilmLab

pytestmark = pytest.mark.story

SCRIPT = "Anna walks through the forest.\n\nBen waits at the river.\n\nAnna and Ben sit on the hill at night."
MISTAKEN = "tests.stories.engines:MistakenEngine"

UPDATE_SHOT = """
mutation UpdateShot($input: UpdateShotInput!) { updateShot(input: $input) { __typename } }
"""
REROLL_SHOT = """
mutation RerollShot($input: RerollShotInput!) {
  rerollShot(input: $input) { __typename ... on Refusal { message } }
}
"""
CANCEL_RENDER = """
mutation CancelRender($id: ID!) { cancelRender(id: $id) { outcome render { state } } }
"""
SHOTS = """
query Render($id: ID!) {
  render(id: $id) { shots { id number takes { number rung isAccepted keyframeJudgement { verdict } } } }
}
"""


class Film:
    """A storyboard of a few shots and who films it."""

    def __init__(self, client: Client, storyboard_id: str, version: int) -> None:
        self.client = client
        self.storyboard_id = storyboard_id
        self.version = version

    async def ask(self, document: str, **variables: object) -> dict[str, Any]:
        return await self.client.studio.transport.execute(document, variables)

    async def shots(self, render_id: str) -> list[dict[str, Any]]:
        return (await self.ask(SHOTS, id=render_id))["render"]["shots"]


@pytest.fixture
async def film(lab: FilmLab, data: Path, request: pytest.FixtureRequest) -> AsyncIterator[Film]:
    async with lab.client(request.node.originalname.replace("_", "-")) as client:
        cast_ids = await client.cast(Anna=data / "cast" / "adventurer-000", Ben=data / "cast" / "openPeeps-003")
        storyboard = await client.write(SCRIPT, cast_ids)
        yield Film(client, storyboard["id"], storyboard["version"])


def verdicts(render: dict[str, Any]) -> set[str]:
    return {shot["take"]["verdict"] for shot in render["shots"]}


async def test_a_script_and_pictures_become_a_film(lab: FilmLab, film: Film) -> None:
    async with lab.worker():
        render_id = await film.client.order(film.storyboard_id)
        render = await film.client.follow(render_id)
    probed = await film.client.download(render)
    seconds = sum(shot["seconds"] for shot in render["shots"])
    assert (render["state"], len(render["shots"]) >= 3) == ("FINISHED", True)
    assert verdicts(render) <= {"MATCH", "COPY"}
    assert (probed.codec, probed.pixel_format, probed.width, probed.height) == ("h264", "yuv420p", 640, 360)
    assert probed.frames == render["film"]["frames"]
    assert abs(probed.duration_seconds - seconds) <= len(render["shots"]) / 24 + 1 / 12
    assert film.client.names[0] == "RenderRequested"
    assert film.client.names[-1] == "RenderFinished"

    report = await film.client.report(render_id)
    assert film.client.names[-1] == "ConsistencyReported"
    assert {each["name"] for each in report["characters"]} == {"Anna", "Ben"}
    assert all(each["toReferences"]["minimum"] > 0.5 for each in report["characters"])
    for name in ("contactSheet", "plot"):
        assert (await film.client.studio.transport.download(report[name]["url"]))[:4] == b"\x89PNG"


async def test_after_one_edit_one_shot_is_filmed_again(lab: FilmLab, film: Film) -> None:
    async with lab.worker():
        first = await film.client.film(film.storyboard_id)
        shot_id = (await film.client.studio.quote(film.storyboard_id, SMALL))["shots"][1]["id"]
        edit = {
            "storyboardId": film.storyboard_id,
            "version": film.version,
            "shotId": shot_id,
            "action": "Ben sleeps at the river.",
        }
        await film.ask(UPDATE_SHOT, input=edit)
        quote = await film.client.studio.quote(film.storyboard_id, SMALL)
        second = await film.client.film(film.storyboard_id)
    assert [(shot["number"], shot["reasons"]) for shot in quote["shots"] if not shot["isFresh"]] == [
        (2, ["ACTION_CHANGED"])
    ]
    assert second["state"] == "FINISHED"
    assert film.client.made("ClipMade") == [2]
    assert film.client.names.count("TakeAccepted") == len(first["shots"])


async def test_a_shot_is_rerolled_and_the_film_joined_again(lab: FilmLab, film: Film) -> None:
    async with lab.worker():
        render_id = await film.client.order(film.storyboard_id)
        before = await film.client.follow(render_id)
        shot = (await film.shots(render_id))[0]
        answer = await film.ask(REROLL_SHOT, input={"renderId": render_id, "shotId": shot["id"]})
        after = await film.client.follow(render_id)
    assert answer["rerollShot"]["__typename"] == "ShotRerolled"
    assert [shot["takeNumber"] for shot in after["shots"]] == [2, *[1] * (len(after["shots"]) - 1)]
    assert after["state"] == "FINISHED"
    assert after["film"]["frames"] == before["film"]["frames"]
    assert film.client.names.count("RenderFinished") == 2


async def test_a_canceled_render_stops(lab: FilmLab, film: Film) -> None:
    async with lab.worker():
        render_id = await film.client.order(film.storyboard_id)
        answer = await film.ask(CANCEL_RENDER, id=render_id)
        render = await film.client.follow(render_id)
        again = await film.ask(CANCEL_RENDER, id=render_id)
    assert answer["cancelRender"]["outcome"] in {"CANCELED", "CANCELLATION_REQUESTED"}
    assert (render["state"], render["film"]) == ("CANCELED", None)
    assert film.client.names[-1] == "RenderCanceled"
    assert again["cancelRender"]["outcome"] == "CANCELED"


async def test_a_stranger_in_a_shot_is_seen_and_filmed_again(lab: FilmLab, film: Film) -> None:
    async with lab.worker(MISTAKEN):
        render_id = await film.client.order(film.storyboard_id)
        render = await film.client.follow(render_id)
    rerolled = [shot for shot in await film.shots(render_id) if len(shot["takes"]) > 1]
    assert render["state"] == "FINISHED"
    assert verdicts(render) <= {"MATCH", "COPY"}
    takes = [(take["rung"], take["keyframeJudgement"]["verdict"] == "WRONG") for take in rerolled[0]["takes"]]
    assert takes == [("FIRST_SEED", True), ("NEW_SEED", False)]
    assert film.client.names.count("ShotRerolled") == len(rerolled) == 1


async def test_a_worker_killed_in_the_middle_costs_nothing_but_time(lab: FilmLab, film: Film) -> None:
    doomed = await lab.start_worker_process()
    render_id = await film.client.order(film.storyboard_id)
    following = asyncio.create_task(film.client.follow(render_id))
    await film.client.heard["KeyframeMade"].wait()
    doomed.kill()
    await doomed.wait()
    async with lab.worker():
        render = await following
    probed = await film.client.download(render)
    names = film.client.names
    assert (render["state"], probed.frames) == ("FINISHED", render["film"]["frames"])
    assert names.count("FilmJoined") == names.count("RenderFinished") == 1
    assert names.count("TakeAccepted") == len(render["shots"])
