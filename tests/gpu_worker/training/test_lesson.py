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
from gpu_worker.training.model import Easel, LearningModel, Lot, render
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


class Breaking:
    """A model whose losses are no numbers from the call `breaks_at` on, counted from 1, `breaks` times."""

    def __init__(self, model: LearningModel, *, breaks_at: int, breaks: int) -> None:
        self._model, self._calls, self._broken = model, 0, range(breaks_at, breaks_at + breaks)

    def __getattr__(self, name: str) -> object:
        return getattr(self._model, name)

    def losses(self, lot: Lot) -> torch.Tensor:
        self._calls += 1
        losses = self._model.losses(lot)
        return losses * float("nan") if self._calls in self._broken else losses


# An evaluation asks for losses FIXED // FIXED_LOT = 4 times, a step once.
def broken_lesson(school: School, *, breaks_at: int, breaks: int) -> tuple[Lesson, list[Checkpoint]]:
    """A lesson of six steps with an evaluation and a checkpoint behind each, run to its end."""
    model = school.model()
    adapter, command = LearnedAdapter(model, rank=2, seed=1), training(steps_max=6)
    samples = samples_of(command, [figure()] * 3, side=64, variants=1)
    plan = replace(plan_of(command, school.settings), evaluate_steps=1, checkpoint_steps=1)
    material, kept = material_of(model, samples, lambda: None), list[Checkpoint]()
    breaking: LearningModel = Breaking(model, breaks_at=breaks_at, breaks=breaks)  # pyright: ignore[reportAssignmentType] - by its attributes
    lesson = Lesson(breaking, adapter, Subject(material, None), plan, identity=lambda: None)
    lesson.run(Progress(Onlooker(), 6), kept.append)
    assert all(bool(torch.isfinite(each).all()) for each in adapter.weights().values())
    return lesson, kept


def test_a_step_whose_loss_is_no_number_is_left_out(school: School) -> None:
    lesson, kept = broken_lesson(school, breaks_at=10, breaks=1)
    assert (lesson.step, lesson.diverged_at, len(lesson.curve), len(kept)) == (6, None, 7, 5)


def test_a_lesson_that_diverges_ends_with_the_best_so_far(school: School) -> None:
    lesson, kept = broken_lesson(school, breaks_at=16, breaks=1000)
    assert (lesson.step, lesson.diverged_at, [each.step for each in kept]) == (3, 3, [1, 2])
    assert [point.step for point in lesson.curve] == [0, 1, 2]


def test_a_lesson_that_diverges_before_it_learned_anything_says_so(school: School) -> None:
    with pytest.raises(ValueError, match="diverged at step 1"):
        broken_lesson(school, breaks_at=5, breaks=1000)


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
