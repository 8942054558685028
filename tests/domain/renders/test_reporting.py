"""Reports of finished films on real stores, over figures whose likeness is known."""

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.characters.use_cases.remove_reference_image import remove_reference_image
from domain.events import Json
from domain.identifiers import RenderId
from domain.renders.consistency import ConsistencyReport
from domain.renders.use_cases.deciding import reroll_shot
from domain.renders.use_cases.delete_render import delete_render
from tests.builders_books import are_balanced
from tests.builders_consistency import make, record
from tests.builders_film_crew import Crew, add_picture, balance, events_of, names_of, open_studio
from tests.builders_renders import NOW


@pytest.fixture
async def crew(container: Container) -> Crew:
    crew = await open_studio(container)
    await balance(crew)
    return crew


async def find(crew: Crew, render_id: RenderId) -> ConsistencyReport | None:
    async with crew.work() as work:
        return await work.consistency_reports.find(render_id)


async def report_jobs(crew: Crew) -> list[dict[str, Json]]:
    async with crew.work() as work:
        rows = await work.session.execute(text("select payload, priority from jobs where kind = 'renders.report'"))
        return [{"digest": row.payload["digest"], "priority": row.priority} for row in rows]


async def test_a_film_is_reported_on_by_a_job_of_the_lowest_priority(crew: Crew) -> None:
    render = await crew.film()
    assert render.film is not None
    assert await report_jobs(crew) == [{"digest": render.film.digest, "priority": 0}]


async def test_a_report_keeps_scores_sheet_and_plot(crew: Crew) -> None:
    render = await crew.film()
    report = await make(crew, render, 0, 60, 30)
    assert await record(crew, report)
    assert report is not None
    assert await find(crew, render.id) == report
    assert [shot.score for shot in report.characters[0].shots] == [1.0, 0.5, 0.866]
    assert [shot.seconds_since for shot in report.characters[0].shots] == [None, 0.0, 0.0]
    async with crew.work() as work:
        kept = await work.objects.find_many(crew.workspace_id, sorted(report.object_ids))
    for each in kept.values():
        png = await crew.container.store.read(each.key, bytes_max=10_000_000)
        assert png.startswith(b"\x89PNG")
    assert (await events_of(crew, render.id))[-1].data == {"state": "finished", "characters": 1}
    assert await are_balanced(crew.container)


async def test_a_film_is_reported_on_by_the_pictures_that_are_left(crew: Crew) -> None:
    assert crew.storyboard.cast
    async with crew.work() as work:
        second = await add_picture(work, crew.workspace_id, crew.storyboard.cast[0], position=1)
    render = await crew.film()
    async with crew.work() as work:
        await remove_reference_image(work, image_id=second, now=NOW)
    report = await make(crew, render, 0, 0, 0)
    assert report is not None
    assert [each.name for each in report.characters] == ["Hare"]


async def test_a_film_is_reported_on_once(crew: Crew) -> None:
    render = await crew.film()
    report = await make(crew, render, 0, 0, 0)
    assert [await record(crew, report) for _ in range(2)] == [True, False]
    assert await make(crew, render) is None
    assert (await names_of(crew, render.id)).count("ConsistencyReported") == 1
    assert await are_balanced(crew.container)


async def test_a_film_that_is_joined_anew_is_reported_on_anew(crew: Crew) -> None:
    render = await crew.film()
    assert await record(crew, await make(crew, render, 0, 0, 0))
    late = await find(crew, render.id)
    async with crew.work() as work:
        shot_id = crew.storyboard.shots[0].id
        await reroll_shot(work, render_id=render.id, shot_id=shot_id, engines=crew.engines, now=NOW)
    assert not await record(crew, late)
    await crew.work_off()
    assert not await record(crew, late)
    assert await record(crew, await make(crew, await crew.find(render.id), 10, 0, 0))
    assert len(await report_jobs(crew)) == 2
    assert await find(crew, render.id) != late
    assert await are_balanced(crew.container)


async def test_a_report_goes_with_its_render_and_lets_go_of_its_pictures(crew: Crew) -> None:
    render = await crew.film()
    report = await make(crew, render, 0, 0, 0)
    assert await record(crew, report)
    async with crew.work() as work:
        await delete_render(work, render_id=render.id, now=NOW)
    assert await find(crew, render.id) is None
    assert not await record(crew, report)
    assert await are_balanced(crew.container)
