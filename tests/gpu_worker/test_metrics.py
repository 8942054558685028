"""What a worker shows at `/metrics` on its health port, after jobs that are known."""

import asyncio
from pathlib import Path

import httpx

from bootstrap.embedded import free_port
from gpu_worker.health import health_server
from gpu_worker.metrics import worker_registry
from gpu_worker.supervisor import Supervisor
from tests.builders_jobs import Bench
from tests.builders_metrics import samples, undocumented
from tests.gpu_worker import engines
from tests.gpu_worker.conftest import Lab, keyframe_job

METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"


async def test_health_jobs_restarts_and_memory_are_told(lab: Lab, bench: Bench, tmp_path: Path) -> None:
    workspace_id = await bench.add_workspace()
    jobs = (
        keyframe_job(workspace_id),
        keyframe_job(workspace_id, seed=engines.REFUSES),
        keyframe_job(workspace_id, seed=engines.DIES_ONCE, action=str(tmp_path / "died")),
    )
    async with lab.open(), lab.worker() as supervisor:
        for each in jobs:
            await bench.enqueue(each)
            await bench.ended(each.id, seconds=60)
        page = await scraped(supervisor)
    told = samples(page)
    outcomes = {key[1]: value for key, value in told.items() if key[0] == "lab_worker_jobs_total"}
    # The last attempt's outcome is noted just after its report was answered.
    assert (outcomes["succeeded"] >= 1, outcomes["failed"], outcomes["crashed"], outcomes["lost"]) == (True, 1, 1, 0)
    assert told["lab_worker_child_restarts_total",] == 1
    assert told["lab_worker_health", "ready"] + told["lab_worker_health", "busy"] == 1
    assert told["process_resident_memory_bytes",] > 1e6
    assert told["lab_worker_child_process_resident_memory_bytes",] > 1e6
    assert undocumented(page, METRICS.read_text()) == []


async def scraped(supervisor: Supervisor) -> str:
    """Serve the worker's port and ask it once."""
    port = free_port()
    server = health_server(lambda: supervisor.health, worker_registry(supervisor), host="127.0.0.1", port=port)
    serving = asyncio.create_task(server._serve())  # pyright: ignore[reportPrivateUsage]
    while not server.started:
        await asyncio.wait([serving], timeout=0.01)
    async with httpx.AsyncClient() as client:
        page = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    server.should_exit = True
    await serving
    return page
