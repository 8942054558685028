"""The LoRA while it is learned: low-rank matrices on the denoiser's attention (arXiv 2106.09685), put on by peft.

Text encoders are left as they are: their adapters could not be swapped while a model stays loaded.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import torch
from peft import LoraConfig
from peft.utils.save_and_load import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from gpu_worker.pipelines.diffusion.adapters import AdaptedLayers, MadeForAnother, read_adapter
from gpu_worker.training.model import LearningModel, Tensors

LEARNED, PRESENT = "learned", "present"
# How diffusers calls the configuration in the file's header.
CONFIGURATION = "lora_adapter_metadata"


class LearnedAdapter:
    """The adapter that is learned on one model; it begins as one that changes nothing."""

    def __init__(self, model: LearningModel, *, rank: int, seed: int) -> None:
        self._model = model
        adapted = model.adapted if isinstance(model.adapted, str) else list(model.adapted)
        config = LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=adapted)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model.denoiser.add_adapter(config, adapter_name=LEARNED)
        self.parameters = [each for each in model.denoiser.parameters() if each.requires_grad]
        for parameter in self.parameters:
            parameter.data = parameter.data.float()

    def weights(self) -> Tensors:
        """Answer copies, on the CPU."""
        learned = get_peft_model_state_dict(self._model.denoiser, adapter_name=LEARNED)
        return {name: tensor.detach().float().cpu().clone() for name, tensor in learned.items()}

    def restore(self, weights: Tensors) -> None:
        set_peft_model_state_dict(self._model.denoiser, dict(weights), adapter_name=LEARNED)

    def save(self, path: Path, *, trigger: str) -> None:
        """Write it as `load_lora_weights` takes it; the header says to which model it belongs."""
        config = self._model.denoiser.peft_config[LEARNED].to_dict()
        part = self._model.denoiser_name
        told = {f"{part}.{key}": sorted(value) if isinstance(value, set) else value for key, value in config.items()}
        tensors = self._model.published(self.weights())
        save_file(
            {f"{part}.{name}": tensor.contiguous() for name, tensor in tensors.items()},
            path,
            metadata={
                "format": "pt",
                CONFIGURATION: json.dumps(told, sort_keys=True, default=str),
                "base": self._model.base.digest,
                "trigger": trigger,
            },
        )


@contextmanager
def without_adapter(model: LearningModel) -> Generator[None]:
    """Meanwhile the model is exactly the base."""
    model.denoiser.disable_adapters()
    try:
        yield
    finally:
        model.denoiser.enable_adapters()


@contextmanager
def with_present(model: LearningModel, path: Path, scale: float) -> Generator[None]:
    """Meanwhile the adapter in that file speaks alone."""
    try:
        model.pipeline.load_lora_weights(dict(read_adapter(path)), adapter_name=PRESENT)
    except (RuntimeError, KeyError) as refused:
        raise ValueError(f"The present adapter does not load ({refused}).") from refused
    model.pipeline.set_adapters([PRESENT], [scale])
    try:
        yield
    finally:
        model.pipeline.set_adapters([LEARNED])
        model.pipeline.delete_adapters(PRESENT)


def fits(model: LearningModel, path: Path) -> bool:
    """Whether shots made with this model hear the adapter: it has the layers, whatever else was changed of the model.

    Raises ValueError for a file that is broken.
    """
    try:
        AdaptedLayers(model.denoiser_name, model.denoiser).check(read_adapter(path))
    except MadeForAnother:
        return False
    return True


def base_of(path: Path) -> str | None:
    """The digest of the model that an adapter was made for, None if it does not say."""
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("base")
    except (SafetensorError, OSError) as torn:
        raise ValueError(f"The present adapter cannot be read ({torn}).") from torn
