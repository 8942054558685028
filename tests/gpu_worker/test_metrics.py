"""What a worker shows at `/metrics` on its health port, after jobs that are known."""

from pathlib import Path

from tests.builders_jobs import Bench
from tests.builders_metrics import samples, undocumented
from tests.gpu_worker import engines
from tests.gpu_worker.conftest import Lab, keyframe_job, served

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
        async with served(supervisor) as client:
            page = (await client.get("/metrics")).text
    told = samples(page)
    outcomes = {key[1]: value for key, value in told.items() if key[0] == "lab_worker_jobs_total"}
    # The last attempt's outcome is noted just after its report was answered.
    assert (outcomes["succeeded"] >= 1, outcomes["failed"], outcomes["crashed"], outcomes["lost"]) == (True, 1, 1, 0)
    assert told["lab_worker_child_restarts_total",] == 1
    assert told["lab_worker_health", "ready"] + told["lab_worker_health", "busy"] == 1
    assert told["process_resident_memory_bytes",] > 1e6
    assert told["lab_worker_child_process_resident_memory_bytes",] > 1e6
    assert told["lab_worker_model_hits_total", "tiny"] >= told["lab_worker_model_loads_total", "tiny"] == 0
    assert told["lab_worker_steps_per_second", "tiny", "denoising"] == 2.0
    assert told["lab_worker_loaded_model_bytes",] == 1_000
    assert undocumented(page, METRICS.read_text()) == []
