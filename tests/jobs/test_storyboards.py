"""The job that writes storyboards, by the real dispatcher and runner."""

from uuid import UUID

from sqlalchemy import text

from bootstrap.container import Container
from domain.storyboards.models import StoryboardState
from jobs.storyboards import end_abandoned, tasks
from tests.builders_jobs import Bench
from tests.builders_scripts import script
from tests.builders_storyboards import StoryboardLab
from tests.jobs.conftest import Engine


async def job_of(container: Container, subject_id: UUID) -> UUID:
    async with container.system_work() as work:
        found = await work.session.scalar(text("select id from jobs where subject_id = :id"), {"id": subject_id})
    assert found is not None
    return found


async def test_a_script_becomes_a_storyboard(container: Container, bench: Bench) -> None:
    lab = await StoryboardLab.opened(container)
    engine = Engine(container, tasks)
    async with engine.running():
        created = await lab.create(script("yugong.txt"))
        row = await bench.ended(await job_of(container, created.id))

    found = await lab.find(created.id)
    assert row.state == "succeeded"
    assert (found.state, found.version, found.language) == (StoryboardState.READY, 1, "zh")
    assert len(found.shots) == 15
    assert (await lab.events(created.id)).count("ShotWritten") == 15


async def test_a_script_that_cannot_be_filmed_fails_with_the_reason(container: Container, bench: Bench) -> None:
    lab = await StoryboardLab.opened(container)
    engine = Engine(container, tasks)
    async with engine.running():
        created = await lab.create("# Chapter 1\n\n1 2 3")
        row = await bench.ended(await job_of(container, created.id))

    found = await lab.find(created.id)
    assert row.state == "failed"
    assert (found.state, found.failure) == (
        StoryboardState.FAILED,
        "The script has headings but nothing that happens.",
    )


async def test_a_storyboard_whose_job_was_canceled_is_not_written_for_ever(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    canceled, queued = await lab.create(), await lab.create()
    async with lab.begin() as work:
        await work.jobs.cancel_subject(canceled.id, "An operator stopped it.")

    await end_abandoned(container)
    await end_abandoned(container)

    ended = await lab.find(canceled.id)
    assert (ended.state, ended.failure) == (StoryboardState.FAILED, "The writing was stopped before it ended.")
    assert (await lab.events(canceled.id)).count("StoryboardWritingFailed") == 1
    assert (await lab.find(queued.id)).state is StoryboardState.WRITING
