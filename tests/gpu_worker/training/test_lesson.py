from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from contracts.commands import CurvePoint
from gpu_worker.training.adapter import LearnedAdapter, without_adapter
from gpu_worker.training.checkpoints import Checkpoint, Training, load_checkpoint, save_checkpoint
from gpu_worker.training.dataset import samples_of
from gpu_worker.training.lora import Lesson, Subject, best_point, evaluations_since_best
from gpu_worker.training.material import material_of
from gpu_worker.training.model import Easel, render
from gpu_worker.training.progress import Progress
from gpu_worker.training.scoring import ClipReader
from gpu_worker.training.settings import TrainingSettings
from gpu_worker.training.suite import Judges, Suite, orders_of
from gpu_worker.training.trainer import plan_of
from gpu_worker.watching import Onlooker
from tests.builders_training import figure, saved, training
from tests.gpu_worker.training.conftest import School


def points(*identities: float | None) -> list[CurvePoint]:
    return [CurvePoint(step=number, loss=1.0, identity=each) for number, each in enumerate(identities)]


def test_the_best_is_the_first_of_the_highest_after_learning_began() -> None:
    curve = points(0.9, 0.3, 0.5, 0.5, 0.4)
    assert best_point(curve).step == 2
    assert evaluations_since_best(curve) == 2


def test_without_identity_the_last_is_the_best_and_nothing_stalls() -> None:
    curve = points(None, None, None)
    assert (best_point(curve).step, evaluations_since_best(curve)) == (2, 0)


def test_a_lesson_ends_when_identity_rises_no_longer_and_keeps_the_best(school: School) -> None:
    model = school.model()
    command = training(steps_max=20)
    adapter = LearnedAdapter(model, rank=2, seed=1)
    samples = samples_of(command, [figure()] * 3, side=64, variants=1)
    plan = replace(plan_of(command, school.settings), evaluate_steps=1, patience=2)
    weights: list[float] = []
    identities: Iterator[float] = iter([0.9, 0.1, 0.4, 0.3, 0.2])

    def identity() -> float:
        weights.append(sum(float(each.double().sum()) for each in adapter.weights().values()))
        return next(identities)

    lesson = Lesson(model, adapter, Subject(material_of(model, samples, lambda: None), None), plan, identity=identity)
    lesson.run(Progress(Onlooker(), 20), lambda _checkpoint: None)
    assert (lesson.step, lesson.best_step) == (4, 2)
    assert sum(float(each.double().sum()) for each in adapter.weights().values()) == weights[2]


def test_the_rate_warms_up_and_falls_to_nothing() -> None:
    plan = plan_of(training(steps_max=100), TrainingSettings(warmup_share=0.1))
    rates = [plan.rate_at(step) for step in (1, 10, 55, 100)]
    assert rates == pytest.approx([0.001, 0.01, 0.005, 0.0])


def test_an_adapter_that_learned_nothing_is_pure(school: School) -> None:
    model = school.model()
    command, easel = training(), Easel(64, 2, 6.5, 4)
    LearnedAdapter(model, rank=2, seed=1)
    made = render(model, orders_of(command, "mirax"), easel, lambda: None)
    with without_adapter(model):
        base = render(model, orders_of(command, "mirax"), easel, lambda: None)
    reader = ClipReader(Path(school.settings.scorer_weights), "cpu")
    suite = Suite(command, Judges(reader, reader, "clip", "clip"), reader.embed(made[:1]), base)
    assert suite.scores(made).purity == pytest.approx(1)


def test_another_command_or_picture_is_another_training(tmp_path: Path) -> None:
    inputs = saved(tmp_path, [figure(1)])
    settings = TrainingSettings()
    manner = ("float16", "clip 1")
    known = Training.of("base", training(), inputs, settings, manner=manner)
    assert Training.of("base", training(), inputs | {"checkpoint": tmp_path / "any"}, settings, manner=manner) == known
    assert Training.of("base", training(seed=6), inputs, settings, manner=manner) != known
    assert Training.of("base", training(), inputs, settings, manner=("float32", "clip 1")) != known
    assert Training.of("base", training(), inputs, settings, manner=("float16", "dinov2 1")) != known
    saved(tmp_path, [figure(2)])
    assert Training.of("base", training(), inputs, settings, manner=manner) != known


def test_the_gradients_scale_in_half_precision_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    path, training_of = tmp_path / "checkpoint.safetensors", Training("base", "command")
    scaler, parameter = torch.amp.GradScaler("cpu", init_scale=512.0), torch.nn.Parameter(torch.ones(2))
    optimiser = torch.optim.SGD([parameter])
    step_scaled(scaler, optimiser, parameter)
    weights = {"layer": torch.ones(2, 2)}
    kept = Checkpoint(step=1, curve=(), weights=weights, best={}, optimiser={}, scaler=scaler.state_dict())
    save_checkpoint(path, kept, training_of)
    found = load_checkpoint(path, training_of)
    assert found is not None
    again = torch.amp.GradScaler("cpu")
    again.load_state_dict(dict(found.scaler))
    step_scaled(again, optimiser, parameter)
    step_scaled(scaler, optimiser, parameter)
    assert again.state_dict() == scaler.state_dict()


def step_scaled(scaler: torch.amp.GradScaler, optimiser: torch.optim.Optimizer, parameter: torch.nn.Parameter) -> None:
    optimiser.zero_grad()
    scaler.scale(parameter.sum()).backward()
    scaler.step(optimiser)
    scaler.update()


def test_a_torn_checkpoint_is_not_used(tmp_path: Path) -> None:
    path, training_of = tmp_path / "checkpoint.safetensors", Training("base", "command")
    tensors = {"layer": torch.ones(2, 2)}
    kept = Checkpoint(step=3, curve=tuple(points(0.1)), weights=tensors, best={}, optimiser={}, scaler={})
    save_checkpoint(path, kept, training_of)
    found = load_checkpoint(path, training_of)
    assert found is not None
    assert (found.step, found.curve) == (3, kept.curve)
    assert load_checkpoint(path, Training("another base", "command")) is None
    path.write_bytes(path.read_bytes()[:-4])
    assert load_checkpoint(path, training_of) is None
