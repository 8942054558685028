"""What happens to the whole picture at the end: vignette, a storm's lightning, and how the shot begins."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from gpu_worker.pipelines.finishing.picture import TO_YUV, Frame

TRANSITION_SECONDS = {"cut": 0.0, "fade": 0.7, "dissolve": 0.7}
PAPER = (0.90, 0.86, 0.78, 1.0)


@dataclass(slots=True)
class Finish:
    """Applied to every frame before lettering."""

    vignette: MatLike  # uint8, 255 in the middle
    transition: str
    transition_frames: int
    flashes: tuple[int, ...]  # frames at which lightning strikes
    paper: Frame | None = None

    def apply(self, frame: Frame, number: int) -> None:
        """Change the frame in place."""
        cv2.multiply(frame.luma, self.vignette, dst=frame.luma, scale=1 / 255)
        cv2.add(frame.luma, self._lift(), dst=frame.luma)
        for flash in self.flashes:
            if 0 <= number - flash < 14:
                strength = 0.42 * float(np.exp(-(number - flash) / 4.5))
                cv2.convertScaleAbs(frame.luma, dst=frame.luma, alpha=1 + strength, beta=10 * strength)
        if number < self.transition_frames:
            self._begin(frame, (number + 1) / (self.transition_frames + 1))

    def _lift(self) -> MatLike:
        return cv2.convertScaleAbs(self.vignette, alpha=-16 / 255, beta=16)

    def _begin(self, frame: Frame, share: float) -> None:
        share = share * share * (3 - 2 * share)
        if self.transition == "fade":
            cv2.convertScaleAbs(frame.luma, dst=frame.luma, alpha=share, beta=16 * (1 - share))
            cv2.convertScaleAbs(frame.chroma, dst=frame.chroma, alpha=share, beta=128 * (1 - share))
            return
        if self.paper is None:
            self.paper = _on_paper(frame)
        cv2.addWeighted(frame.luma, share, self.paper.luma, 1 - share, 0, dst=frame.luma)
        cv2.addWeighted(frame.chroma, share, self.paper.chroma, 1 - share, 0, dst=frame.chroma)


def _on_paper(frame: Frame) -> Frame:
    """The picture as a faint wash on paper."""
    tone = TO_YUV @ (np.array(PAPER, np.float32) * np.float32(255))
    blur = frame.luma.shape[0] / 40
    luma = cv2.GaussianBlur(frame.luma, (0, 0), blur)
    chroma = cv2.GaussianBlur(frame.chroma, (0, 0), blur / 2)
    flat = np.empty_like(chroma)
    flat[:] = np.round(tone[1:]).astype(np.uint8)
    return Frame(
        cv2.convertScaleAbs(luma, alpha=0.35, beta=0.65 * float(tone[0])), cv2.addWeighted(chroma, 0.35, flat, 0.65, 0)
    )


def vignette_of(size: tuple[int, int], strength: float) -> MatLike:
    """Darker towards the corners, by half of `strength` at the middle of an edge."""
    width, height = size
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    distance = np.sqrt(across**2 * 0.9 + down**2 * 0.75)
    fall = np.clip((distance - 0.35) / 1.0, 0, 1) ** 1.7
    noise = np.random.default_rng(3).random((height, width), np.float32)
    return np.floor(255 * (1 - strength * fall) + noise * 0.999).clip(0, 255).astype(np.uint8)
