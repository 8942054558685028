"""Loss and identity over the steps of a training, as a picture for people; the numbers are in the result."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont
from PIL.Image import Image, Resampling

from contracts.commands import CurvePoint

WIDTH, HEIGHT = 960, 540
FINER = 2  # drawn so many times larger, so that lines are smooth
FRAME = (78, 54, WIDTH - 78, HEIGHT - 58)  # left, top, right, bottom of the axes, pixels
LOSS, IDENTITY, GRID, INK, BEST = "#b3541e", "#1f6f8b", "#e4e4e4", "#333333", "#8a8a8a"
TICKS = 5
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values along one line of the picture."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> "Axis":
        """A little more than the values; never empty."""
        low, high = min(values), max(values)
        room = (high - low) * 0.08 or max(abs(high) * 0.05, 0.01)
        return cls(low - room, high + room)

    def share(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        return [self.low + (self.high - self.low) * number / (TICKS - 1) for number in range(TICKS)]


def curves_picture(curve: Sequence[CurvePoint], *, best_step: int, title: str) -> Image:
    """Draw loss (left axis) and identity (right axis, where measured) over steps, and mark the best step."""
    sheet = Pictures.new("RGB", (WIDTH * FINER, HEIGHT * FINER), "white")
    chart = Chart(sheet, Axis(0, max(1, *(point.step for point in curve))))
    losses = [(float(point.step), point.loss) for point in curve]
    identities = [(float(point.step), point.identity) for point in curve if point.identity is not None]
    chart.frame(title, best_step)
    chart.line(losses, Axis.over([loss for _, loss in losses]), LOSS, "loss over fixed noise", is_left=True)
    if identities:
        axis = Axis.over([identity for _, identity in identities])
        chart.line(identities, axis, IDENTITY, "identity on held-out pictures", is_left=False)
    return sheet.resize((WIDTH, HEIGHT), Resampling.LANCZOS)


class Chart:
    """Draws on a sheet that is `FINER` times as large as what is measured here."""

    def __init__(self, sheet: Image, steps: Axis) -> None:
        self._pen = ImageDraw.Draw(sheet)
        self._steps = steps

    def frame(self, title: str, best_step: int) -> None:
        left, top, right, bottom = FRAME
        self._text((left, 12), title, INK, size=18)
        for step in sorted({round(tick) for tick in self._steps.ticks()}):
            across = self._across(step)
            self._stroke([(across, top), (across, bottom)], GRID)
            self._text((across, bottom + 8), f"{step:,}", INK, anchor="ma")
        self._text(((left + right) / 2, bottom + 30), "steps", INK, anchor="ma")
        best = self._across(best_step)
        self._stroke([(best, top), (best, bottom)], BEST, width=2)
        self._text((best, top - 4), f"best: step {best_step:,}", BEST, anchor="rs" if best > right - 90 else "ls")
        self._stroke([(left, top), (left, bottom), (right, bottom), (right, top), (left, top)], INK)

    def line(self, points: Sequence[Point], axis: Axis, colour: str, name: str, *, is_left: bool) -> None:
        left, top, right, bottom = FRAME
        for value in axis.ticks():
            down = bottom - axis.share(value) * (bottom - top)
            place, anchor = (left - 8, "rm") if is_left else (right + 8, "lm")
            self._text((place, down), f"{value:.3f}", colour, anchor=anchor)
        drawn = [(self._across(step), bottom - axis.share(value) * (bottom - top)) for step, value in points]
        self._stroke(drawn, colour, width=2.5)
        for across, down in drawn:
            box = [(across - 4) * FINER, (down - 4) * FINER, (across + 4) * FINER, (down + 4) * FINER]
            self._pen.ellipse(box, fill=colour)
        place, anchor = ((left, HEIGHT - 8), "ls") if is_left else ((right, HEIGHT - 8), "rs")
        self._text(place, name, colour, size=15, anchor=anchor)

    def _across(self, step: float) -> float:
        left, _, right, _ = FRAME
        return left + self._steps.share(step) * (right - left)

    def _stroke(self, points: Sequence[Point], colour: str, *, width: float = 1) -> None:
        finer = [(across * FINER, down * FINER) for across, down in points]
        self._pen.line(finer, fill=colour, width=round(width * FINER), joint="curve")

    def _text(self, place: Point, text: str, colour: str, *, size: int = 13, anchor: str = "la") -> None:
        font = ImageFont.load_default(size * FINER)
        self._pen.text((place[0] * FINER, place[1] * FINER), text, fill=colour, font=font, anchor=anchor)
