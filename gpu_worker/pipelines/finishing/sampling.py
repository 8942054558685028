"""Label maps: which frames of a clip they are made of, and how they are kept."""

from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike


def sampled_frames(frames: int, first: int, samples: int) -> list[int]:
    """The frames whose label maps are kept: evenly from the first clear one to the last.

    Where fewer than that are clear, some are of the transition before; where the clip has fewer, all of it.
    """
    spread = np.linspace(max(0, min(first, frames - samples)), frames - 1, samples)
    return sorted({round(float(number)) for number in spread})


def write_png(path: Path, pixels: MatLike) -> None:
    """RGB or grey, uint8."""
    stored = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    done, packed = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise OSError(f"{path.name} could not be packed as PNG.")
    path.write_bytes(packed.tobytes())
