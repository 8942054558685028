"""A job of a render that an operator has run again: what failed with it waits for it again, or it must not."""

from uuid import UUID

import pytest

from bootstrap.container import Container
from bootstrap.operations import Operations
from domain.characters.use_cases.remove_reference_image import remove_reference_image
from domain.identifiers import JobId
from domain.jobs.operations import JobSuperseded, OperatorOrder
from domain.renders.models import Render
from domain.renders.states import RenderState
from domain.renders.use_cases.deciding import cancel_render, retry_render
from domain.renders.walk import Step
from tests.builders_film_crew import Crew, add_picture, names_of, open_studio
from tests.builders_jobs import Bench
from tests.builders_renders import NOW

ORDER = OperatorOrder("ada", "The worker is mended.")


@pytest.fixture
async def crew(container: Container) -> Crew:
    return await open_studio(container, shots=1)


@pytest.fixture
def operations(container: Container) -> Operations:
    return container.operations


async def broken(crew: Crew, container: Container) -> tuple[Render, JobId]:
    """A render that failed with its only clip, and the job of that, ended as failed."""
    crew.breaks = {Step.CLIP}
    render = await crew.film()
    bench = Bench(container)
    await bench.as_owner(
        "update jobs set state = 'failed', finished_at = clock_timestamp() where kind = 'renders.animate_shot'"
    )
    job_id = await bench.as_owner_answer("select id from jobs where kind = 'renders.animate_shot'")
    crew.breaks = set()
    assert render.state is RenderState.FAILED
    return render, JobId(UUID(str(job_id)))


async def test_a_retried_job_of_a_failed_shot_films_it_to_the_end(
    crew: Crew, container: Container, operations: Operations
) -> None:
    render, job_id = await broken(crew, container)
    await operations.retry_job(ORDER, job_id)
    assert (await crew.find(render.id)).state is RenderState.FILMING
    crew.seen.discard(job_id)
    await crew.work_off()
    assert (await crew.find(render.id)).state is RenderState.FINISHED
    assert "ShotRevived" in await names_of(crew, render.id)


async def test_a_job_of_a_render_that_was_retried_since_is_superseded(
    crew: Crew, container: Container, operations: Operations
) -> None:
    render, job_id = await broken(crew, container)
    async with crew.work() as work:
        await retry_render(work, render_id=render.id, engines=crew.engines, now=NOW)
    with pytest.raises(JobSuperseded, match="retryRender"):
        await operations.retry_job(ORDER, job_id)
    assert (await operations.find_job(job_id)).status.requeues == 0


async def test_a_job_of_a_shot_whose_cast_has_lost_a_picture_is_superseded(
    crew: Crew, container: Container, operations: Operations
) -> None:
    assert crew.storyboard.cast
    async with crew.work() as work:
        second = await add_picture(work, crew.workspace_id, crew.storyboard.cast[0], position=1)
    render, job_id = await broken(crew, container)
    async with crew.work() as work:
        await remove_reference_image(work, image_id=second, now=NOW)
    with pytest.raises(JobSuperseded):
        await operations.retry_job(ORDER, job_id)
    assert (await crew.find(render.id)).state is RenderState.FAILED


async def test_a_job_of_a_canceled_render_is_superseded(
    crew: Crew, container: Container, operations: Operations
) -> None:
    render, job_id = await broken(crew, container)
    async with crew.work() as work:
        await retry_render(work, render_id=render.id, engines=crew.engines, now=NOW)
        await cancel_render(work, render_id=render.id, now=NOW)
    with pytest.raises(JobSuperseded):
        await operations.retry_job(ORDER, job_id)
