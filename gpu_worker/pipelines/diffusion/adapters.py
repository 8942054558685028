"""Characters' LoRAs on one loaded model: several stay resident, above that one takes another's place.

A LoRA is checked against the model before anything of it is loaded, since a load that fails half-way leaves the model
in pieces. Only the denoiser's layers are learned (text encoders cannot be hot-swapped).
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from gpu_worker.pipelines.diffusion.family import LoadedAdapter
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.remembered import Remembered

MISFITS_MAX = 256
DOWN, UP = ".lora_A.weight", ".lora_B.weight"
# Written by older tools for the same two matrices.
OLD_NAMES = ((".lora.down.weight", DOWN), (".lora.up.weight", UP))


class AdapterRefused(ValueError):
    """This LoRA cannot be used with this model; the sentence says why."""


class MadeForAnother(AdapterRefused):
    """There is nothing wrong with it, but it was learned on a model of other layers."""


class AdaptedPipeline(Protocol):
    """What diffusers' LoRA mixins give to a pipeline."""

    def enable_lora_hotswap(self, *, target_rank: int) -> None: ...

    def load_lora_weights(
        self, tensors: dict[str, torch.Tensor], /, *, adapter_name: str, hotswap: bool = False
    ) -> None: ...

    def set_adapters(self, adapter_names: list[str], adapter_weights: list[float]) -> None: ...

    def delete_adapters(self, adapter_names: str) -> None: ...

    def disable_lora(self) -> None: ...

    def enable_lora(self) -> None: ...


class AdaptedLayers:
    """The layers of a denoiser that adapters may speak to, by the denoiser's name in their files."""

    def __init__(self, denoiser: str, adapted: torch.nn.Module) -> None:
        self._prefix = f"{denoiser}."
        self._layers = {name: module for name, module in adapted.named_modules() if isinstance(module, torch.nn.Linear)}

    def check(self, tensors: Mapping[str, torch.Tensor]) -> Mapping[str, int]:
        """Answer which layers are adapted, in which rank; raises AdapterRefused unless each is one, in its shape."""
        layers = {key.removeprefix(self._prefix).removesuffix(DOWN) for key in tensors if key.endswith(DOWN)}
        for key in tensors:
            if not (key.startswith(self._prefix) and key.endswith((DOWN, UP, ".alpha"))):
                raise MadeForAnother(f"The adapter has {key}, which is no part of this model's denoiser.")
        if not layers:
            raise AdapterRefused("The adapter adapts no layer.")
        return {layer: self._rank(layer, tensors) for layer in layers}

    def _rank(self, layer: str, tensors: Mapping[str, torch.Tensor]) -> int:
        module = self._layers.get(layer) or self._layers.get(f"{layer}.base_layer")
        down, up = (tensors.get(f"{self._prefix}{layer}{end}") for end in (DOWN, UP))
        if module is None or down is None or up is None:
            raise MadeForAnother(f"The adapter was made for another model: this one has no layer {layer}.")
        rank = down.shape[0]
        if (*down.shape, *up.shape) != (rank, module.in_features, module.out_features, rank):
            raise MadeForAnother(f"The adapter was made for another model: its {layer} has another shape.")
        return rank


class ResidentAdapters:
    """Owns the adapters of one pipeline; slots are reused: a thousand swaps hold no more than `resident_max`."""

    def __init__(self, pipeline: AdaptedPipeline, denoiser: str, parts: Parts) -> None:
        """`denoiser` is the name of the pipeline's part that is adapted, and of its tensors in adapters' files."""
        self._pipeline = pipeline
        self._layers = AdaptedLayers(denoiser, getattr(pipeline, denoiser))
        self._resident_max = parts.adapters_resident_max
        self._rank_max = parts.adapter_rank_max
        self._slots: OrderedDict[str, str] = OrderedDict()  # sha256 -> adapter's name, least recently used first
        self._targets: dict[str, frozenset[str]] = {}  # adapter's name -> its layers
        self._misfits = Remembered[str](MISFITS_MAX)
        self._is_prepared = False  # for swaps; only possible before the first load
        self.swaps = self.loads = self.hits = 0

    def misfit(self, adapter: LoadedAdapter) -> str:
        """Say why it was made for another model, nothing where it was not; raises AdapterRefused for what is broken."""
        return "" if adapter.sha256 in self._slots else self._misfits.get(adapter.sha256, lambda: self._reason(adapter))

    def _reason(self, adapter: LoadedAdapter) -> str:
        try:
            self._check(read_adapter(adapter.path))
        except MadeForAnother as other:
            return str(other)
        return ""

    def use(self, wanted: Sequence[LoadedAdapter]) -> None:
        """Have exactly these speak; raises AdapterRefused and leaves the model as it was."""
        if len(wanted) > self._resident_max:
            raise AdapterRefused(f"{len(wanted)} adapters are wanted at once; {self._resident_max} are kept.")
        keep = {each.sha256 for each in wanted}
        for each in wanted:
            if each.sha256 in self._slots:
                self.hits += 1
            else:
                self._load(each, keep)
            self._slots.move_to_end(each.sha256)
        if wanted:
            self._pipeline.enable_lora()
            scales = {self._slots[each.sha256]: each.scale for each in wanted}
            self._pipeline.set_adapters(list(scales), list(scales.values()))
        elif self._slots:
            self._pipeline.disable_lora()

    def _load(self, adapter: LoadedAdapter, keep: set[str]) -> None:
        tensors = read_adapter(adapter.path)
        targets = self._check(tensors)
        if not self._is_prepared:
            self._pipeline.enable_lora_hotswap(target_rank=self._rank_max)
            self._is_prepared = True
        taken = self._room(targets, keep)
        name = taken or self._free_name()
        try:
            self._pipeline.load_lora_weights(dict(tensors), adapter_name=name, hotswap=taken is not None)
        except (ValueError, RuntimeError, KeyError) as refused:
            self._forget(name)
            if isinstance(refused, torch.OutOfMemoryError):
                raise
            raise AdapterRefused(f"The adapter does not fit the model ({refused}).") from refused
        self._slots[adapter.sha256] = name
        self._targets[name] = targets
        self.loads += 1

    def _room(self, targets: frozenset[str], keep: set[str]) -> str | None:
        """Answer the adapter that is to be swapped, None where there is room; one of other layers cannot be swapped."""
        if len(self._slots) < self._resident_max:
            return None
        digest = next(each for each in self._slots if each not in keep)
        name = self._slots.pop(digest)
        if self._targets[name] == targets:
            self.swaps += 1
            return name
        self._forget(name)
        return None

    def _free_name(self) -> str:
        taken = set(self._slots.values())
        # Of one length: peft finds an adapter's layers by its name as a part of theirs.
        return next(name for number in range(self._resident_max) if (name := f"character_{number:03}") not in taken)

    def _forget(self, name: str) -> None:
        self._targets.pop(name, None)
        for digest in [digest for digest, each in self._slots.items() if each == name]:
            del self._slots[digest]
        self._pipeline.delete_adapters(name)

    def _check(self, tensors: Mapping[str, torch.Tensor]) -> frozenset[str]:
        """Answer which layers are adapted; raises AdapterRefused, for a rank that there is no room for too."""
        ranks = self._layers.check(tensors)
        if (rank := max(ranks.values())) > self._rank_max:
            raise AdapterRefused(f"The adapter's rank is {rank}; LAB_DIFFUSION_ADAPTER_RANK_MAX is {self._rank_max}.")
        return frozenset(ranks)


def read_adapter(path: Path) -> Mapping[str, torch.Tensor]:
    """Read the tensors, by the names that peft gives; raises AdapterRefused for a file that is no safetensors."""
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as torn:
        raise AdapterRefused(f"The adapter cannot be read ({torn}).") from torn
    return {_renamed(key): tensor for key, tensor in tensors.items()}


def _renamed(key: str) -> str:
    for old, new in OLD_NAMES:
        if key.endswith(old):
            return key.removesuffix(old) + new
    return key
