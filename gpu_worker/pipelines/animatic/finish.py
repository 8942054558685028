"""What happens to the whole picture at the end: vignette, a storm's lightning, and how the shot begins."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from gpu_worker.pipelines.finishing.picture import Frame
from gpu_worker.pipelines.finishing.transitions import Transition

# How long lightning is seen, and in which time its light falls to a third (1/e).
FLASH_SECONDS, FADING_SECONDS = 0.58, 0.1875


@dataclass(slots=True)
class Finish:
    """Applied to every frame before lettering."""

    vignette: MatLike  # uint8, 255 in the middle
    transition: Transition
    flashes: tuple[int, ...]  # frames at which lightning strikes
    rate: int  # frames a second

    def apply(self, frame: Frame, number: int) -> None:
        """Change the frame in place."""
        cv2.multiply(frame.luma, self.vignette, dst=frame.luma, scale=1 / 255)
        cv2.add(frame.luma, self._lift(), dst=frame.luma)
        for flash in self.flashes:
            since = (number - flash) / self.rate
            if 0 <= since < FLASH_SECONDS:
                strength = 0.42 * float(np.exp(-since / FADING_SECONDS))
                cv2.convertScaleAbs(frame.luma, dst=frame.luma, alpha=1 + strength, beta=10 * strength)
        self.transition.apply(frame, number)

    def _lift(self) -> MatLike:
        return cv2.convertScaleAbs(self.vignette, alpha=-16 / 255, beta=16)


def vignette_of(size: tuple[int, int], strength: float) -> MatLike:
    """Darker towards the corners, by half of `strength` at the middle of an edge."""
    width, height = size
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    distance = np.sqrt(across**2 * 0.9 + down**2 * 0.75)
    fall = np.clip((distance - 0.35) / 1.0, 0, 1) ** 1.7
    noise = np.random.default_rng(3).random((height, width), np.float32)
    return np.floor(255 * (1 - strength * fall) + noise * 0.999).clip(0, 255).astype(np.uint8)
