"""Every script of `examples/`, and one in a third language, written whole and filmed by the whole stack.

The storyboard is made from the whole text and quoted whole. Then it is cut by the API to eight shots, spread evenly,
and those are filmed at 640x360 and 8 frames a second, so that a film costs ten seconds. A smaller picture would be
quicker, but the figures in it are too small for the identity gate. A script's own facts are data in `films.py`; its
language is never told, the lab must find it out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import pytest

from adapters.video.probe import FilmProbe
from tests.stories.films import FACTS, Facts, order_of
from tests.stories.lab import Client, FilmLab

pytestmark = pytest.mark.story

SETTINGS = {"detail": "P360", "framesPerSecond": 8}
SHOTS_FILMED = 8
DELETE_SHOT = """
mutation DeleteShot($input: DeleteShotInput!) {
  deleteShot(input: $input) { __typename ... on StoryboardEdited { storyboard { version } } }
}
"""
STORYBOARD = """
query Storyboard($id: ID!) {
  storyboard(id: $id) {
    id version language seconds shotCount
    shots {
      id seconds action narration
      cast { character { name } }
      dialogue { speaker text character { name } }
      setting { scenery timeOfDay }
    }
  }
}
"""


@dataclass(frozen=True)
class StoryFilm:
    """A finished film beside what it was made from."""

    facts: Facts
    told: list[Mapping[str, Any]]
    storyboard: dict[str, Any]
    quote: dict[str, Any]
    filmed: list[dict[str, Any]]
    render: dict[str, Any]
    probe: FilmProbe
    captions: str

    @property
    def shots(self) -> list[dict[str, Any]]:
        return self.storyboard["shots"]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return lines_of(self.shots)

    def shot_with(self, words: str) -> dict[str, Any]:
        return next(shot for shot in self.shots if words in shot["action"] + shot["narration"])


def lines_of(shots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for shot in shots for line in shot["dialogue"]]


@pytest.fixture(scope="module", params=list(FACTS))
async def film(lab: FilmLab, request: pytest.FixtureRequest) -> StoryFilm:
    name = str(request.param)
    async with lab.client(name.replace("_", "-")) as client, lab.worker():
        order = replace(order_of(name), language=None)
        cast_ids = await client.create(order.cast)
        told: list[Mapping[str, Any]] = []
        written = await client.studio.write_storyboard(order, cast_ids, told.append)
        storyboard = await read_storyboard(client, written["id"])
        quote = await client.studio.quote(written["id"], SETTINGS)
        await cut(client, storyboard)
        filmed = (await read_storyboard(client, written["id"]))["shots"]
        render = await client.film(written["id"], **SETTINGS)
        probe = await client.download(render)
    return StoryFilm(FACTS[name], told, storyboard, quote, filmed, render, probe, client.captions)


async def read_storyboard(client: Client, storyboard_id: str) -> dict[str, Any]:
    return (await client.studio.transport.execute(STORYBOARD, {"id": storyboard_id}))["storyboard"]


async def cut(client: Client, storyboard: Mapping[str, Any]) -> None:
    """Take shots out, spread evenly over the storyboard, until it has as many as a story films."""
    last, version = len(storyboard["shots"]) - 1, storyboard["version"]
    kept = {index * last // (SHOTS_FILMED - 1) for index in range(SHOTS_FILMED)}
    for index, shot in enumerate(storyboard["shots"]):
        if last >= SHOTS_FILMED and index not in kept:
            edit = {"storyboardId": storyboard["id"], "version": version, "shotId": shot["id"]}
            answer = await client.studio.transport.execute(DELETE_SHOT, {"input": edit})
            version = answer["deleteShot"]["storyboard"]["version"]


def letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def words_of(captions: str) -> str:
    """The words of captions in WebVTT without their moments and speakers; a line may go on in the next caption."""
    return letters(re.sub(r"<v [^>]*>", "", captions.partition("\n\n")[2]))


def test_the_language_is_found_out(film: StoryFilm) -> None:
    assert film.storyboard["language"] == film.facts.language


def test_the_shots_are_told_one_by_one_and_are_as_many_as_the_script_is_long(film: StoryFilm) -> None:
    assert [shot["number"] for shot in film.told] == list(range(1, len(film.shots) + 1))
    assert len(film.shots) == film.storyboard["shotCount"]
    assert len(film.shots) in film.facts.shots
    assert int(film.storyboard["seconds"]) in film.facts.seconds


def test_the_words_are_spoken_by_whose_they_are(film: StoryFilm) -> None:
    speakers = {
        words: [line["character"] and line["character"]["name"] for line in film.lines if words in line["text"]]
        for words in film.facts.spoken
    }
    assert speakers == {words: [name] for words, name in film.facts.spoken.items()}
    assert {line["speaker"] for line in film.lines if not line["character"]} == film.facts.strangers


def test_those_whom_the_script_names_are_in_the_shot(film: StoryFilm) -> None:
    present = {
        words: {member["character"]["name"] for member in film.shot_with(words)["cast"]} for words in film.facts.present
    }
    assert present == film.facts.present


def test_it_plays_where_and_when_the_script_says(film: StoryFilm) -> None:
    settings = [shot["setting"] for shot in film.shots]
    assert [scenery for scenery, _ in groupby(setting["scenery"] for setting in settings)] == film.facts.sceneries
    assert {setting["timeOfDay"] for setting in settings} == film.facts.times_of_day


def test_the_quote_is_for_the_whole_storyboard(film: StoryFilm) -> None:
    seconds = sum(shot["seconds"] for shot in film.shots)
    assert film.storyboard["seconds"] == film.quote["filmSeconds"] == pytest.approx(seconds)
    assert film.quote["staleShots"] == len(film.quote["shots"]) == len(film.shots)


def test_every_shot_passes_its_gate(film: StoryFilm) -> None:
    verdicts = [shot["take"]["verdict"] for shot in film.render["shots"]]
    assert film.render["state"] == "FINISHED"
    for verdict, shot in zip(verdicts, film.filmed, strict=True):
        assert verdict in ({"MATCH", "COPY"} if shot["cast"] else {"UNCHECKED"}), shot


def test_the_film_is_as_long_as_its_shots(film: StoryFilm) -> None:
    seconds = sum(shot["seconds"] for shot in film.render["shots"])
    assert (film.probe.codec, film.probe.width, film.probe.height) == ("h264", 640, 360)
    assert film.probe.frames == film.render["film"]["frames"]
    assert abs(film.probe.duration_seconds - seconds) <= 1 / 8


def test_the_captions_are_in_the_words_of_the_script(film: StoryFilm) -> None:
    assert film.captions.startswith("WEBVTT")
    captions = words_of(film.captions)
    lines = [letters(line["text"]) for line in lines_of(film.filmed)]
    assert lines
    assert [line for line in lines if line not in captions] == []
