"""What a take has on record of how it was made: enough to make it again on the same kind of worker."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import torch

from gpu_worker.pipelines.diffusion.family import CastInPicture, Device, Recipe
from gpu_worker.pipelines.diffusion.memory import Rung

Notes = dict[str, str | int | float]
LIBRARIES = ("torch", "diffusers", "transformers", "peft")


def notes_of(family: str, digest: str, recipe: Recipe, device: Device, rung: Rung) -> Notes:
    """Family, weights, recipe, device, rung of the memory's ladder, and the libraries' versions."""
    return {
        "family": family,
        "model_sha256": digest,
        "steps": recipe.steps,
        "guidance": recipe.guidance,
        "device": device_name(device),
        "dtype": str(device.dtype).removeprefix("torch."),
        "rung": rung.label,
        **{library: version(library) for library in LIBRARIES},
    }


def adapter_notes(cast: Sequence[CastInPicture], left_out: Mapping[int, str]) -> Notes:
    """By the place of a character in the cast: SHA-256 and strength of its adapter, or why that was left out."""
    notes: Notes = {f"adapter_{number}_left_out": reason for number, reason in left_out.items()}
    for number, figure in enumerate(cast, start=1):
        if figure.adapter is not None:
            notes[f"adapter_{number}_sha256"] = figure.adapter.sha256
            notes[f"adapter_{number}_scale"] = figure.adapter.scale
    return notes


def cast_notes(cast: Sequence[CastInPicture], shown: Sequence[int], left_out: Mapping[int, str]) -> Notes:
    """By the place of a character in the cast: how many of its references were looked at, and its adapter."""
    counts: Notes = {f"references_{number}": count for number, count in enumerate(shown, start=1)}
    return counts | adapter_notes(cast, left_out)


def device_name(device: Device) -> str:
    return torch.cuda.get_device_name(device.name) if device.name.startswith("cuda") else device.name
