"""A tiny Stable Diffusion, a tiny CLIP and one training that many tests look at."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from PIL.Image import Image

from contracts.commands import AdapterTrained, TrainAdapter
from gpu_worker.pipelines.diffusion.family import Device
from gpu_worker.training.learners import load_learner
from gpu_worker.training.model import Base, LearningModel
from gpu_worker.training.settings import TrainingSettings
from gpu_worker.training.trainer import Trainer
from gpu_worker.watching import Onlooker
from tests.builders_training import figure, saved, training
from tests.gpu_worker.tiny_models import TinyModels


@dataclass(frozen=True, slots=True)
class School:
    """Where trainings of these tests happen: the base model and settings with few, small pictures."""

    base: Base
    settings: TrainingSettings

    def model(self) -> LearningModel:
        return load_learner(self.base)


@dataclass(slots=True)
class Schooling:
    """A command being carried out in a folder of its own."""

    school: School
    folder: Path
    command: TrainAdapter
    watch: Onlooker = field(default_factory=Onlooker)
    pictures: list[Image] = field(default_factory=lambda: [figure(number) for number in range(4)])

    def run(self, **more_inputs: Path) -> AdapterTrained:
        (self.folder / "inputs").mkdir(parents=True, exist_ok=True)
        inputs = saved(self.folder / "inputs", self.pictures) | more_inputs
        trainer = Trainer(self.school.base, self.school.settings, engine_version="1")
        return trainer.run(self.command, inputs, self.folder, self.watch)


@pytest.fixture(scope="session")
def school(tiny_models: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> School:
    torch.set_num_threads(1)
    settings = TrainingSettings(
        scorer_weights=str(tiny_models.folder("clip")),
        side=32,
        class_pictures=2,
        variants=1,
        evaluations=2,
        render_steps=2,
        cache_folder=tmp_path_factory.mktemp("school"),
    )
    return School(
        Base(tiny_models.folder("stable_diffusion"), "the base's digest", "stable_diffusion", Device()), settings
    )


@pytest.fixture(scope="session")
def schooled(school: School, tmp_path_factory: pytest.TempPathFactory) -> tuple[Schooling, AdapterTrained]:
    """A whole training of 40 steps, done."""
    command = training(steps_max=40, checkpoint_steps=100)
    schooling = Schooling(school, tmp_path_factory.mktemp("schooled"), command)
    return schooling, schooling.run()
