"""The engine `diffusion` behind a real supervisor, in a real child, over real HTTP."""

import hashlib
from dataclasses import replace
from datetime import datetime

import pytest

from bootstrap.container import Work
from domain.identifiers import JobId, ObjectId, WorkspaceId
from domain.jobs.models import FinishedJob, JobInput, JobState, NewJob
from domain.media.models import Content, StoredObject
from jobs.registry import Registry
from tests.builders_jobs import Bench
from tests.builders_pictures import NAMES, inputs_of, keyframe_of, plan_of
from tests.gpu_worker.conftest import KIND, Lab, keyframe_job
from tests.gpu_worker.tiny_models import TinyModels

ENGINE = "gpu_worker.pipelines.diffusion.engine:DiffusionEngine"
COMMAND = keyframe_of(plan_of(NAMES[0]), engine="diffusion", width=96, height=64)


async def diffusion_job(bench: Bench, workspace_id: WorkspaceId, seed: int) -> NewJob:
    """A keyframe with the picture of one character, stored as a lab stores it."""
    container = bench.container
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


async def test_keyframes_come_from_a_real_child_that_outlives_a_cancelled_one_and_makes_batches(
    lab: Lab, bench: Bench, registry: Registry, tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    @registry.on_finished(KIND)
    async def keyframe_made(work: Work, job: FinishedJob, now: datetime) -> None:
        notes = job.result["notes"]
        assert isinstance(notes, dict)
        made.append(notes["batch"])

    for name, value in {**tiny_models.diffusion_environment(), "LAB_DIFFUSION_STEPS": "40"}.items():
        monkeypatch.setenv(name, value)
    spaces = [await bench.add_workspace() for _ in range(2)]
    endless = await diffusion_job(bench, spaces[0], 1)
    first = await diffusion_job(bench, spaces[1], 2)
    others = [first, replace(first, id=JobId(bench.container.new_id()))]
    settings = lab.settings(engines=(ENGINE,), halt_seconds=60.0, stall_seconds=120.0, batch=2)
    lab.lease_seconds = 60.0
    async with lab.open(), lab.worker(settings) as worker:
        async with bench.container.progress.watch(endless.workspace_id) as watch:
            await bench.enqueue(endless)
            assert await watch.next(120)
        await bench.enqueue(*others)
        for each in others:
            await bench.reached(each.id, JobState.DISPATCHED)
        async with bench.container.work(endless.workspace_id) as work:
            await work.jobs.cancel(endless.id, "changed my mind")
        assert (await bench.ended(endless.id, seconds=60)).state == "canceled"
        assert [(await bench.ended(each.id, seconds=120)).state for each in others] == ["succeeded"] * 2
        assert worker.workshop.children_started == 1
    assert made == [2, 2]
