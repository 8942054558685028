"""The worker of the engine `diffusion` beside an embedded lab: which models it has, and what is told without it."""

import os
import sys
from pathlib import Path

import pytest

from bootstrap.diffusion import LibrariesMissing, diffusion_worker
from bootstrap.embedded import EmbeddedStack
from bootstrap.running import RunningLab
from bootstrap.up import OFFERS_DIFFUSION
from bootstrap.using import EngineName, EngineNotThere, LabInUse, check_offer


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith(("LAB_DIFFUSION_", "LAB_TRAINING_"))]:
        monkeypatch.delenv(name)


def test_without_its_libraries_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(LibrariesMissing, match=r"needs torch: install the extra `gpu` with .*requirements/gpu\.lock"):
        diffusion_worker(tmp_path)

    assert not list(tmp_path.iterdir())


def test_tiny_models_that_were_built_are_used_with_what_the_user_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "worker.env").write_text("LAB_DIFFUSION_KEYFRAME_WEIGHTS=/a=b\nLAB_DIFFUSION_STEPS=12\n")
    monkeypatch.setenv("LAB_DIFFUSION_STEPS", "3")

    worker = diffusion_worker(tmp_path)

    assert worker.is_tiny
    assert worker.settings == {"LAB_DIFFUSION_KEYFRAME_WEIGHTS": "/a=b", "LAB_DIFFUSION_STEPS": "3"}


def test_weights_that_are_named_are_used_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"LAB_DIFFUSION_KEYFRAME_WEIGHTS": "OWNER/NAME@main", "LAB_TRAINING_RENDER_STEPS": "9"}
    for name, value in named.items():
        monkeypatch.setenv(name, value)

    worker = diffusion_worker(tmp_path)

    assert (worker.settings, worker.is_tiny) == (named, False)
    assert not list(tmp_path.iterdir())


def test_its_worker_takes_the_queue_of_gpus_and_knows_neither_database_nor_bucket(tmp_path: Path) -> None:
    told = EmbeddedStack(tmp_path).gpu_worker_environment()

    assert told["LAB_WORKER_QUEUE"] == "gpu"
    assert told["LAB_WORKER_ENGINES"] == '["gpu_worker.pipelines.diffusion.engine:DiffusionEngine"]'
    assert not [name for name in told if name.startswith(("LAB_DATABASE", "LAB_STORAGE"))]


def test_a_running_lab_without_such_a_worker_is_told_of() -> None:
    without = RunningLab("http://127.0.0.1:1", pid=1, created_at=0.0, environment={})
    having = RunningLab("http://127.0.0.1:1", pid=1, created_at=0.0, environment=dict(OFFERS_DIFFUSION))

    with pytest.raises(EngineNotThere, match="no worker for the engine `diffusion`: stop it"):
        check_offer(without, EngineName.DIFFUSION)
    check_offer(without, EngineName.ANIMATIC)
    check_offer(having, EngineName.DIFFUSION)


def test_noise_is_ordered_once_and_used_whatever_the_gate_says() -> None:
    assert LabInUse("http://127.0.0.1:1").settings == {}
    noise = LabInUse("http://127.0.0.1:1", makes_noise=True).settings
    assert (noise["rerollsMax"], noise["identityPolicy"]) == (0, "BALANCED")
