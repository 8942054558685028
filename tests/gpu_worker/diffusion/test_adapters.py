"""Characters' LoRAs on a tiny model: several at once, swapped without growth, refused where they do not fit."""

import gc
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from gpu_worker.pipelines.diffusion.adapters import AdapterRefused
from gpu_worker.pipelines.diffusion.family import CastInPicture, KeyframeOrder, LoadedAdapter, Prompt, Recipe
from gpu_worker.pipelines.diffusion.models import Models
from gpu_worker.pipelines.diffusion.unet_stills import UNetStills
from tests.gpu_worker.diffusion.conftest import MakeSettings

REGION = (0.0, 0.0, 1.0, 1.0)
GROWTH_BYTES_MAX = 8_000_000


@pytest.fixture
def family(settings_of: MakeSettings) -> UNetStills:
    settings = settings_of(image_prompt_weights="", adapters_resident_max=2, adapter_rank_max=8)
    family = Models(settings).keyframes().family
    assert isinstance(family, UNetStills)
    return family


def tensors_for(
    family: UNetStills, *, rank: int = 4, seed: int = 0, part: str = "attn2.to_q"
) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    tensors: dict[str, torch.Tensor] = {}
    for name, module in family.pipeline.unet.named_modules():
        layer = name.removesuffix(".base_layer")
        if layer.endswith(part) and isinstance(module, torch.nn.Linear):
            tensors[f"unet.{layer}.lora_A.weight"] = torch.randn(rank, module.in_features, generator=generator)
            tensors[f"unet.{layer}.lora_B.weight"] = torch.randn(module.out_features, rank, generator=generator)
    return tensors


def written(folder: Path, name: str, tensors: Mapping[str, torch.Tensor], *, scale: float = 1.0) -> LoadedAdapter:
    path = folder / f"{name}.safetensors"
    save_file(dict(tensors), path)
    return LoadedAdapter(path, name, scale)


def made(family: UNetStills, *adapters: LoadedAdapter) -> NDArray[np.int16]:
    cast = tuple(CastInPicture(each.sha256, (), REGION, 0.5, each) for each in adapters)
    order = KeyframeOrder(Prompt("a fox"), width=64, height=64, seed=1, cast=cast)
    [picture] = family.make([order], Recipe(steps=2, guidance=5.0), lambda _step, _latents: None)
    return np.asarray(picture, np.int16)


def test_adapters_speak_alone_and_together_and_leave_no_trace(family: UNetStills, tmp_path: Path) -> None:
    one = written(tmp_path, "one", tensors_for(family, seed=1))
    two = written(tmp_path, "two", tensors_for(family, seed=2))
    silent = LoadedAdapter(one.path, one.sha256, 0.0)
    base, with_one, with_two, both = made(family), made(family, one), made(family, two), made(family, one, two)
    pictures = [base, with_one, with_two, both]
    assert all((a != b).any() for place, a in enumerate(pictures) for b in pictures[:place])
    assert (made(family, one) == with_one).all()
    assert (made(family, silent) == base).all()
    assert (made(family) == base).all()


def test_fifty_swaps_make_the_same_pictures_and_hold_no_more_memory(family: UNetStills, tmp_path: Path) -> None:
    adapters = [written(tmp_path, f"{seed}", tensors_for(family, seed=seed, rank=4 + seed)) for seed in range(4)]
    first = made(family, adapters[0])
    for each in adapters:
        family.adapters.use([each])
    tensors, memory = tensors_held(), psutil.Process().memory_info().rss
    for number in range(50):
        family.adapters.use([adapters[number % 4]])
    assert family.adapters.swaps >= 50
    assert tensors_held() == tensors
    assert psutil.Process().memory_info().rss - memory < GROWTH_BYTES_MAX
    assert (made(family, adapters[0]) == first).all()


def tensors_held() -> int:
    gc.collect()
    return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())


def test_an_adapter_of_other_layers_takes_a_place_too(family: UNetStills, tmp_path: Path) -> None:
    usual = [written(tmp_path, f"usual {seed}", tensors_for(family, seed=seed)) for seed in range(2)]
    other = written(tmp_path, "other", tensors_for(family, part="attn1.to_v"))
    alone = made(family, other)
    for each in usual:
        made(family, each)
    assert (made(family, other) == alone).all()


def test_an_adapter_that_does_not_fit_is_refused_and_the_model_stays_whole(family: UNetStills, tmp_path: Path) -> None:
    fitting = written(tmp_path, "fitting", tensors_for(family))
    before = made(family, fitting)
    key = next(iter(tensors_for(family)))
    wrong: dict[str, dict[str, torch.Tensor]] = {
        "another shape": {**tensors_for(family), key: torch.ones(4, 7)},
        "no layer": {"unet.nowhere.lora_A.weight": torch.ones(4, 8), "unet.nowhere.lora_B.weight": torch.ones(8, 4)},
        "text_encoder": {"text_encoder.layer.lora_A.weight": torch.ones(4, 8)},
        "RANK_MAX": tensors_for(family, rank=16),
    }
    for sentence, tensors in wrong.items():
        with pytest.raises(AdapterRefused, match=sentence):
            made(family, written(tmp_path, sentence, tensors))
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(fitting.path.read_bytes()[:-1])
    with pytest.raises(AdapterRefused, match="cannot be read"):
        made(family, LoadedAdapter(torn, "torn", 1.0))
    assert (made(family, fitting) == before).all()


def test_a_model_that_is_moved_while_it_works_takes_adapters_afterwards(family: UNetStills, tmp_path: Path) -> None:
    """As offloading does, part by part."""
    one, two = (written(tmp_path, f"{seed}", tensors_for(family, seed=seed)) for seed in (1, 2))
    first = made(family, one)

    def moving(_step: int, _latents: torch.Tensor | None) -> None:
        family.pipeline.unet.to(torch.float64).to(torch.float32)

    order = KeyframeOrder(Prompt("a fox"), width=64, height=64, seed=1, cast=())
    family.make([order], Recipe(steps=2, guidance=5.0), moving)
    assert made(family, two).shape == first.shape
    assert (made(family, one) == first).all()
