"""What a family is loaded from, found and checked before."""

from dataclasses import dataclass
from pathlib import Path

from gpu_worker.pipelines.diffusion.family import Device


@dataclass(frozen=True, slots=True)
class ImagePrompt:
    """An IP-Adapter: `file` and the folder of its image encoder, both as paths within `folder`."""

    folder: Path
    file: str
    encoder: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Folders of weights, the device, and how many adapters of what rank stay loaded beside the model."""

    folder: Path
    device: Device
    image_prompt: ImagePrompt | None = None
    motion_adapter: Path | None = None
    adapters_resident_max: int = 6
    adapter_rank_max: int = 32
