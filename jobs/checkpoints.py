"""What an attempt saved on its way, kept with its job for the next one."""

from bootstrap.container import Container
from domain.jobs.models import ClaimedJob
from domain.media.models import StoredObject
from domain.media.use_cases import hold_object, release_object


async def keep_checkpoint(services: Container, job: ClaimedJob, saved: StoredObject) -> None:
    """Replace the job's checkpoint, and let the old one go; a repeated call changes nothing.

    Raises FenceLost, ObjectBeingSwept.
    """
    async with services.system_work(job.workspace_id) as work:
        before = await work.held_jobs.hold_checkpoint(job.fence)
        kept = await work.objects.reserve(saved)
        if before != kept.id:
            await hold_object(work, workspace_id=job.workspace_id, object_id=kept.id)
            await work.held_jobs.keep_checkpoint(job.fence, kept.id)
            if before is not None:
                await release_object(work, workspace_id=job.workspace_id, object_id=before, now=services.now())
    if kept.key != saved.key:
        # The workspace had the same bytes already under another key.
        await services.store.delete([saved.key])
