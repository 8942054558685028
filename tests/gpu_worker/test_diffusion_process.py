"""The engine `diffusion` behind a real supervisor, in a real child, over real HTTP."""

import hashlib
from dataclasses import replace

import pytest

from domain.identifiers import ObjectId
from domain.jobs.models import JobInput, NewJob
from domain.media.models import Content, StoredObject
from tests.builders_jobs import Bench
from tests.builders_pictures import NAMES, inputs_of, keyframe_of, plan_of
from tests.gpu_worker.conftest import Lab, keyframe_job
from tests.gpu_worker.tiny_models import TinyModels

ENGINE = "gpu_worker.pipelines.diffusion.engine:DiffusionEngine"
COMMAND = keyframe_of(plan_of(NAMES[0]), engine="diffusion", width=96, height=64)


async def diffusion_job(bench: Bench, seed: int) -> NewJob:
    """A keyframe with the picture of one character, stored as a lab stores it."""
    workspace_id, container = await bench.add_workspace(), bench.container
    [(name, path)] = inputs_of(COMMAND.shot).items()
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"tests/{workspace_id}/{sha256}"
    await container.store.put(key, content, content_type="image/png")
    facts = Content("image/png", len(content), sha256)
    stored = StoredObject(ObjectId(container.new_id()), workspace_id, key, facts, container.now())
    async with container.work(workspace_id) as work:
        await work.objects.reserve(stored)
    command = COMMAND.model_copy(update={"seed": seed}).model_dump(mode="json")
    new = keyframe_job(workspace_id, inputs=(JobInput(name, stored.id),))
    return replace(new, payload={"command": command, "progress": {"part": "shot-1"}})


async def test_keyframes_come_from_a_real_child_that_outlives_a_cancelled_one(
    lab: Lab, bench: Bench, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**tiny_models.diffusion_environment(), "LAB_DIFFUSION_STEPS": "60"}.items():
        monkeypatch.setenv(name, value)
    endless, other = await diffusion_job(bench, 1), await diffusion_job(bench, 2)
    settings = lab.settings(engines=(ENGINE,), halt_seconds=20.0)
    lab.lease_seconds = 20.0
    async with lab.open(), lab.worker(settings) as worker:
        async with bench.container.progress.watch(endless.workspace_id) as watch:
            await bench.enqueue(endless)
            assert await watch.next(120)
        async with bench.container.work(endless.workspace_id) as work:
            await work.jobs.cancel(endless.id, "changed my mind")
        assert (await bench.ended(endless.id, seconds=60)).state == "canceled"
        await bench.enqueue(other)
        assert (await bench.ended(other.id, seconds=120)).state == "succeeded"
        assert worker.workshop.children_started == 1
