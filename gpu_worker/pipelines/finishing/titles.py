"""What is written over a clip: the slate before the shot, captions burnt in."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from cv2.typing import MatLike

from contracts.commands import AnimateShot
from gpu_worker.pipelines.finishing.captions import Page, lay_out
from gpu_worker.pipelines.finishing.picture import IDENTITY, Frame, draw
from gpu_worker.pipelines.finishing.slate import Clapper

HIDES_FROM = 0.4  # the opacity from which a caption's plate hides what lies behind


@dataclass(frozen=True, slots=True)
class Titles:
    """Numbers and seconds count from the clip's beginning, its slate included."""

    rate: int = 1
    pages: list[Page] = field(default_factory=list[Page])
    clapper: Clapper | None = None
    clapper_frames: int = 0

    def draw(self, frame: Frame, number: int) -> None:
        """The slate alone while it is up, else captions."""
        if self.clapper and number < self.clapper_frames:
            self.clapper.draw(frame, number / self.clapper_frames)
            return
        for page in self.pages:
            if (opacity := page.opacity(number / self.rate)) > 0:
                draw(frame, page.sprite, IDENTITY, opacity=opacity)

    def hide(self, labels: MatLike, number: int) -> None:
        """Take out of a label map what captions cover."""
        for page in self.pages:
            hole = page.sprite.hole
            if page.opacity(number / self.rate) <= HIDES_FROM or hole is None:
                continue
            placed = np.array([[1, 0, page.sprite.origin[0]], [0, 1, page.sprite.origin[1]]], np.float64)
            cover = cv2.warpAffine(255 - hole, placed, (labels.shape[1], labels.shape[0]))
            labels[cover > 127] = 0


def titles_of(command: AnimateShot) -> Titles:
    """Raises ValueError for a slate that leaves nothing of the clip."""
    size, slate = (command.width, command.height), command.slate
    if slate is not None and slate.frames >= command.frames:
        raise ValueError("A clip is longer than its slate.")
    return Titles(
        rate=command.frames_per_second,
        pages=lay_out(command.captions, size, command.shot.language) if command.are_captions_burnt_in else [],
        clapper=Clapper(slate, size) if slate else None,
        clapper_frames=slate.frames if slate else 0,
    )
