"""The families of models behind the engines, as clients read them."""

from dataclasses import replace

import httpx
import pytest
from sqlalchemy import event

from bootstrap.container import Container
from bootstrap.settings import EngineSettings, Settings
from contracts.protocol import FrameCounts
from domain.accounts.caller import Role
from domain.jobs.models import Queue
from tests.api.asking import ask_as
from tests.builders_film_crew import furnish
from tests.builders_jobs import worker
from tests.builders_served import served_model
from tests.builders_studio import member

FAMILIES = """
{
  engines {
    name
    families { name makes sizes { width height } frames { minimum maximum step perSecond } referencesMax adapters }
  }
}
"""

QUOTE = """
query ($id: ID!, $settings: RenderSettingsInput) {
  quoteRender(storyboardId: $id, settings: $settings) { scaledFrom { width height } }
}
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"engines": EngineSettings(diffusion=True)})


async def test_engines_tell_what_their_workers_have_been_given_in_one_statement(
    http: httpx.AsyncClient, container: Container
) -> None:
    viewer = await member(container, role=Role.VIEWER)
    nothing = [{"name": name, "families": []} for name in ("animatic", "diffusion")]
    assert await ask_as(http, viewer.token, FAMILIES) == {"data": {"engines": nothing}}

    counts = FrameCounts(minimum=9, maximum=161, step=8, per_second=25)
    models = [served_model("ltx", makes="clip", frames=counts), served_model()]
    painter = worker("painter", queue=Queue.GPU, engines=("diffusion",))
    said = [each.model_dump(mode="json") for each in models]
    for name in ("one", "other"):
        await container.claims.see(replace(painter, id=name, models=said))
    sent: list[str] = []
    event.listen(container.database.engine.sync_engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    answer = await ask_as(http, viewer.token, FAMILIES)
    still = {"sizes": [{"width": 672, "height": 384}], "referencesMax": 4, "adapters": "SEVERAL"}
    frames = {"minimum": 9, "maximum": 161, "step": 8, "perSecond": 25}
    families = [
        {"name": "stable_diffusion", "makes": "KEYFRAME", "frames": None, **still},
        {"name": "ltx", "makes": "CLIP", "frames": frames, **still},
    ]
    engines = [{"name": "animatic", "families": []}, {"name": "diffusion", "families": families}]
    assert answer == {"data": {"engines": engines}}
    assert sum("models_served" in statement for statement in sent) == 1


async def test_a_quote_tells_what_its_frame_would_be_scaled_from(http: httpx.AsyncClient, container: Container) -> None:
    viewer = await member(container, role=Role.VIEWER)
    crew = await furnish(container, viewer.lab.workspace_id)
    model = served_model("ltx", makes="clip").model_dump(mode="json")
    await container.claims.see(replace(worker("painter", queue=Queue.GPU, engines=("diffusion",)), models=[model]))
    told: list[object] = []
    for engine in ("diffusion", "animatic"):
        asked = {"engine": engine, "detail": "P360"}
        answer = await ask_as(http, viewer.token, QUOTE, id=f"storyboard_{crew.storyboard.id}", settings=asked)
        told.append(answer["data"]["quoteRender"]["scaledFrom"])
    assert told == [[{"width": 672, "height": 384}], []]
