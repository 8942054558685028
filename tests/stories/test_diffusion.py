"""The engine `diffusion` end to end: hints by ARQ, one supervisor, one real child, tiny models of every family."""

import asyncio
import base64
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from adapters.video.probe import probe
from bootstrap.container import Work
from bootstrap.embedded import EmbeddedStack
from domain.jobs.models import FinishedJob
from gpu_worker.tiny.worker import worker_settings
from jobs.registry import Registry
from jobs.tasks import TASKS
from tests.builders_jobs import Bench
from tests.builders_pictures import NAMES, animation_of, inputs_of, keyframe_of, plan_of
from tests.builders_training import figure, saved, training
from tests.gpu_worker.hub_cache import plant
from tests.stories.conftest import lab_of
from tests.stories.diffusion_marks import MARK, MODELS
from tests.stories.diffusion_stage import KIND, Stage
from tests.stories.lab import Client

pytestmark = pytest.mark.story

ENGINES = [f"tests.stories.diffusion_engines:{name}" for name in ("HoldingDiffusion", "ExtraLarge", "Klein", "Wan")]
KEYFRAMES = {"diffusion": "stable_diffusion", "extra_large": "stable_diffusion_xl", "klein": "flux2_klein"}
CLIPS = {"diffusion": "animatediff", "extra_large": "stable_video", "klein": "ltx", "wan": "wan"}
WIDTH, HEIGHT, FRAMES = 96, 64, 8
PREVIEW_URL = "data:image/jpeg;base64,"
FEW = {
    "LAB_DIFFUSION_STEPS": "4",
    "LAB_DIFFUSION_MOTION_STEPS": "2",
    "LAB_DIFFUSION_PREVIEW_STEPS": "1",
    "LAB_TRAINING_SIDE": "32",
    "LAB_TRAINING_VARIANTS": "1",
    "LAB_TRAINING_CLASS_PICTURES": "2",
    "LAB_TRAINING_EVALUATIONS": "2",
    "LAB_TRAINING_RENDER_STEPS": "2",
}


def environment(folder: Path) -> dict[str, str]:
    """What the child is set up with: settings as `python -m gpu_worker.tiny` tells them, and few steps."""
    models, mark = folder / "models", folder / "mark"
    return {
        **worker_settings(models),
        **FEW,
        "LAB_DIFFUSION_DEVICE": "cpu",
        "LAB_DIFFUSION_DISK_BYTES_MAX": "1000",
        "HF_HUB_CACHE": str(folder / "hub"),
        "LAB_DIFFUSION_CACHE_FOLDER": str(folder / "digests"),
        "LAB_TRAINING_CACHE_FOLDER": str(folder / "training"),
        MODELS: str(models),
        MARK: str(mark),
    }


@pytest.fixture(scope="module")
async def stage(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder, registry, finished = tmp_path_factory.mktemp("diffusion"), Registry(TASKS), dict[UUID, FinishedJob]()

    @registry.on_finished(KIND)
    async def keep(work: Work, job: FinishedJob, now: datetime) -> None:
        finished[job.id] = job

    plant(folder / "hub", "owner/forgotten", size_bytes=5000, used_at=1_000_000_000)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(folder).items():
            patch.setenv(name, value)
        async with (
            lab_of(stack, folder, registry, LAB_ENGINES__DIFFUSION="true") as lab,
            lab.worker(*ENGINES, queue="gpu") as worker,
        ):
            yield Stage(lab, worker, folder, finished, await Bench(lab.container).add_workspace())


@pytest.mark.parametrize(("engine", "family"), KEYFRAMES.items())
async def test_each_family_makes_a_keyframe(stage: Stage, engine: str, family: str) -> None:
    command = keyframe_of(plan_of(NAMES[0]), engine=engine, width=WIDTH, height=HEIGHT)
    made = await stage.done(await stage.give(command, inputs_of(command.shot)))
    assert made.result["notes"]["family"] == family
    for name, mode in (("keyframe.png", "RGB"), ("figures.png", "L")):
        with Image.open(io.BytesIO(made.files[name])) as picture:
            assert (picture.size, picture.mode) == ((WIDTH, HEIGHT), mode)
            assert len(np.unique(np.asarray(picture))) > 1
    assert (made.row.attempts, made.row.lost) == (0, 0)
    assert list((stage.folder / "hub").glob("models--*")), "whose models lie in folders leaves the hub's cache alone"


@pytest.mark.parametrize(("engine", "family"), CLIPS.items())
async def test_each_family_moves_a_keyframe(stage: Stage, tmp_path: Path, engine: str, family: str) -> None:
    keyframe, labels = Image.new("RGB", (WIDTH, HEIGHT), "teal"), Image.new("L", (WIDTH, HEIGHT))
    for picture, colour in ((keyframe, "gold"), (labels, 1)):
        picture.paste(colour, (30, 10, 60, 60))
    shot = plan_of(NAMES[0])
    command = animation_of(shot, engine=engine, width=WIDTH, height=HEIGHT, frames_per_second=8, frames=FRAMES)
    inputs = inputs_of(shot)
    for name, picture in ((command.keyframe, keyframe), (command.keyframe_figures, labels)):
        inputs[name] = tmp_path / name
        picture.save(inputs[name])
    made = await stage.done(await stage.give(command, inputs))
    assert (made.result["notes"]["family"], made.result["frames"]) == (family, FRAMES)
    (tmp_path / "clip.mp4").write_bytes(made.files["clip.mp4"])
    clip = probe(tmp_path / "clip.mp4")
    assert (clip.codec, clip.pixel_format, clip.width, clip.height) == ("h264", "yuv420p", WIDTH, HEIGHT)
    assert clip.frames == FRAMES


async def test_every_hint_is_heard_and_the_hubs_cache_is_within_its_budget(stage: Stage) -> None:
    command = keyframe_of(plan_of(NAMES[0]), engine="diffusion", width=WIDTH, height=HEIGHT, seed=99)
    made = await stage.done(await stage.give(command, inputs_of(command.shot)))
    assert made.row.delivery >= 1
    await stage.all_hints_heard()
    assert list((stage.folder / "hub").glob("models--*"))


async def test_a_training_killed_in_the_middle_ends_with_the_same_adapter(stage: Stage, tmp_path: Path) -> None:
    command = training(steps_max=6, checkpoint_steps=4)
    inputs = saved(tmp_path, [figure(number) for number in range(4)])
    whole = await stage.done(await stage.give(command, inputs))

    (stage.folder / "mark").touch()
    children, job_id = stage.worker.workshop.children_started, await stage.give(command, inputs)
    progress = stage.lab.container.progress
    async with asyncio.timeout(500), stage.lab.lasting(), progress.watch(stage.workspace_id) as watch:
        while (await stage.bench.row(job_id)).checkpoint_id is None:
            await watch.next(0.2)
    child = stage.worker.workshop.pid
    assert child is not None
    os.kill(child, signal.SIGKILL)
    killed = await stage.done(job_id)

    assert (killed.row.lost, killed.row.attempts, killed.row.checkpoint_id) == (1, 0, None)
    assert stage.worker.workshop.children_started == children + 1
    assert (whole.result["notes"]["resumed_at"], killed.result["notes"]["resumed_at"]) == (0, 4)
    assert parts_of(killed.files["adapter.safetensors"]) == parts_of(whole.files["adapter.safetensors"])
    assert all(killed.result[name] == whole.result[name] for name in ("steps", "curve", "scores", "base"))


def parts_of(safetensors: bytes) -> tuple[dict[str, Any], bytes]:
    """The header, whose entries have no order, and the tensors behind it."""
    end = 8 + int.from_bytes(safetensors[:8], "little")
    return json.loads(safetensors[8:end]), safetensors[end:]


async def test_a_subscriber_sees_previews_of_a_film_whose_takes_are_marked(
    stage: Stage, data: Path, tmp_path: Path
) -> None:
    news: list[dict[str, Any]] = []
    async with stage.lab.client("diffusion") as client:
        render_id = await order(client, data)
        await client.studio.follow_render(render_id, lambda told: news.append(dict(told)))
        render = await client.studio.read_render(render_id)
        await client.studio.download(render["film"], tmp_path / "film.mp4")
    previews = {told["shot"]["preview"] for told in news if told["shot"]} - {None}
    assert previews
    for preview in previews:
        with Image.open(io.BytesIO(base64.b64decode(preview.removeprefix(PREVIEW_URL)))) as picture:
            assert (picture.format, max(picture.size)) == ("JPEG", 160)
    film = probe(tmp_path / "film.mp4")
    assert (film.width, film.height, film.frames) == (320, 180, render["film"]["frames"])
    verdicts = {shot["take"]["verdict"] for shot in render["shots"]}
    assert verdicts.isdisjoint({"MATCH", "COPY", "UNCHECKED"}), "noise shows nobody"


async def order(client: Client, data: Path) -> str:
    """Have a film of one shot made."""
    cast_ids = await client.cast(Anna=data / "cast" / "adventurer-000")
    storyboard = await client.write("Anna walks through the forest.", cast_ids)
    choices = {"engine": "diffusion", "detail": "P180", "framesPerSecond": 8, "rerollsMax": 0}
    return await client.order(storyboard["id"], **choices)
