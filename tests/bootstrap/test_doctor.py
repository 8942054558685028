"""What the doctor says of workers for a GPU."""

import json
from pathlib import Path

import pytest

from adapters.identity.embedder import BUILT_IN
from bootstrap.container import Container
from bootstrap.doctor import check_gpu_worker, check_space
from bootstrap.engines import TRAINER
from bootstrap.settings import EngineSettings, IdentitySettings, Settings
from domain.errors import Unavailable
from domain.jobs.models import Queue
from tests.builders_jobs import Bench, worker


async def test_an_engine_that_is_offered_needs_a_worker_that_was_seen(container: Container, settings: Settings) -> None:
    offering = settings.model_copy(update={"engines": EngineSettings(diffusion=True)})
    assert "not needed" in await check_gpu_worker(settings)
    with pytest.raises(Unavailable, match="diffusion"):
        await check_gpu_worker(offering)
    await Bench(container).claims.see(worker("painter", queue=Queue.GPU, slots=1, engines=("diffusion",)))
    assert await check_gpu_worker(offering) == "1 with the engine diffusion, none that can train adapters"
    engines = ("diffusion", TRAINER)
    await Bench(container).claims.see(worker("teacher", queue=Queue.GPU, slots=1, engines=engines))
    assert await check_gpu_worker(offering) == "2 with the engine diffusion, 1 that can train adapters"


async def test_a_space_needs_a_profile_that_reads_and_a_worker_that_was_seen(
    container: Container, settings: Settings, tmp_path: Path
) -> None:
    def set_to(*profiles: str) -> Settings:
        return settings.model_copy(update={"identity": IdentitySettings(profiles=profiles)})

    assert await check_space(settings) == "built in"
    measured = tmp_path / "faces.json"
    measured.write_text(json.dumps({**json.loads(BUILT_IN.read_text()), "space": "faces", "version": 2}))
    with pytest.raises(Unavailable, match="No worker with the engine faces@2"):
        await check_space(set_to(str(measured)))
    await Bench(container).claims.see(worker("reader", queue=Queue.GPU, slots=1, engines=("faces@2",)))
    assert await check_space(set_to(str(measured))) == "1 with the engine faces@2"
    measured.write_text('{"space": "faces"}')
    with pytest.raises(Unavailable, match="LAB_IDENTITY__PROFILES names a file that is no profile"):
        await check_space(set_to(str(measured)))
