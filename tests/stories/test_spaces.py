"""A lab whose characters are known in the embedding space of a GPU worker, and another space after it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bootstrap.embedded import EmbeddedStack
from client.studio import Studio
from jobs.characters import seek_spaces
from tests.stories.conftest import lab_of
from tests.stories.lab import FilmLab
from tests.stories.space_engines import FOLDER

pytestmark = pytest.mark.story

ENGINES = [f"tests.stories.space_engines:{name}" for name in ("TinyClip", "TinyDino")]
KNOWN = "query ($id: ID!) { character(id: $id) { identity { space } workerIdentities { space threshold images } } }"
# Of weights that were never trained, all figures score alike.
SCORES = {
    "version": 1,
    "dimensions": 768,
    "pair_mean": 0.9,
    "pair_deviation": 0.05,
    "other_high": 0.2,
    "copy_score": 0.999,
    "film_loss": 0.1,
    "film_deviation": 0.05,
}


def profile(folder: Path, family: str) -> str:
    path = folder / f"{family}.json"
    path.write_text(json.dumps({"space": f"tiny-{family}", **SCORES}))
    return str(path)


@pytest.fixture(scope="module")
async def lab(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FilmLab]:
    folder = tmp_path_factory.mktemp("spaces")
    profiles = json.dumps([profile(folder, "clip")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(folder))
        async with (
            lab_of(stack, folder, LAB_IDENTITY__PROFILES=profiles) as lab,
            lab.worker(),
            lab.worker(*ENGINES, queue="gpu"),
        ):
            yield lab


async def known(studio: Studio, character_id: str, space: str) -> dict[str, Any]:
    """Wait until the character is known in the space, the newest that it is known in."""
    async with asyncio.timeout(120):
        while True:
            character = (await studio.transport.execute(KNOWN, {"id": character_id}))["character"]
            found = character["workerIdentities"]
            if found and found[0]["space"] == space:
                return {
                    **found[0],
                    "built_in": character["identity"]["space"],
                    "all": [each["space"] for each in found],
                }
            await asyncio.sleep(0.1)


async def embedded(lab: FilmLab) -> dict[str, int]:
    """How many jobs of each kind workers have embedded figures by."""
    rows = "select kind, count(*) as done from jobs where kind like '%.embed_%' and state = 'succeeded' group by kind"
    async with lab.container.system_work() as work:
        return {row.kind: row.done for row in await work.session.execute(text(rows))}


async def test_a_film_is_judged_in_the_space_of_a_worker_and_the_next_in_another(lab: FilmLab, data: Path) -> None:
    async with lab.client("spaces") as client:
        (anna,) = cast_ids = await client.cast(Anna=data / "cast" / "adventurer-000")
        clip = await known(client.studio, anna, "tiny-clip@1")
        assert clip["images"] == 8
        assert clip["built_in"].startswith("builtin-")

        storyboard = await client.write("Anna walks through the forest.", cast_ids)
        render_id = await client.order(storyboard["id"])
        render = await client.follow(render_id)
        report = await client.report(render_id)

        (shot,) = render["shots"]
        assert shot["take"]["verdict"] in {"MATCH", "COPY"}
        assert await embedded(lab) == {"characters.embed_pictures": 1, "renders.embed_figures": 2}
        (judged,) = await judgements(lab)
        assert judged["threshold"] == pytest.approx(clip["threshold"], abs=1e-3), "that of the worker's space"
        assert report["characters"][0]["shots"][0]["frames"] == 5

        await move_to(lab, "dinov2", "clip")
        dino = await known(client.studio, anna, "tiny-dinov2@1")
        assert dino["all"] == ["tiny-dinov2@1", "tiny-clip@1"], "the old one serves until the chore comes again"
        await seek_spaces(lab.container)
        assert (await known(client.studio, anna, "tiny-dinov2@1"))["all"] == ["tiny-dinov2@1"]

        again = await client.order(storyboard["id"], identityPolicy="OFF")
        await client.follow(again)
        assert (client.made("KeyframeMade"), client.made("ClipMade")) == ([], []), "nothing is filmed again"
        report = await client.report(again)
        assert report["characters"][0]["shots"][0]["verdict"] == "UNCHECKED"
        assert await embedded(lab) == {"characters.embed_pictures": 2, "renders.embed_figures": 3}


async def judgements(lab: FilmLab) -> list[dict[str, Any]]:
    """What was found of the keyframes' characters."""
    rows = "select keyframe_judgement -> 'findings' -> 0 as found from takes where keyframe_judgement is not null"
    async with lab.container.system_work() as work:
        return [row.found for row in await work.session.execute(text(rows))]


async def move_to(lab: FilmLab, *families: str) -> None:
    """Set the lab to other spaces, the first being the one that is wanted, as a restart would."""
    identity = lab.container.settings.identity
    profiles = tuple(profile(lab.folder, family) for family in families)
    settings = lab.container.settings.model_copy(
        update={"identity": identity.model_copy(update={"profiles": profiles})}
    )
    # The jobs process holds the container itself.
    object.__setattr__(lab.container, "settings", settings)
    assert await seek_spaces(replace(lab.container)) == 1
