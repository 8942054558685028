"""Operators over GraphQL: each field with nobody, members, an owner and an operator; a refusal writes nothing."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.jobs.operations import OperatorOrder
from domain.jobs.policies import Failure, FailureCode
from tests.api.asking import ask, ask_as
from tests.builders_jobs import Bench, failed_job, job, worker
from tests.builders_studio import code, member

REASON = "The store is back."
NOBODYS_JOB = "job_01940000-0000-7000-8000-000000000001"
PAUSE = "mutation ($reason: String!) { pauseQueue(queue: CPU, reason: $reason) { queue returned } }"
RESUME = "mutation ($reason: String!) { resumeQueue(queue: CPU, reason: $reason) { queue } }"
DRAIN = """
mutation ($id: String!, $reason: String!) {
  drainWorker(id: $id, reason: $reason) { __typename ... on WorkerDrains { workerId } }
}
"""
UNDRAIN = """
mutation ($id: String!, $reason: String!) {
  resumeWorker(id: $id, reason: $reason) { __typename ... on WorkerResumed { workerId } }
}
"""
RETRY = """
mutation ($id: ID!, $reason: String!) {
  retryJob(id: $id, reason: $reason) { __typename ... on Refusal { message } }
}
"""
ASIDE = """
mutation ($id: ID!, $reason: String!) {
  setJobAside(id: $id, reason: $reason) { __typename ... on JobSetAside { stateBefore } ... on Refusal { message } }
}
"""
REQUEUE = """
mutation ($reason: String!) {
  requeueJobs(filter: {state: FAILED}, reason: $reason) { jobIds refused { jobId message } hasMore }
}
"""
LIST = "query ($state: JobState) { jobs(filter: {state: $state}, first: 10) { nodes { id kind state errorCode } } }"
MEANT = "query ($wanted: JobFilterInput) { jobs(filter: $wanted) { nodes { id } } }"
SHOW = """
query ($id: ID!) {
  job(id: $id) { job { state requeues } events { number name } audit { action reason stateBefore } }
}
"""
WORKERS = "{ workers { id queue state load jobIds } }"
QUEUES = "{ queues { queue isPaused depths { state jobs } } }"
CALLS: dict[str, tuple[str, dict[str, object]]] = {
    "pauseQueue": (PAUSE, {"reason": REASON}),
    "resumeQueue": (RESUME, {"reason": REASON}),
    "drainWorker": (DRAIN, {"id": "worker-1", "reason": REASON}),
    "resumeWorker": (UNDRAIN, {"id": "worker-1", "reason": REASON}),
    "retryJob": (RETRY, {"id": NOBODYS_JOB, "reason": REASON}),
    "setJobAside": (ASIDE, {"id": NOBODYS_JOB, "reason": REASON}),
    "requeueJobs": (REQUEUE, {"reason": REASON}),
    "jobs": (LIST, {}),
    "job": (SHOW, {"id": NOBODYS_JOB}),
    "workers": (WORKERS, {}),
    "queues": (QUEUES, {}),
}
NAMES = sorted(CALLS)
BROKEN = Failure(FailureCode.INVALID, "Broken.")


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def operator(container: Container) -> str:
    """The token of somebody who looks after the lab, and is no more than a viewer of a workspace."""
    somebody = await member(container, role=Role.VIEWER, email="grace@example.org")
    assert await container.operations.grant(OperatorOrder("root", "granted"), "grace@example.org")
    return somebody.token


async def notes(container: Container) -> object:
    async with container.system_work() as work:
        return await work.session.scalar(text("select count(*) from operator_actions"))


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_operates(http: httpx.AsyncClient, container: Container, name: str) -> None:
    document, variables = CALLS[name]
    assert code(await ask(http, document, **variables)) == "UNAUTHENTICATED"
    assert await notes(container) == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER])
async def test_a_member_of_a_workspace_is_no_operator(
    http: httpx.AsyncClient, container: Container, name: str, role: Role
) -> None:
    somebody = await member(container, role=role)
    document, variables = CALLS[name]
    assert code(await ask_as(http, somebody.token, document, **variables)) == "FORBIDDEN"
    assert await notes(container) == 0


async def test_an_operator_whose_grant_is_revoked_is_refused_at_once(
    http: httpx.AsyncClient, container: Container
) -> None:
    token = await operator(container)
    assert "errors" not in await ask_as(http, token, WORKERS)
    assert await container.operations.revoke(OperatorOrder("root", "revoked"), "grace@example.org")
    assert code(await ask_as(http, token, WORKERS)) == "FORBIDDEN"


async def test_an_operator_pauses_and_resumes_a_queue(http: httpx.AsyncClient, container: Container) -> None:
    token = await operator(container)
    paused = await ask_as(http, token, PAUSE, reason=REASON)
    assert paused == {"data": {"pauseQueue": {"queue": "CPU", "returned": 0}}}
    overview = await ask_as(http, token, QUEUES)
    assert overview["data"]["queues"][0] == {"queue": "CPU", "isPaused": True, "depths": []}
    assert await ask_as(http, token, RESUME, reason=REASON) == {"data": {"resumeQueue": {"queue": "CPU"}}}


@pytest.mark.parametrize("reason", [" ", "a\0b"])
@pytest.mark.parametrize("name", ["pauseQueue", "drainWorker", "retryJob", "setJobAside", "requeueJobs"])
async def test_an_order_without_a_reason_is_invalid(
    http: httpx.AsyncClient, container: Container, name: str, reason: str
) -> None:
    token = await operator(container)
    before = await notes(container)
    document, variables = CALLS[name]
    answer = await ask_as(http, token, document, **variables | {"reason": reason})
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": "reason"}
    assert await notes(container) == before


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"kind": "a\0b"}, "kind"),
        ({"since": "0001-01-01T00:00:00Z"}, "since"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ({"since": "9999-12-31T23:59:59-14:00"}, "since"),
    ],
)
async def test_a_filter_that_fits_no_job_is_invalid(
    http: httpx.AsyncClient, container: Container, wanted: dict[str, object], field: str
) -> None:
    token = await operator(container)
    answer = await ask_as(http, token, MEANT, wanted=wanted)
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": field}


@pytest.mark.parametrize("since", ["1970-01-01T00:00:00+14:00", "9998-12-31T23:59:59-14:00"])
async def test_a_filter_goes_from_one_end_of_time_to_the_other(
    http: httpx.AsyncClient, container: Container, since: str
) -> None:
    token = await operator(container)
    assert await ask_as(http, token, MEANT, wanted={"since": since}) == {"data": {"jobs": {"nodes": []}}}


@pytest.mark.parametrize("document", [DRAIN, UNDRAIN])
async def test_an_id_that_no_worker_can_have_is_invalid(
    http: httpx.AsyncClient, container: Container, document: str
) -> None:
    token = await operator(container)
    answer = await ask_as(http, token, document, id="a\0b", reason=REASON)
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": "id"}


async def test_an_operator_drains_a_worker_and_lets_it_go_on(
    http: httpx.AsyncClient, container: Container, bench: Bench
) -> None:
    token = await operator(container)
    await bench.claims.see(worker())
    answer = await ask_as(http, token, DRAIN, id="worker-1", reason=REASON)
    assert answer["data"]["drainWorker"] == {"__typename": "WorkerDrains", "workerId": "worker-1"}
    assert await bench.claims.see(worker())
    shown = await ask_as(http, token, WORKERS)
    assert shown["data"]["workers"] == [
        {"id": "worker-1", "queue": "CPU", "state": "DRAINING", "load": 0, "jobIds": []}
    ]
    await ask_as(http, token, UNDRAIN, id="worker-1", reason=REASON)
    assert not await bench.claims.see(worker())


async def test_a_worker_that_is_not_there_is_told(http: httpx.AsyncClient, container: Container) -> None:
    token = await operator(container)
    for document, field in ((DRAIN, "drainWorker"), (UNDRAIN, "resumeWorker")):
        answer = await ask_as(http, token, document, id="nobody", reason=REASON)
        assert answer["data"][field] == {"__typename": "WorkerNotFound"}


async def test_an_operator_retries_a_job_and_sees_its_history(
    http: httpx.AsyncClient, container: Container, bench: Bench
) -> None:
    token = await operator(container)
    job_id = f"job_{await failed_job(bench, BROKEN)}"
    listed = await ask_as(http, token, LIST, state="FAILED")
    assert listed["data"]["jobs"]["nodes"] == [
        {"id": job_id, "kind": "tests.work", "state": "FAILED", "errorCode": "INVALID"}
    ]
    assert (await retried(http, token, job_id))["__typename"] == "JobRequeued"
    shown = (await ask_as(http, token, SHOW, id=job_id))["data"]["job"]
    assert shown["job"] == {"state": "QUEUED", "requeues": 1}
    assert [event["name"] for event in shown["events"]] == ["JobQueued", "JobStarted", "JobFailed", "JobRequeued"]
    assert shown["audit"] == [{"action": "retry_job", "reason": REASON, "stateBefore": "failed"}]
    assert (await retried(http, token, job_id)) == {
        "__typename": "JobStateRefused",
        "message": "A job that is queued is not taken up again.",
    }


async def retried(http: httpx.AsyncClient, token: str, job_id: str) -> dict[str, Any]:
    answer = await ask_as(http, token, RETRY, id=job_id, reason=REASON)
    return answer["data"]["retryJob"]


async def test_what_has_moved_on_says_how_to_take_it_up(
    http: httpx.AsyncClient, container: Container, bench: Bench
) -> None:
    token = await operator(container)
    job_id = await failed_job(bench, BROKEN, kind="renders.start_render")
    answer = await retried(http, token, f"job_{job_id}")
    assert (answer["__typename"], "retryRender" in answer["message"]) == ("JobSuperseded", True)
    assert (await retried(http, token, NOBODYS_JOB))["__typename"] == "JobNotFound"


async def test_an_operator_sets_a_job_aside(http: httpx.AsyncClient, container: Container, bench: Bench) -> None:
    token = await operator(container)
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    answer = await ask_as(http, token, ASIDE, id=f"job_{new.id}", reason=REASON)
    assert answer["data"]["setJobAside"] == {"__typename": "JobSetAside", "stateBefore": "QUEUED"}
    answer = await ask_as(http, token, ASIDE, id=NOBODYS_JOB, reason=REASON)
    assert answer["data"]["setJobAside"]["__typename"] == "JobNotFound"


async def test_an_operator_requeues_the_poison(http: httpx.AsyncClient, container: Container, bench: Bench) -> None:
    token = await operator(container)
    job_id = await failed_job(bench, BROKEN)
    answer = await ask_as(http, token, REQUEUE, reason=REASON)
    assert answer["data"]["requeueJobs"] == {"jobIds": [f"job_{job_id}"], "refused": [], "hasMore": False}
    assert (await ask_as(http, token, SHOW, id=NOBODYS_JOB)) == {"data": {"job": None}}
