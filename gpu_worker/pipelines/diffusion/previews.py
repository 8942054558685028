"""A small picture of what latents will become, without decoding them: colours are nearly linear in latents.

The factors of Stable Diffusion 1.5 and XL are least-squares fits that their communities published; other spaces are
shown by their own three strongest directions, which gives shapes but not colours.
"""

import io
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

QUALITY = 70
# Red, green and blue of each latent channel; a picture is -1 to 1.
FACTORS: Mapping[str, Sequence[Sequence[float]]] = {
    "stable_diffusion": [
        [0.298, 0.207, 0.208],
        [0.187, 0.286, 0.173],
        [-0.158, 0.189, 0.264],
        [-0.184, -0.271, -0.473],
    ],
    "stable_diffusion_xl": [
        [0.3651, 0.4232, 0.4341],
        [-0.2533, -0.0042, 0.1068],
        [0.1076, 0.1111, -0.0362],
        [-0.3165, -0.2492, -0.2188],
    ],
}


def preview_jpeg(latents: torch.Tensor, space: str, *, side: int) -> bytes:
    """Answer a JPEG whose longer side is `side` px, of the first picture, or the middle frame of the first clip.

    Latents are (batch, channels, height, width) or (batch, channels, frames, height, width).
    """
    first = latents[0]
    if first.ndim == 4:
        first = first[:, first.shape[1] // 2]
    shown = Image.fromarray(_colours(first.detach().float().cpu().numpy(), space))
    scale = side / max(shown.size)
    size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
    stream = io.BytesIO()
    shown.resize(size, Image.Resampling.BILINEAR).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


def _colours(latents: NDArray[np.float32], space: str) -> NDArray[np.uint8]:
    channels, height, width = latents.shape
    flat = np.nan_to_num(latents.reshape(channels, -1).T)
    factors = FACTORS.get(space)
    if factors is not None and len(factors) == channels:
        values = (flat @ np.asarray(factors, np.float32) + 1) / 2
    else:
        values = _strongest(flat)
    return (values.clip(0, 1) * 255).astype(np.uint8).reshape(height, width, 3)


def _strongest(flat: NDArray[np.float32]) -> NDArray[np.float32]:
    """Project (pixels, channels) on three directions of greatest variance, each scaled to 0..1."""
    centred = flat - flat.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    wanted = np.zeros((flat.shape[0], 3), np.float32)
    strongest = centred @ directions[:, ::-1][:, :3]
    wanted[:, : strongest.shape[1]] = strongest
    spread = np.ptp(wanted, axis=0)
    return (wanted - wanted.min(axis=0)) / np.where(spread > 0, spread, 1)
