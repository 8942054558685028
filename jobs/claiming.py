"""How a worker that comes over HTTP gets its jobs: one, or as many as can share a batch, each under its own claim."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from bootstrap.container import Container
from contracts import protocol
from contracts.batches import can_share_batch
from contracts.commands import COMMAND_VERSION, Command
from domain.errors import Invalid
from domain.identifiers import JobId, ObjectId
from domain.jobs.models import AlikeJob, ClaimedJob, JobInput, Queue, Worker
from domain.jobs.policies import Failure, FailureCode
from domain.media.models import StoredObject
from failpoints import Point, reach
from jobs.endings import Endings

URL_LIFE = timedelta(hours=2)
WARM_MAX = 32
ALIKE_MAX = 32  # jobs that are looked through for a batch

COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


def worker_of(asked: protocol.ClaimRequest) -> Worker:
    info = asked.worker
    try:
        queue = Queue(info.queue)
    except ValueError:
        raise Invalid("There is no such queue.", field="queue") from None
    if queue is Queue.INTERNAL:
        raise Invalid("The internal queue is not for workers.", field="queue")
    return Worker(
        id=info.worker_id,
        queue=queue,
        software_version=info.software_version,
        engines=info.engines,
        # A newer command than this process can read is left to a newer process.
        command_version=min(info.command_version, COMMAND_VERSION),
        slots=1 + len(asked.more_claim_ids or ()),
        warm=(info.warm or [])[:WARM_MAX],
        models=None if info.models is None else [each.model_dump(mode="json") for each in info.models],
    )


def id_of(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Invalid("The job or the claim is not a UUID.") from None


def is_fit_for(first: Command, other: AlikeJob) -> bool:
    """Whether the other job's command can share a batch with the first; one that cannot be read can not."""
    try:
        return can_share_batch(first, COMMAND.validate_python(other.payload.get("command"), strict=False))
    except ValidationError:
        return False


class Claiming:
    """Claims jobs for workers and hands them over; see `WorkerDesk`."""

    def __init__(self, services: Container, endings: Endings, *, lease_seconds: float) -> None:
        self._services = services
        self._endings = endings
        self._lease_seconds = lease_seconds

    async def first(self, worker: Worker, asked: protocol.ClaimRequest) -> ClaimedJob | None:
        """Claim the hinted job, or whichever is next."""
        claim_id, job_id = id_of(asked.claim_id), JobId(id_of(asked.job_id)) if asked.job_id else None
        return await self._services.claims.claim(
            worker,
            claim_id=claim_id,
            lease_seconds=self._lease_seconds,
            job_id=job_id,
            delivery=asked.delivery,
        )

    async def more(
        self, worker: Worker, job: ClaimedJob, first: protocol.Claimed, free: list[UUID], to: protocol.WorkerInfo
    ) -> Sequence[protocol.Claimed]:
        """Claim what can share a batch with the first job; what another took in the meantime is passed over."""
        found = await self._services.claims.find_alike(worker, job, claim_ids=free, limit=ALIKE_MAX) if free else ()
        more: list[protocol.Claimed] = []
        for each in found:
            is_fit = is_fit_for(first.command, each)
            if each.claim_id is None and not (is_fit and free):
                continue
            claim_id = each.claim_id or free[0]
            claimed = await self._services.claims.claim(
                worker, claim_id=claim_id, lease_seconds=self._lease_seconds, job_id=each.id
            )
            if claimed is not None:
                free.remove(claim_id)
                more += await self._hand_over_one_more(claimed, to, is_fit=is_fit)
        return more

    async def _hand_over_one_more(
        self, job: ClaimedJob, to: protocol.WorkerInfo, *, is_fit: bool
    ) -> Sequence[protocol.Claimed]:
        """Hand over one of a batch; it is unfit where an answer was lost and the batch has begun with another since."""
        if not is_fit:
            await self._endings.release(job)
            return ()
        claimed = await self.hand_over(job, to)
        return (claimed,) if claimed else ()

    async def hand_over(self, job: ClaimedJob, to: protocol.WorkerInfo) -> protocol.Claimed | None:
        """Say what is to be done, and where its inputs lie; None fails a job of which that cannot be said."""
        self._services.metrics.claimed(job)
        try:
            command = COMMAND.validate_python(job.payload.get("command"), strict=False)
            inputs = await self._inputs(job)
        except (ValidationError, Invalid) as wrong:
            await self._endings.fail(job, Failure(FailureCode.INVALID, f"The command cannot be handed over: {wrong}"))
            return None
        await reach(Point.CLAIM_ANSWERING, job.id, job.kind)
        return protocol.Claimed(
            job_id=str(job.id),
            fence=protocol.Fence(epoch=job.fence.epoch, claim_id=str(job.fence.claim_id)),
            lease_seconds=self._lease_seconds,
            deadline_seconds=job.deadline_seconds,
            command=command,
            inputs=inputs,
            # A worker that says nothing of warmth is of a version that would refuse the field.
            affinity=job.affinity if to.warm is not None else None,
        )

    async def _inputs(self, job: ClaimedJob) -> list[protocol.InputFile]:
        async with self._services.system_work(job.workspace_id) as work:
            stored = await work.objects.find_many(job.workspace_id, [each.object_id for each in job.inputs])
        return [self._input(each, stored) for each in job.inputs]

    def _input(self, wanted: JobInput, stored: Mapping[ObjectId, StoredObject]) -> protocol.InputFile:
        found = stored.get(wanted.object_id)
        if found is None:
            raise Invalid(f"The input {wanted.name} does not exist any more.")
        content = found.content
        signed = self._services.store.presign_get(
            found.key, content_type=content.content_type, now=self._services.now(), life=URL_LIFE
        )
        return protocol.InputFile(
            name=wanted.name, url=signed.url, sha256=content.sha256, size_bytes=content.size_bytes
        )
