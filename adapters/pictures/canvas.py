"""A white sheet to draw on: lines, boxes and letters of every script, and the PNG of it."""

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike

Colour = tuple[int, int, int]
Point = tuple[int, int]

# BGR, as everything here.
INK, GREY, FAINT, WHITE = (40, 34, 30), (120, 112, 106), (226, 222, 218), (255, 255, 255)
REGULAR, BOLD = 400, 700


class Canvas:
    """One picture in the making, of `width` and `height` pixels; used by one thread."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels: MatLike = np.full((height, width, 3), 255, np.uint8)
        self._font = cv2.FontFace("sans")

    def write(self, text: str, at: Point, *, height: int = 14, colour: Colour = INK, weight: int = REGULAR) -> None:
        """Write on a base line that begins at `at`."""
        cv2.putText(self.pixels, drawable(text), at, colour, self._font, height, weight)

    def write_within(self, text: str, at: Point, *, width: int, height: int = 14, colour: Colour = INK) -> None:
        """Write what fits into the width, with an ellipsis where it is cut."""
        kept = drawable(text)
        while kept and self.width_of(kept, height) > width:
            kept = kept[:-2].rstrip() + "…" if len(kept) > 1 else ""
        self.write(kept, at, height=height, colour=colour)

    def write_centred(self, text: str, at: Point, *, height: int = 14, colour: Colour = INK) -> None:
        """Write around the middle `at`."""
        self.write(text, (at[0] - self.width_of(text, height) // 2, at[1]), height=height, colour=colour)

    def width_of(self, text: str, height: int) -> int:
        if not text:
            return 0
        left, _, across, _ = cv2.getTextSize((0, 0), text, (0, 0), self._font, height, REGULAR)
        return int(left + across) + 1

    def line(self, points: Sequence[Point], colour: Colour, *, thickness: int = 1) -> None:
        along = np.array(points, np.int32)
        cv2.polylines(self.pixels, [along], isClosed=False, color=colour, thickness=thickness, lineType=cv2.LINE_AA)

    def dot(self, at: Point, colour: Colour, *, radius: int = 4) -> None:
        cv2.circle(self.pixels, at, radius, colour, cv2.FILLED, cv2.LINE_AA)

    def box(self, at: Point, size: Point, colour: Colour, *, thickness: int = cv2.FILLED) -> None:
        cv2.rectangle(self.pixels, (at[0], at[1], size[0], size[1]), colour, thickness)

    def paste(self, picture_png: bytes, at: Point, side: int) -> None:
        """Put a picture into a square."""
        picture = cv2.imdecode(np.frombuffer(picture_png, np.uint8), cv2.IMREAD_COLOR)
        if picture is not None:
            small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
            self.pixels[at[1] : at[1] + side, at[0] : at[0] + side] = small

    def png(self) -> bytes:
        return cv2.imencode(".png", self.pixels)[1].tobytes()


def drawable(text: str) -> str:
    """The text in one line, without what no built-in font can draw."""
    return " ".join(
        "".join(letter if letter.isprintable() and ord(letter) < 0x1F000 else " " for letter in text).split()
    )
