"""The worker's states, as whoever watches its port is told them."""

import asyncio

import pytest

from gpu_worker.health import Health
from gpu_worker.supervisor import Supervisor
from tests.builders_jobs import Bench
from tests.gpu_worker import engines
from tests.gpu_worker.conftest import Lab, keyframe_job, served

FITNESS = {
    Health.STARTING: 503,
    Health.READY: 200,
    Health.BUSY: 200,
    Health.SETUP_FAILED: 503,
    Health.DEFUNCT: 503,
}


@pytest.fixture
async def told(lab: Lab) -> "Told":
    return Told(lab)


class Told:
    """What the port says at each change of state, the first time that it says so."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def next(self, supervisor: Supervisor) -> tuple[int, str]:
        await asyncio.wait_for(self._lab.health.get(), 30)
        return await self.now(supervisor)

    async def now(self, supervisor: Supervisor) -> tuple[int, str]:
        async with served(supervisor) as client:
            answer = await client.get("/health")
        return answer.status_code, answer.json()["status"]


async def test_a_worker_is_starting_then_ready_then_busy(lab: Lab, bench: Bench, told: Told) -> None:
    new = keyframe_job(await bench.add_workspace(), seed=engines.WALKS)
    async with lab.open(), lab.worker(lab.settings(drain_seconds=0.1)) as supervisor:
        assert await told.now(supervisor) == (FITNESS[Health.STARTING], "STARTING")
        assert await told.next(supervisor) == (FITNESS[Health.READY], "READY")
        await bench.enqueue(new)
        while await asyncio.wait_for(lab.health.get(), 30) is not Health.BUSY:
            pass
        assert await told.now(supervisor) == (FITNESS[Health.BUSY], "BUSY")


async def test_a_worker_whose_engines_never_come_up_is_defunct_after_some_tries(lab: Lab, told: Told) -> None:
    broken = lab.settings(engines=("tests.gpu_worker.engines:BrokenEngine",), setup_failures_max=2)
    async with lab.worker(broken) as supervisor:
        assert await told.next(supervisor) == (FITNESS[Health.SETUP_FAILED], "SETUP_FAILED")
        assert await told.next(supervisor) == (FITNESS[Health.DEFUNCT], "DEFUNCT")
