"""What a worker that comes over HTTP may do: claim, beat, put outputs, and report; every call checks the fence."""

import time
from collections.abc import Awaitable, Callable, Sequence

from bootstrap.container import Container
from contracts import protocol
from domain.errors import Invalid, Unavailable
from domain.events import Json
from domain.identifiers import ObjectId
from domain.jobs.models import DISPATCH_KEY, ClaimedJob, Fence, queue_key
from domain.jobs.policies import Failure, FailureCode
from domain.media.models import Content, StoredObject
from failpoints import Point, reach
from jobs.checkpoints import keep_checkpoint
from jobs.claiming import URL_LIFE, Claiming, id_of, worker_of
from jobs.endings import Endings
from jobs.previews import checked_preview
from jobs.progress import job_progress
from jobs.runner import failure_of

OUTPUTS_MAX = 16


def output_key(fence: Fence, sha256: str) -> str:
    """A key that only this claim may write: a zombie can leave garbage there, never touch what counts."""
    return f"art/{fence.job_id}/{fence.claim_id}/{sha256}"


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
        self._claiming = Claiming(services, endings, lease_seconds=lease_seconds)

    @property
    def services(self) -> Container:
        return self._services

    async def claim(
        self, asked: protocol.ClaimRequest, *, is_gone: Callable[[], Awaitable[bool]]
    ) -> protocol.ClaimAnswer:
        """Hand over the hinted job, or whichever is next; nothing to a worker that is asked to drain, until it is not.

        What such a worker was given by a claim that it repeats, since the answer was lost, is handed back for it.
        With `wait_seconds` the call waits for something to come, so that a worker without hints is as quick as one
        with them; a worker that is gone by then is handed nothing. With `more_claim_ids` what can share a batch with
        the job comes along, each under a claim of its own.
        """
        worker, more_ids = worker_of(asked), [id_of(each) for each in asked.more_claim_ids or ()]
        deadline = time.monotonic() + asked.wait_seconds
        async with self._services.wakeups.subscribe(queue_key(worker.queue)) as bell:
            while True:
                is_draining = await self._services.claims.see(worker)
                if is_draining:
                    await self._endings.hand_back(worker.id, [id_of(asked.claim_id), *more_ids])
                elif job := await self._claiming.first(worker, asked):
                    claimed = await self._claiming.hand_over(job, asked.worker)
                    more = await self._claiming.more(worker, job, claimed, more_ids, asked.worker) if claimed else ()
                    return protocol.ClaimAnswer(claimed=claimed, more=list(more) or None)
                await self._services.wakeups.give(set() if is_draining else {DISPATCH_KEY})
                left = deadline - time.monotonic()
                if left <= 0 or not await bell.wait(left) or await is_gone():
                    break
        return protocol.ClaimAnswer()

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
