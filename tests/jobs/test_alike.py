"""What comes along with a claim of a worker that makes batches: more of the same, and nothing that is due to others."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import httpx
import pytest

from bootstrap.clock import new_id
from contracts import protocol
from domain.identifiers import WorkspaceId
from domain.jobs.models import JobState, NewJob, Queue
from tests.builders_jobs import Bench, worker
from tests.gpu_worker.conftest import keyframe_job
from tests.jobs.conftest import Engine, desk_of, post

INFO = protocol.WorkerInfo(worker_id="worker-1", queue="cpu", engines=["tiny"], software_version="test")


@pytest.fixture
async def client(engine: Engine) -> AsyncGenerator[httpx.AsyncClient]:
    async with desk_of(engine) as client:
        yield client


async def ask(client: httpx.AsyncClient, ids: Sequence[str]) -> Sequence[protocol.Claimed]:
    request = protocol.ClaimRequest(worker=INFO, claim_id=ids[0], more_claim_ids=list(ids[1:]) or None)
    response = await post(client, protocol.CLAIM_PATH, request)
    assert response.status_code == 200
    answer = protocol.ClaimAnswer.model_validate_json(response.content)
    return [answer.claimed, *(answer.more or ())] if answer.claimed else ()


def ids(number: int) -> list[str]:
    return [str(new_id()) for _ in range(number)]


async def dispatched(bench: Bench, *jobs: NewJob) -> None:
    await bench.enqueue(*jobs)
    await bench.claims.see(worker("worker-1", engines=["tiny"], slots=20))
    await bench.dispatches.pick(Queue.CPU, limit=100)


async def release(client: httpx.AsyncClient, claimed: protocol.Claimed) -> None:
    path = protocol.RELEASE_PATH.format(job_id=claimed.job_id)
    assert (await post(client, path, protocol.ReleaseRequest(fence=claimed.fence))).status_code == 200


def sized(workspace_id: WorkspaceId, width: int) -> NewJob:
    new = keyframe_job(workspace_id)
    command = new.payload["command"]
    assert isinstance(command, dict)
    return replace(new, payload={"command": {**command, "width": width}})


async def test_keyframes_of_one_workspace_and_size_come_along_each_under_a_claim_of_its_own(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    workspace_id, other_id = await bench.add_workspace(), await bench.add_workspace()
    first, wide, second, third = (sized(workspace_id, width) for width in (64, 128, 64, 64))
    foreign = keyframe_job(other_id)
    warm = replace(keyframe_job(workspace_id), affinity="another model")
    await dispatched(bench, first)
    await dispatched(bench, wide, second, foreign, warm, third)
    asked = ids(5)
    claimed = await ask(client, asked)
    assert [each.job_id for each in claimed] == [str(each.id) for each in (first, second, third)]
    assert [each.fence.claim_id for each in claimed] == asked[:3]
    assert [await bench.state(each.id) for each in (wide, foreign, warm)] == ["dispatched"] * 3


async def test_no_more_comes_along_than_is_asked_for(bench: Bench, client: httpx.AsyncClient) -> None:
    workspace_id = await bench.add_workspace()
    await dispatched(bench, *(keyframe_job(workspace_id) for _ in range(5)))
    assert [len(await ask(client, ids(number))) for number in (1, 3)] == [1, 3]


async def test_an_answer_that_was_lost_is_given_again(bench: Bench, client: httpx.AsyncClient) -> None:
    workspace_id, asked = await bench.add_workspace(), ids(4)
    await dispatched(bench, *(keyframe_job(workspace_id) for _ in range(3)))
    lost = await ask(client, asked)
    await dispatched(bench, keyframe_job(workspace_id))
    again = await ask(client, asked)
    assert len(lost) == 3
    assert [each.fence for each in again[:3]] == [each.fence for each in lost]
    assert len(again) == 4, "there is room for one that came meanwhile"


async def test_what_an_idle_worker_could_begin_at_once_is_left_to_it(bench: Bench, client: httpx.AsyncClient) -> None:
    workspace_id = await bench.add_workspace()
    await dispatched(bench, *(keyframe_job(workspace_id) for _ in range(4)))
    await bench.claims.see(worker("worker-2", engines=["tiny"]))
    assert len(await ask(client, ids(4))) == 3


@pytest.mark.parametrize("harm", ["lost = 1", "attempts = 1"])
async def test_a_job_that_has_ended_badly_before_is_done_alone(
    bench: Bench, client: httpx.AsyncClient, harm: str
) -> None:
    workspace_id = await bench.add_workspace()
    harmed, first, second = (keyframe_job(workspace_id) for _ in range(3))
    await dispatched(bench, harmed)
    await dispatched(bench, first, second)
    await bench.as_owner(f"update jobs set {harm} where id = :id", id=harmed.id)  # noqa: S608 - a part of this test
    [claimed] = await ask(client, ids(3))
    assert claimed.job_id == str(harmed.id)
    await release(client, claimed)
    await dispatched(bench)
    assert {each.job_id for each in await ask(client, ids(3))} == {str(first.id), str(second.id)}


async def test_what_an_earlier_batch_left_is_released_where_it_does_not_fit_the_new_one(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    workspace_id, asked = await bench.add_workspace(), ids(2)
    first, second, wide = (sized(workspace_id, width) for width in (64, 64, 128))
    await dispatched(bench, first, second)
    claimed, _ = await ask(client, asked)
    await dispatched(bench, wide)
    await release(client, claimed)
    assert [each.job_id for each in await ask(client, asked)] == [str(wide.id)]
    row = await bench.row(second.id)
    assert (row.state, row.lost, row.attempts) == (JobState.QUEUED, 0, 0)


async def test_ids_that_are_none_are_refused_before_anything_is_claimed(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    new = keyframe_job(await bench.add_workspace())
    await dispatched(bench, new)
    request = protocol.ClaimRequest(worker=INFO, claim_id=str(new_id()), more_claim_ids=["another"])
    assert (await post(client, protocol.CLAIM_PATH, request)).status_code == 422
    assert await bench.state(new.id) == JobState.DISPATCHED
