"""The plot of a report: scores over the film's shots, one line a character, and beside it how they drift."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.pictures.canvas import FAINT, GREY, INK, Canvas, Colour, Point
from domain.renders.consistency import CharacterConsistency

WIDTH, MARGIN, TITLE_HEIGHT, LEGEND_LINE = 1280, 24, 56, 26
PANEL_HEIGHT, SHOTS_WIDTH, DRIFT_WIDTH, AXIS_WIDTH, AXIS_HEIGHT = 400, 720, 392, 48, 52
LINES_MAX = 12
TICKS_MAX = 16
# Colours that people who see fewer colours tell apart too (Okabe and Ito, 2008), BGR.
COLOURS: Sequence[Colour] = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
    (0, 159, 230),
    (233, 180, 86),
    (40, 34, 30),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A frame with axes: `across` values from `first` to `last`, `floor` to 1 upwards."""

    left: int
    top: int
    width: int
    first: float
    last: float
    floor: float

    def point(self, across: float, score: float) -> Point:
        share = (across - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        up = (score - self.floor) / (1 - self.floor)
        return self.left + round(share * self.width), self.top + round((1 - up) * PANEL_HEIGHT)


def paint_plot(title: str, characters: Sequence[CharacterConsistency]) -> bytes:
    """Answer the plot as PNG."""
    shown = sorted(characters, key=lambda each: -len(each.shots))[:LINES_MAX]
    below = TITLE_HEIGHT + PANEL_HEIGHT + AXIS_HEIGHT + 20
    canvas = Canvas(WIDTH, below + LEGEND_LINE * max(1, len(shown)) + MARGIN)
    canvas.write_within(f"{title}: consistency of the cast", (MARGIN, 34), width=WIDTH - 2 * MARGIN, height=20)
    floor, left = floor_of(shown), MARGIN + AXIS_WIDTH
    numbers = [shot.shot_number for each in shown for shot in each.shots] or [1]
    shots = Panel(left, TITLE_HEIGHT, SHOTS_WIDTH, min(numbers) - 0.5, max(numbers) + 0.5, floor)
    classes = max((len(_steps(each)) for each in shown), default=0)
    drift = Panel(left + SHOTS_WIDTH + AXIS_WIDTH, TITLE_HEIGHT, DRIFT_WIDTH, -0.5, max(classes, 1) - 0.5, floor)
    _paint_frame(canvas, shots, "likeness to the references, by shot")
    _paint_frame(canvas, drift, "median and lowest, by shots since last seen")
    _paint_ticks(canvas, shots)
    for step in range(classes):
        least, most = (1, 1) if step == 0 else (2 ** (step - 1) + 1, 2**step)
        label = str(most) if least == most else f"{least}-{most}"
        canvas.write_centred(label, _below(drift, step), height=13, colour=GREY)
    for number, each in enumerate(shown):
        colour = COLOURS[number % len(COLOURS)]
        _paint_shots(canvas, shots, each, colour)
        _paint_drift(canvas, drift, each, colour, aside=4 * number - 2 * len(shown))
        _paint_legend(canvas, each, colour, below + LEGEND_LINE * number)
    return canvas.png()


def floor_of(characters: Sequence[CharacterConsistency]) -> float:
    """The tenth below the lowest score or threshold."""
    scores = [shot.score for each in characters for shot in each.shots if shot.score is not None]
    lowest = min([*scores, *(each.threshold for each in characters)], default=0.0)
    return max(-1.0, int((lowest + 1) * 10 - 0.5) / 10 - 1)


def _paint_frame(canvas: Canvas, panel: Panel, label: str) -> None:
    tenths = round((1 - panel.floor) * 10)
    for tenth in range(tenths + 1):
        score = panel.floor + tenth / 10
        _, height = panel.point(panel.first, score)
        canvas.line([(panel.left, height), (panel.left + panel.width, height)], FAINT)
        canvas.write(f"{score:.1f}", (panel.left - 32, height + 5), height=13, colour=GREY)
    canvas.box((panel.left, panel.top), (panel.width, PANEL_HEIGHT), GREY, thickness=1)
    canvas.write_centred(label, (panel.left + panel.width // 2, panel.top + PANEL_HEIGHT + 44), height=14)


def _paint_ticks(canvas: Canvas, panel: Panel) -> None:
    first, last = round(panel.first + 0.5), round(panel.last - 0.5)
    step = max(1, -(-(last - first + 1) // TICKS_MAX))
    for number in range(first, last + 1, step):
        canvas.write_centred(str(number), _below(panel, number), height=13, colour=GREY)


def _below(panel: Panel, across: float) -> Point:
    return panel.point(across, panel.floor)[0], panel.top + PANEL_HEIGHT + 20


def _paint_shots(canvas: Canvas, panel: Panel, character: CharacterConsistency, colour: Colour) -> None:
    points = [panel.point(shot.shot_number, shot.score) for shot in character.shots if shot.score is not None]
    if points:
        canvas.line(points, colour, thickness=2)
    for point in points:
        canvas.dot(point, colour)


def _steps(character: CharacterConsistency) -> range:
    return range(max(((each.shots_max - 1).bit_length() for each in character.drift), default=-1) + 1)


def _paint_drift(canvas: Canvas, panel: Panel, character: CharacterConsistency, colour: Colour, *, aside: int) -> None:
    points: list[Point] = []
    for each in character.drift:
        step = (each.shots_max - 1).bit_length()
        across, height = panel.point(step, each.scores.median)
        points.append((across + aside, height))
        lowest = panel.point(step, each.scores.minimum)[1]
        canvas.line([(across + aside, height), (across + aside, lowest)], colour)
    if points:
        canvas.line(points, colour, thickness=2)
    for point in points:
        canvas.dot(point, colour, radius=5)


def _paint_legend(canvas: Canvas, character: CharacterConsistency, colour: Colour, top: int) -> None:
    canvas.box((MARGIN, top + 2), (22, 12), colour)
    canvas.write_within(character.name, (MARGIN + 34, top + 14), width=190, height=15)
    canvas.write(_figures_of(character), (MARGIN + 240, top + 14), height=14, colour=INK)


def _figures_of(character: CharacterConsistency) -> str:
    parts = [f"in {len(character.shots)} shots"]
    for label, spread in (("to references", character.to_references), ("between shots", character.between_shots)):
        if spread is not None:
            parts.append(f"{label}: lowest {spread.minimum:.3f}, median {spread.median:.3f}")
    parts.append("no slope" if character.slope is None else f"slope {character.slope:+.4f} a shot unseen")
    return "  ·  ".join(parts)
