"""Checkpoints over the worker protocol: kept with the job, replaced, and let go when it ends, whatever way."""

import base64
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from hashlib import sha256

import httpx
import pytest

from bootstrap.clock import new_id
from contracts import protocol
from domain.jobs.models import ClaimedJob, JobInput, JobState
from domain.jobs.policies import Failure, FailureCode
from domain.media.models import StoredObject
from jobs.desk import output_key
from jobs.previews import PREVIEW_BYTES_MAX, checked_preview
from tests.builders_jobs import Bench, job
from tests.jobs.conftest import Engine, desk_of, post


@dataclass(frozen=True)
class Desk:
    """The control application, and what its holder saves there."""

    bench: Bench
    client: httpx.AsyncClient

    async def start(self) -> ClaimedJob:
        return await self.bench.start(job(await self.bench.add_workspace()))

    async def save(self, job: ClaimedJob, content: bytes, *, key: str | None = None) -> int:
        """Upload and report as a worker does; answer the status."""
        digest = sha256(content).hexdigest()
        lies_at = output_key(job.fence, digest)
        await self.bench.container.store.put(lies_at, content, content_type="application/octet-stream")
        output = protocol.OutputReport(
            name=protocol.CHECKPOINT,
            key=key or lies_at,
            sha256=digest,
            size_bytes=len(content),
            content_type="application/octet-stream",
        )
        fence = protocol.Fence(epoch=job.fence.epoch, claim_id=str(job.fence.claim_id))
        request = protocol.CheckpointRequest(fence=fence, output=output)
        answered = await post(self.client, protocol.CHECKPOINT_PATH.format(job_id=job.id), request)
        return answered.status_code

    async def saved(self, job: ClaimedJob, content: bytes) -> StoredObject:
        async with self.bench.container.work(job.workspace_id) as work:
            found = await work.objects.find_content(job.workspace_id, sha256(content).hexdigest())
        assert found is not None
        return found


@pytest.fixture
async def desk(engine: Engine, bench: Bench) -> AsyncGenerator[Desk]:
    async with desk_of(engine) as client:
        yield Desk(bench, client)


async def test_a_later_claim_has_the_latest_checkpoint_among_its_inputs(desk: Desk, engine: Engine) -> None:
    held = await desk.start()
    for content in (b"first", b"second", b"second"):
        assert await desk.save(held, content) == 200
    first, second = await desk.saved(held, b"first"), await desk.saved(held, b"second")
    assert (first.references, second.references) == (0, 1)
    await desk.bench.expire(held.fence)
    await engine.reaper.reap()
    await desk.bench.dispatch()
    again = await desk.bench.claim()
    assert again is not None
    assert list(again.inputs) == [JobInput(protocol.CHECKPOINT, second.id)]


@pytest.mark.parametrize("end", ["finish", "fail", "cancel", "set aside"])
async def test_a_checkpoint_is_let_go_when_its_job_ends_whatever_way(desk: Desk, engine: Engine, end: str) -> None:
    held = await desk.start()
    assert await desk.save(held, b"half") == 200
    async with desk.bench.container.system_work(held.workspace_id) as work:
        if end == "finish":
            await work.held_jobs.finish(held.fence, worked_seconds=1, result={})
        elif end == "fail":
            await work.held_jobs.fail(held.fence, Failure(FailureCode.INVALID, "No."), retry_seconds=None)
        elif end == "cancel":
            await work.jobs.cancel(held.id, "changed my mind")
            await work.held_jobs.release(held.fence)
    while end == "set aside" and await desk.bench.state(held.id) is not JobState.DEAD:
        await desk.bench.expire(held.fence)
        await desk.bench.as_owner("update jobs set lost = lost_max where id = :id", id=held.id)
        await engine.reaper.reap()
    row = await desk.bench.row(held.id)
    assert (JobState(row.state).is_final, row.checkpoint_id) == (True, None)
    assert (await desk.saved(held, b"half")).references == 0


async def test_a_checkpoint_of_a_lost_claim_or_under_another_key_is_refused(desk: Desk, engine: Engine) -> None:
    held = await desk.start()
    assert await desk.save(held, b"half", key=f"art/{new_id()}/{new_id()}/{'0' * 64}") == 422
    await desk.bench.expire(held.fence)
    await engine.reaper.reap()
    assert await desk.save(held, b"half") == 409
    assert (await desk.bench.row(held.id)).checkpoint_id is None


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG picture", b"\xff\xd8\xff torn", b"\xff\xd8\xff" + bytes(PREVIEW_BYTES_MAX) + b"\xff\xd9"],
)
def test_what_is_no_small_jpeg_is_not_shown(content: bytes) -> None:
    assert checked_preview(base64.b64encode(content).decode()) is None


def test_a_small_jpeg_is_shown_as_it_is() -> None:
    written = base64.b64encode(b"\xff\xd8\xff picture \xff\xd9").decode()
    assert (checked_preview(written), checked_preview(f"{written}!"), checked_preview(None)) == (written, None, None)
