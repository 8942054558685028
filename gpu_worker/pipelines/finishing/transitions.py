"""How a shot begins: with a cut, out of black, or out of a faint wash of itself on paper."""

from dataclasses import dataclass

import cv2
import numpy as np

from gpu_worker.pipelines.finishing.picture import TO_YUV, Frame

SECONDS = {"cut": 0.0, "fade": 0.7, "dissolve": 0.7}
PAPER = (0.90, 0.86, 0.78, 1.0)


@dataclass(slots=True)
class Transition:
    """The first `frames` of a shot come out of what its kind says."""

    kind: str
    frames: int
    paper: Frame | None = None

    def apply(self, frame: Frame, number: int) -> None:
        """Change the frame of that number, from the shot's beginning, in place."""
        if number >= self.frames:
            return
        share = (number + 1) / (self.frames + 1)
        share = share * share * (3 - 2 * share)
        if self.kind == "fade":
            cv2.convertScaleAbs(frame.luma, dst=frame.luma, alpha=share, beta=16 * (1 - share))
            cv2.convertScaleAbs(frame.chroma, dst=frame.chroma, alpha=share, beta=128 * (1 - share))
            return
        if self.paper is None:
            self.paper = _on_paper(frame)
        cv2.addWeighted(frame.luma, share, self.paper.luma, 1 - share, 0, dst=frame.luma)
        cv2.addWeighted(frame.chroma, share, self.paper.chroma, 1 - share, 0, dst=frame.chroma)


def transition_of(kind: str, frames: int, rate: int) -> Transition:
    """As long as its kind takes, at most half of the shot's `frames`."""
    return Transition(kind, min(round(SECONDS[kind] * rate), frames // 2))


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
