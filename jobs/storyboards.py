"""The job that writes storyboards, and who looks after those that it left."""

import asyncio
from datetime import datetime
from uuid import UUID

from bootstrap.container import Container, Work
from domain.identifiers import StoryboardId
from domain.jobs.models import ClaimedJob, EndedJob
from domain.storyboards.tasks import WRITE
from domain.storyboards.use_cases.fail_abandoned_writing import fail_abandoned_writing
from domain.storyboards.use_cases.write_storyboard import fail_writing, finish_writing, write_storyboard
from jobs.context import JobContext
from jobs.registry import Registry

tasks = Registry()


@tasks.task(WRITE)
async def write(context: JobContext, job: ClaimedJob) -> None:
    """Write every shot as soon as it is known; the last transaction makes the first version and ends the job."""
    storyboard_id = StoryboardId(UUID(str(job.payload["storyboard_id"])))
    # The first reading of the language model takes a second or two of pure computing: not on the event loop.
    tools = await asyncio.to_thread(lambda: context.services.writing_tools)
    is_written = await write_storyboard(context.work, tools=tools, storyboard_id=storyboard_id, clock=context.now)
    if is_written:
        async with context.finishing() as work:
            await finish_writing(work, storyboard_id=storyboard_id, now=context.now())


@tasks.on_failed(WRITE)
async def writing_failed(work: Work, job: EndedJob, now: datetime) -> None:
    """No attempt is left: the storyboard says why."""
    storyboard_id = StoryboardId(UUID(str(job.payload["storyboard_id"])))
    await fail_writing(work, storyboard_id=storyboard_id, reason=job.failure_message, now=now)


async def end_abandoned(services: Container) -> int:
    """Tell storyboards whose job was canceled that there will be no more shots; answer how many."""
    return await fail_abandoned_writing(services.system_work, now=services.now())
