"""The worker protocol over HTTP, call by call, as a worker that behaves badly or comes too late would use it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from bootstrap.clock import new_id
from contracts import protocol
from contracts.commands import KeyframeMade, Message
from domain.events import Json
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.operations import OperatorOrder, WorkerState
from jobs.registry import Registry
from tests.builders_jobs import Bench, worker
from tests.gpu_worker.conftest import keyframe_job
from tests.jobs.conftest import TOKEN, Engine, desk_of, post

INFO = protocol.WorkerInfo(worker_id="worker-1", queue="cpu", engines=["tiny"], software_version="test")


@pytest.fixture
async def client(engine: Engine) -> AsyncGenerator[httpx.AsyncClient]:
    async with desk_of(engine) as client:
        yield client


async def claim(bench: Bench, client: httpx.AsyncClient, *, watched: UUID | None = None) -> protocol.Claimed:
    job = keyframe_job(await bench.add_workspace())
    progress: dict[str, Json] = {"part": "shot:1", "from": 0.2, "to": 0.4, "epoch": 1}
    await bench.enqueue(replace(job, subject_id=watched, payload={**job.payload, "progress": progress}))
    await bench.claims.see(worker("worker-1", engines=["tiny"]))
    await bench.dispatches.pick(worker().queue, limit=1)
    request = protocol.ClaimRequest(worker=INFO, claim_id=str(new_id()))
    answer = protocol.ClaimAnswer.model_validate_json((await post(client, protocol.CLAIM_PATH, request)).content)
    assert answer.claimed is not None
    return answer.claimed


def finish_request(claimed: protocol.Claimed, *outputs: protocol.OutputReport) -> protocol.FinishRequest:
    return protocol.FinishRequest(
        fence=claimed.fence,
        result=KeyframeMade(figures=0, engine_version="1"),
        outputs=list(outputs),
        worked_seconds=1,
    )


def at(path: str, claimed: protocol.Claimed) -> str:
    return path.format(job_id=claimed.job_id)


async def test_a_claim_repeated_by_a_worker_that_drains_hands_back_what_it_got(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    claimed = await claim(bench, client)
    order = OperatorOrder("ada", "It is to be replaced.")
    await bench.container.operations.set_worker_state(order, "worker-1", WorkerState.DRAINING)
    again = protocol.ClaimRequest(worker=INFO, claim_id=claimed.fence.claim_id)
    answer = protocol.ClaimAnswer.model_validate_json((await post(client, protocol.CLAIM_PATH, again)).content)
    assert answer.claimed is None
    row = await bench.row(UUID(claimed.job_id))
    assert (row.state, row.attempts, row.lost) == ("queued", 0, 0)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
async def test_nobody_comes_in_without_the_token(client: httpx.AsyncClient, authorization: str) -> None:
    response = await client.post(protocol.CLAIM_PATH, headers={"Authorization": authorization}, content="{}")
    assert (response.status_code, response.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_health_is_open(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz", headers={"Authorization": ""})).status_code == 200


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff", b'{"worker": 1}', b"x" * 2_000_000])
async def test_a_body_that_does_not_fit_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post(protocol.CLAIM_PATH, content=body)
    assert (response.status_code, response.json()["code"]) == (422, "INVALID")


@pytest.mark.parametrize("queue", ["internal", "nowhere"])
async def test_a_worker_of_another_queue_is_refused(client: httpx.AsyncClient, queue: str) -> None:
    info = INFO.model_copy(update={"queue": queue})
    request = protocol.ClaimRequest(worker=info, claim_id=str(new_id()))
    assert (await post(client, protocol.CLAIM_PATH, request)).status_code == 422


async def test_a_claim_answers_nothing_when_there_is_nothing(client: httpx.AsyncClient) -> None:
    response = await post(client, protocol.CLAIM_PATH, protocol.ClaimRequest(worker=INFO, claim_id=str(new_id())))
    assert protocol.ClaimAnswer.model_validate_json(response.content).claimed is None


async def test_every_report_under_a_stale_fence_is_answered_409(bench: Bench, client: httpx.AsyncClient) -> None:
    claimed = await claim(bench, client)
    stale = claimed.fence.model_copy(update={"epoch": claimed.fence.epoch + 1})
    digest = "0" * 64
    messages: dict[str, Message] = {
        protocol.HEARTBEAT_PATH: protocol.HeartbeatRequest(fence=stale),
        protocol.OUTPUT_PATH: protocol.OutputRequest(
            fence=stale, name="keyframe.png", sha256=digest, size_bytes=1, content_type="image/png"
        ),
        protocol.FINISH_PATH: finish_request(claimed).model_copy(update={"fence": stale}),
        protocol.FAIL_PATH: protocol.FailRequest(fence=stale, code="INVALID", message="No."),
        protocol.RELEASE_PATH: protocol.ReleaseRequest(fence=stale),
    }
    statuses = [(await post(client, at(path, claimed), message)).status_code for path, message in messages.items()]
    assert statuses == [409] * 5
    assert await bench.state(UUID(claimed.job_id)) == "running"


async def test_a_finish_that_is_repeated_is_acknowledged_again(bench: Bench, client: httpx.AsyncClient) -> None:
    claimed = await claim(bench, client)
    for _ in range(2):
        response = await post(client, at(protocol.FINISH_PATH, claimed), finish_request(claimed))
        assert response.status_code == 200
    assert await bench.state(UUID(claimed.job_id)) == "succeeded"


@pytest.mark.parametrize("key", ["art/elsewhere/1/" + "0" * 64, "../secrets", ""])
async def test_an_output_under_another_key_is_refused(bench: Bench, client: httpx.AsyncClient, key: str) -> None:
    claimed = await claim(bench, client)
    output = protocol.OutputReport(name="a.png", key=key, sha256="0" * 64, size_bytes=1, content_type="image/png")
    response = await post(client, at(protocol.FINISH_PATH, claimed), finish_request(claimed, output))
    assert response.status_code == 422
    assert await bench.state(UUID(claimed.job_id)) == "running"


async def test_an_output_that_was_not_uploaded_is_refused(bench: Bench, client: httpx.AsyncClient) -> None:
    claimed = await claim(bench, client)
    digest = "0" * 64
    asked = protocol.OutputRequest(
        fence=claimed.fence, name="a.png", sha256=digest, size_bytes=1, content_type="image/png"
    )
    answer = (await post(client, at(protocol.OUTPUT_PATH, claimed), asked)).json()
    output = protocol.OutputReport(
        name="a.png", key=answer["key"], sha256=digest, size_bytes=1, content_type="image/png"
    )
    response = await post(client, at(protocol.FINISH_PATH, claimed), finish_request(claimed, output))
    assert response.status_code == 422


async def test_a_slice_that_breaks_at_the_end_fails_the_job(
    bench: Bench, client: httpx.AsyncClient, registry: Registry
) -> None:
    @registry.on_finished("tests.keyframe")
    async def broken(work: object, job: object, now: object) -> None:
        raise RuntimeError("A bug.")

    claimed = await claim(bench, client)
    response = await post(client, at(protocol.FINISH_PATH, claimed), finish_request(claimed))
    assert response.status_code == 200
    row = await bench.row(UUID(claimed.job_id))
    assert (row.state, row.error_code, row.attempts) == ("queued", "INTERNAL", 1)


async def test_a_crash_is_counted_as_lost(bench: Bench, client: httpx.AsyncClient, engine: Engine) -> None:
    claimed = await claim(bench, client)
    request = protocol.FailRequest(fence=claimed.fence, code="CRASHED", message="Killed.")
    assert (await post(client, at(protocol.FAIL_PATH, claimed), request)).status_code == 200
    await engine.reaper.reap()
    row = await bench.row(UUID(claimed.job_id))
    assert (row.state, row.lost, row.attempts) == ("queued", 1, 0)


async def test_a_command_that_cannot_be_read_fails_the_job(bench: Bench, client: httpx.AsyncClient) -> None:
    new = replace(keyframe_job(await bench.add_workspace()), payload={"command": {"kind": "dance"}})
    await bench.enqueue(new)
    await bench.dispatch()
    request = protocol.ClaimRequest(worker=INFO, claim_id=str(new_id()))
    assert (await post(client, protocol.CLAIM_PATH, request)).json() == {"claimed": None}
    assert await bench.state(new.id) == "failed"


async def test_a_heartbeat_moves_what_is_worked_on(bench: Bench, client: httpx.AsyncClient, engine: Engine) -> None:
    subject_id = new_id()
    claimed = await claim(bench, client, watched=subject_id)
    async with engine.container.progress.watch(subject_id) as watch:
        beat = protocol.HeartbeatRequest(fence=claimed.fence, progress=0.5)
        assert (await post(client, at(protocol.HEARTBEAT_PATH, claimed), beat)).status_code == 200
        told = await watch.next(10)
    assert [(progress.part, round(progress.fraction, 6)) for progress in told] == [("shot:1", 0.3)]


async def test_a_heartbeat_tells_of_a_cancel(bench: Bench, client: httpx.AsyncClient) -> None:
    claimed = await claim(bench, client)
    row = await bench.row(UUID(claimed.job_id))
    async with bench.container.work(WorkspaceId(row.workspace_id)) as work:
        await work.jobs.cancel(JobId(row.id), "stop")
    beat = protocol.HeartbeatRequest(fence=claimed.fence, progress=0.5)
    answer = await post(client, at(protocol.HEARTBEAT_PATH, claimed), beat)
    assert answer.json()["cancel"] is True
    release = protocol.ReleaseRequest(fence=claimed.fence)
    assert (await post(client, at(protocol.RELEASE_PATH, claimed), release)).status_code == 200
    assert await bench.state(row.id) == "canceled"
