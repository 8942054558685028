"""The ladder that is climbed when the accelerator's memory does not suffice: each rung is slower or smaller."""

import gc
from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar
from weakref import WeakKeyDictionary

import torch
from diffusers import DiffusionPipeline

Made = TypeVar("Made")
SMALLER_SHARE = 0.5  # of the pixels
LOADED_TYPES: WeakKeyDictionary[torch.nn.Module, torch.dtype] = WeakKeyDictionary()


class Rung(IntEnum):
    """How frugal the making is; each rung keeps what those below it do."""

    PLAIN = 0
    SLICED = 1  # the autoencoder works on one picture and one tile at a time
    HALVED = 2  # batches of half the pictures
    ONE_BY_ONE = 3  # no batches
    OFFLOADED = 4  # only the part that works lies on the accelerator
    SMALLER = 5  # half the pixels, scaled up

    @property
    def label(self) -> str:
        return self.name.lower()

    def together(self, pictures: int) -> int:
        """How many of a batch are made at once."""
        if self < Rung.HALVED:
            return pictures
        return -(-pictures // 2) if self is Rung.HALVED else 1


class Ladder:
    """Climbs until the making succeeds, and begins there the next time for the same kind of order.

    `guard` is called before each try, so that a limit can be simulated: it may raise torch.OutOfMemoryError. `spare`
    frees what the order does not need, and answers whether there was anything: then the rung is tried once more.
    """

    def __init__(
        self, *, guard: Callable[[Rung], None] = lambda _rung: None, spare: Callable[[], bool] = lambda: False
    ) -> None:
        self._guard = guard
        self._spare = spare
        self._known: dict[str, Rung] = {}

    def climb(
        self, order: str, rungs: tuple[Rung, ...], ready: Callable[[Rung], None], make: Callable[[Rung], Made]
    ) -> tuple[Made, Rung]:
        """Answer what was made and on which rung; the last rung's torch.OutOfMemoryError flies.

        `order` names orders that need the same memory: model, size and number. `ready` prepares the model for a rung.
        """
        wanted = [rung for rung in rungs if rung >= self._known.get(order, Rung.PLAIN)] or [rungs[-1]]
        for rung in wanted[:-1]:
            made = self._try(rung, ready, make)
            if made is None and self._spare():
                made = self._try(rung, ready, make)
            if made is not None:
                self._known[order] = rung
                return made, rung
            # Out here nothing of the failed try is held by its exception's frames any more.
            free_memory()
        self._guard(wanted[-1])
        ready(wanted[-1])
        made = make(wanted[-1])
        self._known[order] = wanted[-1]
        return made, wanted[-1]

    def _try(self, rung: Rung, ready: Callable[[Rung], None], make: Callable[[Rung], Made]) -> Made | None:
        try:
            self._guard(rung)
            ready(rung)
            return make(rung)
        except torch.OutOfMemoryError:
            return None


def rungs_for(device: str, *, batch: int, can_shrink: bool) -> tuple[Rung, ...]:
    """The rungs that can help: there is nothing to offload from a CPU, and one picture is no batch."""
    helps = {
        Rung.PLAIN: True,
        Rung.SLICED: True,
        Rung.HALVED: batch > 2,
        Rung.ONE_BY_ONE: batch > 1,
        Rung.OFFLOADED: device != "cpu",
        Rung.SMALLER: can_shrink,
    }
    return tuple(rung for rung in Rung if helps[rung])


def prepare(pipeline: DiffusionPipeline, rung: Rung, device: str) -> None:
    """Have the pipeline lie on the device as frugally as the rung asks, whatever an order before left undone.

    It is loaded in the machine's memory and placed here, so that one larger than the device comes to its rung.
    """
    autoencoder = getattr(pipeline, "vae", None)
    if isinstance(autoencoder, torch.nn.Module):
        restore_type(autoencoder)
    for feature in ("slicing", "tiling"):
        # All have the switches; one that works neither way raises where it is to begin, and keeps no such word.
        if hasattr(autoencoder, f"use_{feature}"):
            getattr(autoencoder, f"{'enable' if rung >= Rung.SLICED else 'disable'}_{feature}")()
    if device == "cpu":
        return
    if rung < Rung.OFFLOADED:
        if is_offloaded(pipeline):
            pipeline.remove_all_hooks()
        pipeline.to(device)
    elif is_offloaded(pipeline):
        # Diffusers does so at the end of a call, which a halt or an end of memory skips.
        pipeline.maybe_free_model_hooks()
    else:
        pipeline.enable_model_cpu_offload(device=device)


def restore_type(autoencoder: torch.nn.Module) -> None:
    """Have it compute as it was loaded: pipelines that decode in float32 leave it so where that ends in an error."""
    loaded = LOADED_TYPES.setdefault(autoencoder, next(autoencoder.parameters()).dtype)
    if next(autoencoder.parameters()).dtype != loaded:
        autoencoder.to(loaded)


def is_offloaded(pipeline: DiffusionPipeline) -> bool:
    return bool(getattr(pipeline, "_all_hooks", ()))


def free_memory() -> None:
    """Hand back what nothing holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def bytes_of(pipeline: DiffusionPipeline) -> int:
    """What the weights of a pipeline's parts hold in memory."""
    parts = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
    tensors = {id(tensor): tensor for part in parts for tensor in (*part.parameters(), *part.buffers())}
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
