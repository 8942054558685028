"""What a worker that comes over HTTP may do: claim, beat, put outputs, and report; every call checks the fence."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from bootstrap.container import Container
from contracts import protocol
from contracts.batches import can_share_batch
from contracts.commands import COMMAND_VERSION, Command
from domain.errors import Invalid, Unavailable
from domain.events import Json
from domain.identifiers import JobId, ObjectId
from domain.jobs.models import DISPATCH_KEY, AlikeJob, ClaimedJob, Fence, JobInput, Queue, Worker, queue_key
from domain.jobs.policies import Failure, FailureCode
from domain.media.models import Content, StoredObject
from failpoints import Point, reach
from jobs.checkpoints import keep_checkpoint
from jobs.endings import Endings
from jobs.previews import checked_preview
from jobs.progress import job_progress
from jobs.runner import failure_of

URL_LIFE = timedelta(hours=2)
OUTPUTS_MAX = 16
WARM_MAX = 32
ALIKE_MAX = 32  # jobs that are looked through for a batch

COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


def output_key(fence: Fence, sha256: str) -> str:
    """A key that only this claim may write: a zombie can leave garbage there, never touch what counts."""
    return f"art/{fence.job_id}/{fence.claim_id}/{sha256}"


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


def stored_output(services: Container, job: ClaimedJob, output: protocol.OutputReport) -> StoredObject:
    """Describe an uploaded output as the object that it becomes."""
    return StoredObject(
        id=ObjectId(services.new_id()),
        workspace_id=job.workspace_id,
        key=output.key,
        content=Content(output.content_type, output.size_bytes, output.sha256),
        touched_at=services.now(),
    )


class WorkerDesk:
    """Serves workers; `lease_seconds` is how long one may be silent before its job is given to another."""

    def __init__(self, services: Container, endings: Endings, *, lease_seconds: float) -> None:
        self._services = services
        self._endings = endings
        self._lease_seconds = lease_seconds

    @property
    def services(self) -> Container:
        return self._services

    async def claim(
        self, asked: protocol.ClaimRequest, *, is_gone: Callable[[], Awaitable[bool]]
    ) -> protocol.ClaimAnswer:
        """Hand over the hinted job, or whichever is next; nothing to a worker that is asked to drain, until it is not.

        With `wait_seconds` the call waits for something to come, so that a worker without hints is as quick as one
        with them; a worker that is gone by then is handed nothing. With `more_claim_ids` what can share a batch with
        the job comes along, each under a claim of its own.
        """
        worker, more_ids = worker_of(asked), [id_of(each) for each in asked.more_claim_ids or ()]
        deadline = time.monotonic() + asked.wait_seconds
        async with self._services.wakeups.subscribe(queue_key(worker.queue)) as bell:
            while True:
                is_draining = await self._services.claims.see(worker)
                if not is_draining and (job := await self._claim(worker, asked)):
                    claimed = await self._hand_over(job, asked.worker)
                    more = await self._claim_more(worker, job, claimed, more_ids, asked.worker) if claimed else ()
                    return protocol.ClaimAnswer(claimed=claimed, more=list(more) or None)
                await self._services.wakeups.give(set() if is_draining else {DISPATCH_KEY})
                left = deadline - time.monotonic()
                if left <= 0 or not await bell.wait(left) or await is_gone():
                    break
        return protocol.ClaimAnswer()

    async def _claim(self, worker: Worker, asked: protocol.ClaimRequest) -> ClaimedJob | None:
        claim_id, job_id = id_of(asked.claim_id), JobId(id_of(asked.job_id)) if asked.job_id else None
        return await self._services.claims.claim(
            worker,
            claim_id=claim_id,
            lease_seconds=self._lease_seconds,
            job_id=job_id,
            delivery=asked.delivery,
        )

    async def _claim_more(
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
                more += await self._hand_over_more(claimed, to, is_fit=is_fit)
        return more

    async def _hand_over_more(
        self, job: ClaimedJob, to: protocol.WorkerInfo, *, is_fit: bool
    ) -> Sequence[protocol.Claimed]:
        """Hand over one of a batch; it is unfit where an answer was lost and the batch has begun with another since."""
        if not is_fit:
            await self._endings.release(job)
            return ()
        claimed = await self._hand_over(job, to)
        return (claimed,) if claimed else ()

    async def _hand_over(self, job: ClaimedJob, to: protocol.WorkerInfo) -> protocol.Claimed | None:
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

    async def beat(self, fence: Fence, asked: protocol.HeartbeatRequest) -> protocol.HeartbeatAnswer:
        beat = await self._services.claims.beat(fence, lease_seconds=self._lease_seconds)
        if asked.progress > 0:
            job = await self._services.claims.find_held(fence)
            if progress := job_progress(job, asked.progress, preview=checked_preview(asked.preview)):
                await self._services.progress.publish(progress)
        return protocol.HeartbeatAnswer(
            lease_seconds=self._lease_seconds, cancel=beat.is_cancelled, drain=beat.is_draining
        )

    async def output(self, fence: Fence, asked: protocol.OutputRequest) -> protocol.OutputAnswer:
        """Sign a PUT of exactly these bytes under a key of this claim's own."""
        await self._services.claims.find_held(fence)
        content = Content(asked.content_type, asked.size_bytes, asked.sha256)
        key = output_key(fence, asked.sha256)
        put = self._services.store.presign_put(key, content, now=self._services.now(), life=URL_LIFE)
        return protocol.OutputAnswer(url=put.url, headers=dict(put.headers), key=key)

    async def checkpoint(self, fence: Fence, asked: protocol.CheckpointRequest) -> None:
        """Keep what was uploaded for the job's next attempt, in place of what was kept before."""
        job = await self._services.claims.find_held(fence)
        await self._check_outputs(fence, [asked.output])
        await keep_checkpoint(self._services, job, stored_output(self._services, job, asked.output))

    async def finish(self, fence: Fence, asked: protocol.FinishRequest) -> None:
        """End the job with success; a report that the slice's handler refuses ends it as failed instead."""
        job = await self._services.claims.find_held(fence)
        await self._check_outputs(fence, asked.outputs)
        failure = await failure_of(self._commit(job, asked), job)
        if failure is None:
            await reach(Point.FINISH_ANSWERING, job.id, job.kind)
            return
        if failure.code is FailureCode.UNAVAILABLE:
            raise Unavailable(failure.message)
        await self._endings.fail(job, failure)

    async def _check_outputs(self, fence: Fence, outputs: Sequence[protocol.OutputReport]) -> None:
        """The upload was bound to size, type and digest; what is left to check is that it arrived."""
        if len(outputs) > OUTPUTS_MAX:
            raise Invalid("Too many outputs.", field="outputs")
        for each in outputs:
            if each.key != output_key(fence, each.sha256):
                raise Invalid(f"The output {each.name} is not under this claim's keys.", field="outputs")
            stored = await self._services.store.head(each.key)
            if stored is None or stored.size_bytes != each.size_bytes:
                raise Invalid(f"The output {each.name} was not uploaded as reported.", field="outputs")

    async def _commit(self, job: ClaimedJob, asked: protocol.FinishRequest) -> None:
        stored = {each.name: stored_output(self._services, job, each) for each in asked.outputs}
        result: dict[str, Json] = asked.result.model_dump(mode="json")
        surplus = await self._endings.finish(job, result=result, outputs=stored, worked_seconds=asked.worked_seconds)
        if surplus:
            # The workspace had the same bytes already under another key.
            await self._services.store.delete(surplus)

    async def fail(self, fence: Fence, asked: protocol.FailRequest) -> None:
        if asked.code == "CRASHED":
            await self._services.claims.give_up(fence, asked.message)
            self._services.metrics.crashes.inc()
            return
        job = await self._services.claims.find_held(fence)
        failure = Failure(FailureCode(asked.code), asked.message, asked.retry_after_seconds)
        await self._endings.fail(job, failure)

    async def release(self, fence: Fence) -> None:
        await self._endings.release(await self._services.claims.find_held(fence))
