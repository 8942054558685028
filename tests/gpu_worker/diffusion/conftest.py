"""Engines and families over tiny models, one a run: importing diffusers takes seconds."""

from collections.abc import Callable

import pytest
import torch

from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.settings import PREFIX, DiffusionSettings
from tests.gpu_worker.tiny_models import TinyModels

MakeSettings = Callable[..., DiffusionSettings]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def settings_of(tiny_models: TinyModels) -> MakeSettings:
    """Settings of a tiny model with its IP-Adapter, changed as told."""

    def make(name: str = "stable_diffusion", **changes: object) -> DiffusionSettings:
        values = {
            key.removeprefix(PREFIX).lower(): value for key, value in tiny_models.diffusion_environment(name).items()
        }
        return DiffusionSettings.model_validate({**values, **changes})

    return make


@pytest.fixture(scope="session")
def engine(settings_of: MakeSettings) -> DiffusionEngine:
    return DiffusionEngine(settings_of())
