"""The networks: CLIP's image tower with its projection, and DINOv2's class token; both answer 768 numbers as published.

CLIP: Radford et al. 2021, arXiv 2103.00020; DINOv2: Oquab et al. 2023, arXiv 2304.07193. A figure is shown whole: on a
square, without the central crop of the published preprocessing, which would cut feet and hats off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import BitImageProcessorPil, CLIPImageProcessorPil, CLIPVisionModelWithProjection, Dinov2Model

Vector = NDArray[np.float32]  # (dimensions,), of length 1
Vectors = NDArray[np.float32]  # (figures, dimensions), each of length 1


@dataclass(frozen=True, slots=True)
class Optics:
    """How a network wants its pictures: the square's side in pixels, mean and deviation of each colour in 0..1."""

    side: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


class VisionModel:
    """Embeds squares: the mean direction of each and its mirror image, since a character may face either way."""

    def __init__(self, network: Callable[[torch.Tensor], torch.Tensor], optics: Optics, *, device: str) -> None:
        self._network = network
        self._device = device
        self._side = optics.side
        self._mean = torch.tensor(optics.mean).view(1, 3, 1, 1)
        self._deviation = torch.tensor(optics.deviation).view(1, 3, 1, 1)

    @torch.inference_mode()
    def embed(self, squares: Sequence[Image.Image]) -> Vectors:
        """Answer unit vectors (n, dimensions) of n RGB squares of any size."""
        small = [square.resize((self._side, self._side), Image.Resampling.BICUBIC) for square in squares]
        pixels = torch.from_numpy(np.stack([np.asarray(each, np.float32) for each in small])).permute(0, 3, 1, 2) / 255
        pixels = ((pixels - self._mean) / self._deviation).to(self._device)
        both = torch.nn.functional.normalize(self._network(torch.cat([pixels, pixels.flip(-1)])).float(), dim=-1)
        mean = torch.nn.functional.normalize(both.view(2, len(squares), -1).mean(0), dim=-1)
        return mean.cpu().numpy()


def load_clip(folder: Path, device: str) -> VisionModel:
    """Load CLIP's image tower from a folder in the format of transformers."""
    tower = CLIPVisionModelWithProjection.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    tower.eval().requires_grad_(requires_grad=False)
    torch.nn.Module.to(tower, torch.device(device))
    wanted = CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
    return VisionModel(lambda pixels: tower(pixel_values=pixels).image_embeds, optics_of(wanted), device=device)


def load_dinov2(folder: Path, device: str) -> VisionModel:
    """Load DINOv2 from a folder in the format of transformers."""
    tower = Dinov2Model.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    tower.eval().requires_grad_(requires_grad=False)
    torch.nn.Module.to(tower, torch.device(device))
    wanted = BitImageProcessorPil.from_pretrained(folder, local_files_only=True)
    return VisionModel(lambda pixels: tower(pixel_values=pixels).pooler_output, optics_of(wanted), device=device)


def optics_of(wanted: CLIPImageProcessorPil | BitImageProcessorPil) -> Optics:
    red, green, blue = wanted.image_mean
    deviation = wanted.image_std
    return Optics(int(wanted.crop_size["height"]), (red, green, blue), (deviation[0], deviation[1], deviation[2]))
