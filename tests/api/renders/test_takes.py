"""Takes of shots as clients read them: each shot its own, read once for all."""

import httpx

from api.renders.loaders import fetch_takes
from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.renders.judgements import Verdict
from tests.api.asking import ask_as
from tests.builders_film_crew import furnish
from tests.builders_renders import a_judgement
from tests.builders_studio import member

TAKES = "query ($id: ID!) { render(id: $id) { shots { number takes { number verdict } take { number } } } }"


async def test_a_shot_has_its_own_takes_and_no_others(http: httpx.AsyncClient, container: Container) -> None:
    viewer = await member(container, role=Role.VIEWER)
    crew = await furnish(container, viewer.lab.workspace_id)
    crew.gate.append(a_judgement(Verdict.WRONG, 0.1))
    first, other = await crew.film(), await crew.film()

    answer = await ask_as(http, viewer.token, TAKES, id=f"render_{first.id}")

    shots = answer["data"]["render"]["shots"]
    assert sorted(len(shot["takes"]) for shot in shots) == [1, 1, 2]
    assert all(shot["take"]["number"] == shot["takes"][-1]["number"] for shot in shots)
    async with crew.work() as work:
        keys = [(render.id, shot.id) for render in (first, other) for shot in crew.storyboard.shots]
        found = await fetch_takes(work, keys)
    assert {key: {(take.render_id, take.shot_id) for take in takes} for key, takes in found.items()} == {
        key: {key} for key in keys
    }
