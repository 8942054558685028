"""A tiny FLUX.2 klein that learns a character."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from contracts.commands import Adapter, OutputName
from gpu_worker.pipelines.diffusion.family import Device, LoadedAdapter
from gpu_worker.pipelines.diffusion.flux2_klein import load_flux2_klein
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.tiny.flux2_klein import build_flux2_klein
from gpu_worker.training.flux2_model import Flux2KleinModel, as_tokens, places_of
from gpu_worker.training.model import Base
from tests.builders_training import figure, training
from tests.gpu_worker.tiny_models import TinyModels
from tests.gpu_worker.training.conftest import School, Schooling


@pytest.fixture(scope="module")
def klein(school: School, tiny_models: TinyModels) -> School:
    return School(Base(tiny_models.folder("flux2_klein"), "klein's digest", "flux2_klein", Device()), school.settings)


def test_it_learns_and_its_keyframes_hear_the_adapter(klein: School, tmp_path: Path) -> None:
    schooling = Schooling(klein, tmp_path / "first", training(steps_max=40, checkpoint_steps=100))
    trained = schooling.run()
    assert trained.curve[-1].loss < trained.curve[0].loss
    adapter = schooling.folder / OutputName.ADAPTER
    with safe_open(adapter, "pt") as file:
        layers = {name.split(".lora_")[0] for name in file.keys()}  # noqa: SIM118 - no mapping
    assert {name.split(".")[1] for name in layers} == {"transformer_blocks", "single_transformer_blocks"}
    parts = Parts(folder=klein.base.folder, device=Device(), adapters_resident_max=2, adapter_rank_max=8)
    family = load_flux2_klein(parts)
    loaded = LoadedAdapter(adapter, "its digest", 1.0)
    assert family.misfit(loaded) == ""
    family.adapters.use([loaded])
    present = Adapter(weights="present.safetensors", trigger="mirax")
    again = training(steps_max=1, checkpoint_steps=9, present=present)
    scored = Schooling(klein, tmp_path / "second", again).run(**{"present.safetensors": adapter})
    assert scored.present_scores is not None
    assert scored.notes["present_base"] == "klein's digest"


def test_what_learns_sees_pictures_as_the_pipeline_does(klein: School) -> None:
    model = klein.model()
    assert isinstance(model, Flux2KleinModel)
    assert (model.recipe.steps, model.recipe.guidance) == (4, 1.0)
    picture = figure().convert("RGB").resize((64, 32))
    with model.encoding() as encode:
        latents = encode(picture)
    pipeline = model.pipeline
    assert torch.equal(places_of(latents), pipeline._prepare_latent_ids(latents))
    assert torch.equal(as_tokens(latents), pipeline._pack_latents(latents))
    reference, _ = pipeline.prepare_image_latents(
        images=[pipeline.image_processor.preprocess(picture)],
        batch_size=1,
        generator=torch.Generator(),
        device=model.device,
        dtype=torch.float32,
    )
    assert torch.allclose(as_tokens(latents), reference, atol=1e-4)


def test_a_guided_model_is_guided(klein: School, tmp_path: Path) -> None:
    folder = build_flux2_klein(tmp_path, is_distilled=False)
    recipe = Flux2KleinModel(replace(klein.base, folder=folder)).recipe
    assert (recipe.steps, recipe.guidance) == (20, 4.0)
