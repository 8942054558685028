"""What an adapter that is put to use changes in renders: the shots of its character, by engines that load it."""

from dataclasses import replace

import pytest

from bootstrap.container import Container
from domain.characters.adapters import AdapterFiles, AdapterState, AdapterVersion, TrainingPlan
from domain.characters.texts import checked_texts
from domain.identifiers import AdapterId, CharacterId, JobId, ObjectId
from domain.renders.engines import Capabilities, Engine
from domain.renders.settings import RenderSettings
from domain.renders.staleness import StaleReason
from tests.builders_film_crew import Crew, add_object, open_studio
from tests.builders_renders import ANIMATIC, DIFFUSION, NOW, SMALL, a_content

LEARNING = replace(DIFFUSION, capabilities=Capabilities(reads_words=True, takes_adapters=True))


@pytest.fixture
async def crew(container: Container) -> Crew:
    """Three shots: two of the hare, one of nobody."""
    crew = await open_studio(container)
    await crew.edit(2, a_content("An empty road.", cast=(), dialogue=(), prompt="An empty road at noon."))
    return crew


async def teach(crew: Crew) -> ObjectId:
    """Put a version of the hare's adapter to use, and say in English what it looks like; answer its weights."""
    (hare,) = {CharacterId(each.character_id) for shot in crew.storyboard.shots for each in shot.content.cast}
    plan = TrainingPlan("diffusion", 1, 8, 600, 1e-4, 100, 4, 1)
    async with crew.work() as work:
        weights = await add_object(work, crew.workspace_id)
        character = await work.characters.lock(hare)
        assert character is not None
        version = AdapterVersion(
            id=AdapterId(work.new_id()),
            workspace_id=crew.workspace_id,
            character_id=hare,
            number=1,
            trigger="bcdfgh",
            plan=plan,
            job_id=JobId(work.new_id()),
            created_at=NOW,
            state=AdapterState.READY,
            files=AdapterFiles(weights),
        )
        await work.adapters.add(version)
        texts = checked_texts(name="Hare", metadata={"appearance": "long brown ears"})
        await work.characters.save(character.described_as(texts, now=NOW).using(version.id, now=NOW))
    return weights


async def stale_after_teaching(crew: Crew, engine: Engine) -> list[tuple[StaleReason, ...]]:
    crew.engine = engine
    settings = named(engine)
    await crew.film(settings)
    await teach(crew)
    return [shot.reasons for shot in (await crew.quote(settings)).shots]


def named(engine: Engine) -> RenderSettings:
    return replace(SMALL, engine=engine.name)


async def test_an_engine_that_loads_adapters_films_the_shots_of_that_character_anew(crew: Crew) -> None:
    changed = (StaleReason.APPEARANCE_CHANGED, StaleReason.ADAPTER_CHANGED)
    assert await stale_after_teaching(crew, LEARNING) == [changed, (), changed]


async def test_an_engine_that_pastes_pictures_notices_nothing(crew: Crew) -> None:
    assert await stale_after_teaching(crew, ANIMATIC) == [(), (), ()]


async def test_a_job_is_given_the_weights_and_told_the_words(crew: Crew) -> None:
    crew.engine = LEARNING
    weights = await teach(crew)
    render = await crew.order(named(LEARNING))
    await crew.work_off(steps_max=1)
    frozen = render.snapshot.cast[0]
    assert frozen.adapter is not None
    assert (frozen.adapter.object_id, frozen.appearance) == (weights, "long brown ears")
    command = (await crew.next_payload())["command"]
    assert isinstance(command, dict)
    assert command["version"] == 2
