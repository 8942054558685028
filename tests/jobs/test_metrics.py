"""What the jobs process shows at `/metrics` after a workload that is known."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bootstrap.container import Container, make_scraping
from bootstrap.settings import MetricsSettings
from domain.errors import Invalid
from domain.jobs.load import QueueLoad, workers_wanted
from domain.jobs.models import ClaimedJob, NewJob, Queue
from jobs.context import JobContext
from jobs.control import control_application
from jobs.desk import WorkerDesk
from jobs.registry import Registry
from tests.builders_jobs import Bench, job, worker
from tests.builders_metrics import samples, undocumented
from tests.jobs.conftest import Engine
from tests.jobs.test_control import INFO, TOKEN, at, claim, finish_request, post

METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"


@pytest.fixture
async def client(engine: Engine) -> AsyncGenerator[httpx.AsyncClient]:
    async with asking(engine.container, engine) as client:
        yield client


def asking(container: Container, engine: Engine) -> httpx.AsyncClient:
    desk = WorkerDesk(container, engine.endings, lease_seconds=60)
    transport = httpx.ASGITransport(control_application(desk, token=TOKEN))
    return httpx.AsyncClient(
        transport=transport, base_url="http://control", headers={"Authorization": f"Bearer {TOKEN}"}
    )


async def scrape(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    response = await client.get("/metrics")
    assert (response.status_code, response.headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert undocumented(response.text, METRICS.read_text()) == []
    return samples(response.text)


def internal(new: NewJob) -> NewJob:
    return replace(new, queue=Queue.INTERNAL, payload={})


async def test_what_the_queues_hold_is_told(client: httpx.AsyncClient, bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    await bench.enqueue(*(replace(job(workspace_id), estimated_seconds=100) for _ in range(4)))
    await bench.dispatch(slots=2)
    assert await bench.claim() is not None
    await bench.as_owner("update jobs set run_at = run_at - interval '1 hour' where state = 'queued'")
    told = await scrape(client)
    depth = {state: told["lab_queue_jobs", "cpu", state] for state in ("queued", "postponed", "dispatched", "running")}
    assert depth == {"queued": 2, "postponed": 0, "dispatched": 1, "running": 1}
    assert 3600 <= told["lab_queue_oldest_seconds", "cpu"] < 3700
    assert told["lab_queue_work_seconds", "cpu"] == 400
    assert told["lab_workers_wanted", "cpu"] == 4
    assert (told["lab_workers_wanted", "gpu"], told["lab_queue_oldest_seconds", "gpu"]) == (0, 0)
    assert told["lab_queue_workers", "cpu"] == 1


async def test_the_queues_are_looked_at_once_for_many_scrapes(client: httpx.AsyncClient, bench: Bench) -> None:
    before = await scrape(client)
    await bench.enqueue(job(await bench.add_workspace()))
    assert (await scrape(client))["lab_queue_jobs", "cpu", "queued"] == before["lab_queue_jobs", "cpu", "queued"] == 0


async def test_attempts_waits_and_runs_are_counted_by_kind(
    client: httpx.AsyncClient, bench: Bench, registry: Registry, engine: Engine
) -> None:
    @registry.task("tests.well")
    async def well(context: JobContext, job: ClaimedJob) -> None:
        async with context.finishing():
            pass

    @registry.task("tests.ill")
    async def ill(context: JobContext, job: ClaimedJob) -> None:
        raise Invalid("No.")

    workspace_id = await bench.add_workspace()
    jobs = [internal(job(workspace_id, kind=kind)) for kind in ("tests.well", "tests.well", "tests.ill")]
    async with engine.running():
        await bench.enqueue(*jobs)
        for each in jobs:
            await bench.ended(each.id)
    told = await scrape(client)
    assert told["lab_job_attempts_total", "tests.well", "succeeded"] == 2
    assert told["lab_job_attempts_total", "tests.ill", "failed"] == 1
    assert told["lab_job_run_seconds_count", "tests.well"] == 2
    assert told["lab_job_wait_seconds_count", "tests.well"] == 2
    assert told["lab_dispatch_lag_seconds_count", "internal"] == 3
    assert 0 < told["lab_dispatch_lag_seconds_sum", "internal"] < 60


async def test_crashes_losses_and_late_reports_are_told_apart(
    client: httpx.AsyncClient, bench: Bench, engine: Engine
) -> None:
    claimed = await claim(bench, client)
    crashed = {"fence": claimed.fence.model_dump(), "code": "CRASHED", "message": "The child has gone."}
    await client.post(f"/v1/jobs/{claimed.job_id}/fail", json=crashed)
    assert await engine.reaper.reap() == 1
    late = await post(client, at("/v1/jobs/{job_id}/finish", claimed), finish_request(claimed))
    assert late.status_code == 409
    told = await scrape(client)
    assert (told["lab_job_crashes_total",], told["lab_jobs_lost_total",]) == (1, 1)
    assert told["lab_stale_fences_total", "finish"] == 1
    assert ("lab_job_attempts_total", "tests.keyframe", "succeeded") not in told
    assert INFO.queue == worker().queue


async def test_a_token_that_is_set_is_asked_for(container: Container, engine: Engine) -> None:
    token = SecretStr("a token for the scraper")
    closed = replace(container, scraping=make_scraping(MetricsSettings(token=token), {}))
    async with asking(closed, engine) as client:
        assert (await client.get("/metrics")).status_code == 404
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
        assert (await client.get("/metrics", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("waiting", "running", "is_paused", "wanted"),
    [(0, 0, False, 0), (1, 0, False, 1), (120, 0, False, 1), (120, 1, False, 2), (1e6, 0, True, 0), (600, 60, True, 1)],
)
def test_workers_are_wanted_for_work_not_for_jobs(
    waiting: float, running: float, *, is_paused: bool, wanted: int
) -> None:
    load = QueueLoad(Queue.GPU, is_paused, 9, 0, 0, 1, waiting, running, 0.0, 0, 0)
    assert workers_wanted(load, target_seconds=120) == wanted
