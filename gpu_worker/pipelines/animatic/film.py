"""One shot being filmed: place, cast, camera, weather and lettering become frame after frame."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from cv2.typing import MatLike

from contracts.commands import Caption
from gpu_worker.pipelines.animatic.camera import Camera
from gpu_worker.pipelines.animatic.figures import Figure, chained, life
from gpu_worker.pipelines.animatic.finish import Finish
from gpu_worker.pipelines.animatic.framing import FOREGROUND, Layer
from gpu_worker.pipelines.animatic.weather import Glitter, Veil
from gpu_worker.pipelines.finishing.picture import Frame, blank, draw
from gpu_worker.pipelines.finishing.titles import Titles


@dataclass(slots=True)
class Shot:
    """Everything that a shot shows; `frame` makes any of its frames, in any order."""

    size: tuple[int, int]
    camera: Camera
    layers: list[Layer]
    figures: list[Figure]
    veils: list[Veil]
    finish: Finish
    shows_feet: bool
    titles: Titles = field(default_factory=Titles)
    captions: list[Caption] = field(default_factory=list[Caption])
    glitter: "GlitteringLayer | None" = None
    _still: Frame | None = None

    def frame(self, number: int) -> Frame:
        """The finished frame; the shot's own time begins when the slate has gone."""
        clip_number, number = number, max(0, number - self.titles.clapper_frames)
        seconds = number / self.camera.rate
        frame = self._place(number, seconds)
        self._air(frame, seconds, [veil for veil in self.veils if veil.is_behind])
        self._cast(frame, number, seconds)
        for layer in self.layers:
            if layer.depth > FOREGROUND:
                draw(frame, layer.sprite, self._matrix(number, layer.depth))
        self._air(frame, seconds, [veil for veil in self.veils if not veil.is_behind])
        self.finish.apply(frame, number)
        self.titles.draw(frame, clip_number)
        return frame

    @staticmethod
    def _air(frame: Frame, seconds: float, veils: list[Veil]) -> None:
        for veil in veils:
            veil.draw(frame, seconds)

    def labels(self, number: int) -> MatLike:
        """The label map of a frame: 1..n where a character's own picture is seen, uint8."""
        clip_number, number = number, max(0, number - self.titles.clapper_frames)
        seconds = number / self.camera.rate
        labels = np.zeros((self.size[1], self.size[0]), np.uint8)
        matrix = self._matrix(number, 1.0)
        for figure in self.figures:
            body, portrait = life(figure, seconds, self._talk(figure, seconds))
            self._mark(labels, figure.body_alpha, (figure.corner, chained(matrix, body)), 0)
            self._mark(labels, figure.portrait_alpha, (figure.corner, chained(matrix, portrait)), figure.number)
        self.titles.hide(labels, clip_number)
        return labels

    def _place(self, number: int, seconds: float) -> Frame:
        """Everything behind the cast; painted once when nothing of it moves."""
        if self._still is not None:
            return self._still.copy()
        behind = [layer for layer in self.layers if layer.depth <= FOREGROUND]
        if self.glitter:
            behind = [self.glitter.lit(layer, seconds) if layer is self.glitter.layer else layer for layer in behind]
        frame = blank(self.size)
        limit = self.size[1]
        limits: list[int] = []
        for layer in reversed(behind):
            limits.append(limit)
            if not layer.sprite.opaque_from >> 30:
                # What lies under opaque ground need not be drawn; the lower end counts when the camera rolls.
                matrix = self._matrix(number, layer.depth)
                row = matrix[1, 1] * (layer.sprite.origin[1] + layer.sprite.opaque_from) + matrix[1, 2]
                row += max(0.0, float(matrix[1, 0]) * self.size[0])
                limit = min(limit, max(0, int(np.ceil(row)) + 2))
        for layer, last in zip(behind, reversed(limits), strict=True):
            # Grass and stones at the figures' depth have fine edges that linear interpolation would let shimmer.
            smooth = cv2.INTER_CUBIC if layer.depth >= 0.9 and self.camera.is_slow else cv2.INTER_LINEAR
            draw(frame, layer.sprite, self._matrix(number, layer.depth), rows=(0, last), smooth=smooth)
        if self.camera.is_still and not self.glitter:
            self._still = frame.copy()
        return frame

    def _cast(self, frame: Frame, number: int, seconds: float) -> None:
        matrix = self._matrix(number, 1.0)
        if self.shows_feet:
            for figure in self.figures:
                draw(frame, figure.shadow, matrix)
        for figure in self.figures:
            body, portrait = life(figure, seconds, self._talk(figure, seconds))
            # Large figures come out of small pictures: they have no detail finer than linear interpolation keeps.
            smooth = cv2.INTER_CUBIC if figure.place.head < 0.36 * self.size[1] else cv2.INTER_LINEAR
            draw(frame, figure.body, chained(matrix, body), smooth=smooth)
            if figure.portrait:
                draw(frame, figure.portrait, chained(matrix, portrait), smooth=smooth)

    def _talk(self, figure: Figure, seconds: float) -> float:
        """1 while a caption of the figure is up, eased at both ends."""
        if not figure.voice:
            return 0.0
        seconds += self.titles.clapper_frames / self.camera.rate
        voices = {_plain(one.voice) for one in self.figures if one.voice}
        spoken = [caption for caption in self.captions if _says(figure, caption, voices)]
        return max(
            (float(np.clip(min(seconds - one.start, one.end - seconds) / 0.3, 0, 1)) for one in spoken), default=0.0
        )

    def _matrix(self, number: int, depth: float) -> MatLike:
        return self.camera.matrix(number, depth, self.size)

    def _mark(self, labels: MatLike, alpha: MatLike, where: tuple[tuple[int, int], MatLike], value: int) -> None:
        origin, matrix = where
        placed = matrix.copy()
        placed[:, 2] += placed[:, :2] @ np.array(origin, np.float64)
        cover = cv2.warpAffine(alpha, placed, self.size)
        labels[cover > 127] = value


def _says(figure: Figure, caption: Caption, voices: set[str]) -> bool:
    """Whether the line is the figure's; under a name that none of the `voices` bears it may be anyone's."""
    speaker = _plain(caption.speaker)
    return bool(speaker) and (speaker == _plain(figure.voice) or speaker not in voices)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


@dataclass(slots=True)
class GlitteringLayer:
    """A layer with water on it that twinkles."""

    layer: Layer
    glitter: Glitter
    top: int  # luma row of the sprite where the water begins
    rows: int

    def lit(self, layer: Layer, seconds: float) -> Layer:
        """The layer with the light of this moment."""
        luma = layer.sprite.luma.copy()
        band = luma[self.top : self.top + self.rows]
        cv2.add(band, self.glitter.at(seconds), dst=band)
        return Layer(replace(layer.sprite, luma=luma), layer.depth)
