"""What the doctor says of workers for a GPU."""

import pytest

from bootstrap.container import Container
from bootstrap.doctor import check_gpu_worker
from bootstrap.settings import EngineSettings, Settings
from domain.errors import Unavailable
from domain.jobs.models import Queue
from tests.builders_jobs import Bench, worker


async def test_an_engine_that_is_offered_needs_a_worker_that_was_seen(container: Container, settings: Settings) -> None:
    offering = settings.model_copy(update={"engines": EngineSettings(diffusion=True)})
    assert "not needed" in await check_gpu_worker(settings)
    with pytest.raises(Unavailable, match="diffusion"):
        await check_gpu_worker(offering)
    await Bench(container).claims.see(worker("painter", queue=Queue.GPU, slots=1, engines=("diffusion",)))
    assert await check_gpu_worker(offering) == "1 with the engine diffusion"
