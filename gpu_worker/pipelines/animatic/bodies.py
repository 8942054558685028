"""Bodies for heads and busts that have none: a storybook coat, sleeves, hands and boots in the figure's own colours.

A body is painted on a surface whose world unit is the surface's height; `Cut` says where the portrait meets it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from gpu_worker.pipelines.animatic.cutouts import SOLID, CutOut
from gpu_worker.pipelines.animatic.light import Colour, hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, curve, ellipse, taper
from gpu_worker.pipelines.animatic.surface import Paint, Surface

COATS = tuple(hexed(code) for code in ("b5533f", "3f6f7d", "6f5a8c", "c08a3a", "55764a", "8a4a5e", "46608f", "a06a4a"))
BOOT = hexed("4a382e")


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """The colours a body is painted in."""

    coat: Colour
    skin: Colour
    hair: Colour
    line: Colour
    has_outline: bool


@dataclass(frozen=True, slots=True)
class Build:
    """A body's measures in surface pixels: the middle, the portrait's foot, half its width there, head, ground."""

    centre: float
    neck: float
    half: float
    head: float
    ground: float
    is_bust: bool


def wardrobe_of(shown: CutOut, known: Sequence[CutOut], character_id: str) -> Wardrobe:
    """One costume a character: the clothes of the picture that is shown, else of the first other that shows any.

    A character that wears none in any picture gets a coat of its own, the same in every shot.
    """
    rgba, solid = shown.rgba, shown.rgba[..., 3] >= SOLID
    has_outline = _has_dark_outline(rgba, solid)
    height, width = solid.shape
    face, top = slice(int(0.40 * height), int(0.72 * height)), height // 5
    skin = _prevailing(rgba[face], solid[face], _central(width, 0.5))
    hair = _prevailing(rgba[:top], solid[:top], None)
    worn = (_worn(cut_out, hair, skin) for cut_out in (shown, *known))
    coat = next((colour for colour in worn if colour), None) or _own_coat(character_id, skin)
    line = (0.06, 0.05, 0.06) if has_outline else scaled(coat, 0.55)
    return Wardrobe(coat, skin, hair, line, has_outline)


def _worn(cut_out: CutOut, hair: Colour, skin: Colour) -> Colour | None:
    """The colour of the clothes at a bust's foot; a picture that is cut off in hair or skin shows none."""
    if not cut_out.is_bust:
        return None
    foot = slice(-max(4, cut_out.rgba.shape[0] // 24), None)
    worn = _prevailing(cut_out.rgba[foot], cut_out.rgba[foot][..., 3] >= SOLID, None)
    return worn if _apart(worn, hair) > 0.22 and _apart(worn, skin) > 0.06 else None


def _own_coat(character_id: str, skin: Colour) -> Colour:
    digest = hashlib.sha256(character_id.encode()).digest()
    choices = sorted(COATS, key=lambda colour: -_apart(colour, skin))[:6]
    return choices[digest[0] % len(choices)]


def paint_locks(surface: Surface, cut_out: CutOut, build: Build, wardrobe: Wardrobe) -> None:
    """Hair that a bust's cut has cut off falls on in soft ends over the coat."""
    if not cut_out.is_bust:
        return
    scale, head = 1 / surface.height, build.head / surface.height
    left = build.centre * scale - build.half * scale * sum(cut_out.cut) / (cut_out.cut[1] - cut_out.cut[0])
    width = 2 * build.half * scale / (cut_out.cut[1] - cut_out.cut[0])
    for start, end, colour in _hair_at_cut(cut_out, wardrobe.hair):
        x0, x1, y = left + start * width, left + end * width, build.neck * scale - 0.01 * head
        span = x1 - x0
        fall = min(max(0.8 * span, 0.14 * head), 0.36 * head)
        middle = 0.42 if (x0 + x1) / 2 < build.centre * scale else 0.58
        lock = curve(
            [
                (x0, y),
                (x0 + 0.02 * span, y + 0.55 * fall),
                (x0 + middle * span, y + fall),
                (x1 - 0.02 * span, y + 0.50 * fall),
                (x1, y),
            ]
        )
        if wardrobe.has_outline:
            surface.stroke(lock, Paint(wardrobe.line, wardrobe.line), 0.022 * head)
        surface.fill(lock, Paint(colour, scaled(colour, 0.9), y, y + fall))


def _hair_at_cut(cut_out: CutOut, hair: Colour) -> list[tuple[float, float, Colour]]:
    """Stretches of hair along the cut, wider than an outline: from and to (shares of the width), colour."""
    rows = cut_out.rgba[-6:-2]
    solid = (rows[..., 3] >= SOLID).all(0)
    colours = rows[..., :3].mean(0)
    is_hair = solid & (np.abs(colours - np.array(hair, np.float32)).sum(1) < 0.30)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_hair.astype(np.int8), [0]])))
    width = len(is_hair)
    found: list[tuple[float, float, Colour]] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > 0.08 * width:
            tone = np.median(colours[start:end], 0)
            found.append((float(start / width), float(end / width), (float(tone[0]), float(tone[1]), float(tone[2]))))
    return found


def _central(width: int, share: float) -> NDArray[np.bool]:
    along = np.abs(np.arange(width) / width - 0.5)
    return along < share / 2


def _apart(first: Colour, second: Colour) -> float:
    return sum(abs(a - b) for a, b in zip(first, second, strict=True))


def _prevailing(rgba: MatLike, solid: NDArray[np.bool], columns: NDArray[np.bool] | None) -> Colour:
    """The most frequent colour that is no outline: eighths a channel, then the mean of the winners."""
    chosen = solid if columns is None else solid & columns[None, :]
    colours = rgba[..., :3][chosen]
    if not len(colours):
        return COATS[0]
    bright = colours[colours.max(1) > 0.16]
    colours = bright if len(bright) > 0.12 * len(colours) else colours
    cells = np.minimum((colours * 8).astype(np.int32), 7)
    codes = cells[:, 0] * 64 + cells[:, 1] * 8 + cells[:, 2]
    winner = np.bincount(codes).argmax()
    mean = colours[codes == winner].mean(0)
    return (float(mean[0]), float(mean[1]), float(mean[2]))


def _has_dark_outline(rgba: MatLike, solid: NDArray[np.bool]) -> bool:
    inner = cv2.erode(solid.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    edge = solid & ~inner
    return bool(edge.any()) and float((rgba[..., :3][edge].max(1) < 0.25).mean()) > 0.55


def paint_body(surface: Surface, build: Build, wardrobe: Wardrobe) -> None:
    """Paint boots, coat, sleeves, hands and collar below the portrait."""
    scale = 1 / surface.height
    head, ground = build.head * scale, build.ground * scale
    x, neck, half = build.centre * scale, build.neck * scale, build.half * scale
    line = 0.022 * head if wardrobe.has_outline else 0.010 * head
    shoulder = half * 0.985 if build.is_bust else 0.40 * head
    hem = max(ground - 0.46 * head, neck + 1.05 * head)
    _legs(surface, (x, hem), (head, ground), wardrobe, line)
    for side in (-1, 1):
        _hand(surface, (x, neck), (side, shoulder, head), wardrobe, line)
    coat = _coat_sides((x, neck), (half if build.is_bust else 0.17 * head, shoulder, head), hem)
    surface.fill(np.vstack([coat[0], coat[1][::-1]]), Paint(wardrobe.coat, scaled(wardrobe.coat, 0.74), neck, hem))
    _folds(surface, (x, neck), (shoulder, head, hem), wardrobe)
    # The sides and the hem have a line; the top runs on into the portrait without one.
    surface.stroke(np.vstack([coat[0], coat[1][::-1]]), Paint(wardrobe.line, wardrobe.line), line)
    for side in (-1, 1):
        _sleeve(surface, (x, neck), (side, shoulder, head), wardrobe, line)
    if not build.is_bust:
        _collar(surface, (x, neck), head, wardrobe, line)
        surface.fill(
            ellipse((x, neck + 0.02 * head), 0.36 * head, 0.10 * head),
            Paint((0, 0, 0), (0, 0, 0)),
            opacity=0.30,
            soft=0.05 * head,
        )


def _outlined(surface: Surface, parts: list[Points], paint: Paint, line: Colour, width: float) -> None:
    """Parts that together are one thing: the line runs round them all, not between them."""
    for part in parts:
        surface.stroke(np.vstack([part, part[:2]]), Paint(line, line), width * 2)
    surface.fill_many(parts, paint)


def _coat_sides(neck: tuple[float, float], widths: tuple[float, float, float], hem: float) -> tuple[Points, Points]:
    """The coat's right and left line, each from the neck to the middle of the hem."""
    x, top = neck
    half, shoulder, head = widths
    waist, foot = min(shoulder * 0.88, 0.52 * head), min(max(shoulder * 1.02, 0.46 * head), 0.62 * head)
    spread = [(half * 0.985, top)]
    if shoulder > half * 1.2:
        spread += [(half + (shoulder - half) * 0.72, top + 0.06 * head), (shoulder * 0.97, top + 0.20 * head)]
    else:
        spread += [(shoulder * 0.98, top + 0.12 * head), (shoulder * 0.95, top + 0.26 * head)]
    side = curve([*spread, (waist, top + 0.66 * head), (foot, hem)])
    under = curve([(foot, hem), (0.45 * foot, hem + 0.045 * head), (0.0, hem + 0.055 * head)])
    right = np.vstack([side, under])
    aside = np.array([x, 0.0])
    return right + aside, right * np.array([-1.0, 1.0]) + aside


def _joints(neck: tuple[float, float], measures: tuple[float, float, float]) -> list[tuple[float, float]]:
    x, top = neck
    side, shoulder, head = measures
    reach = min(shoulder, 0.60 * head)
    joints = [
        (shoulder - 0.085 * head, top + 0.17 * head),
        (reach + 0.055 * head, top + 0.55 * head),
        (reach + 0.045 * head, top + 0.92 * head),
    ]
    return [(x + side * across, down) for across, down in joints]


def _hand(
    surface: Surface, neck: tuple[float, float], measures: tuple[float, float, float], wardrobe: Wardrobe, line: float
) -> None:
    head = measures[2]
    x, y = _joints(neck, measures)[-1]
    hand = ellipse((x, y + 0.07 * head), 0.070 * head, 0.088 * head)
    _outlined(surface, [hand], Paint(wardrobe.skin, scaled(wardrobe.skin, 0.88)), wardrobe.line, line)


def _sleeve(
    surface: Surface, neck: tuple[float, float], measures: tuple[float, float, float], wardrobe: Wardrobe, line: float
) -> None:
    """A sleeve with a round shoulder, its inner line softer than its outer."""
    head = measures[2]
    points = _joints(neck, measures)
    bend = [tuple(point) for point in curve(points, 6).tolist()]
    widths = [
        float(w) for w in np.interp(np.linspace(0, 1, len(bend)), [0, 0.5, 1], [0.19 * head, 0.175 * head, 0.20 * head])
    ]
    arm = taper([(float(px), float(py)) for px, py in bend], widths)
    # The line begins where a bust's shoulder ends, or on the round of a narrow shoulder.
    runs_on = measures[1] > 0.42 * head
    start = (
        (neck[0] + measures[0] * measures[1], neck[1])
        if runs_on
        else (points[0][0] + measures[0] * 0.072 * head, points[0][1] - 0.062 * head)
    )
    paint = Paint(wardrobe.coat, scaled(wardrobe.coat, 0.80), neck[1], neck[1] + 1.1 * head)
    surface.fill_many([arm, ellipse(points[0], 0.093 * head, 0.10 * head)], paint)
    # The outer edge has the full line, the inner one only from the elbow up to below the shoulder.
    count = len(arm) // 2
    sides = (arm[:count], arm[count:][::-1])
    inner, outer = (
        sides if abs(sides[0][count // 2, 0] - neck[0]) < abs(sides[1][count // 2, 0] - neck[0]) else sides[::-1]
    )
    ink = Paint(wardrobe.line, wardrobe.line)
    joined = [start, *((float(px), float(py)) for px, py in outer[3::3])]
    surface.stroke(curve(joined, 5), ink, line)
    surface.stroke(inner[round(0.22 * count) :], ink, line * 0.8)
    cuff = np.array([bend[-1], bend[-1]]) + np.array([[-0.10 * head, -0.03 * head], [0.10 * head, -0.03 * head]])
    surface.stroke(cuff, Paint(scaled(wardrobe.coat, 0.6), scaled(wardrobe.coat, 0.6)), 0.022 * head, opacity=0.7)


def _legs(
    surface: Surface, hem: tuple[float, float], sizes: tuple[float, float], wardrobe: Wardrobe, line: float
) -> None:
    x, y = hem
    head, ground = sizes
    trousers = mix(scaled(wardrobe.coat, 0.42), (0.20, 0.20, 0.25), 0.55)
    for side in (-1, 1):
        middle = x + side * 0.19 * head
        leg = taper([(middle, y - 0.1 * head), (middle, ground - 0.07 * head)], [0.27 * head, 0.21 * head])
        _outlined(surface, [leg], Paint(scaled(trousers, 0.75), trousers, y, ground), wardrobe.line, line * 0.5)
        boot = [
            ellipse((middle + side * 0.05 * head, ground - 0.075 * head), 0.175 * head, 0.082 * head),
            taper([(middle, ground - 0.20 * head), (middle, ground - 0.06 * head)], [0.225 * head, 0.235 * head]),
        ]
        _outlined(
            surface,
            boot,
            Paint(scaled(BOOT, 1.35), scaled(BOOT, 0.8), ground - 0.2 * head, ground),
            wardrobe.line,
            line * 0.5,
        )


def _folds(surface: Surface, neck: tuple[float, float], sizes: tuple[float, float, float], wardrobe: Wardrobe) -> None:
    x, top = neck
    shoulder, head, hem = sizes
    dark, light = scaled(wardrobe.coat, 0.62), mix(wardrobe.coat, (1, 1, 1), 0.22)
    for across, reach in ((-0.42, 0.62), (0.30, 0.52), (0.62, 0.40)):
        start = hem - reach * (hem - top)
        surface.fill(
            taper(
                [(x + across * shoulder, start), (x + across * shoulder * 1.25, hem + 0.02 * head)],
                [0.004 * head, 0.05 * head],
            ),
            Paint(dark, dark),
            opacity=0.40,
            soft=0.010 * head,
        )
    surface.fill(
        taper(
            [(x - 0.60 * shoulder, top + 0.30 * head), (x - 0.74 * shoulder, hem - 0.03 * head)],
            [0.02 * head, 0.10 * head],
        ),
        Paint(light, light),
        opacity=0.28,
        soft=0.02 * head,
    )
    surface.fill(
        taper([(x, top + 0.25 * head), (x, hem + 0.04 * head)], [0.010 * head, 0.014 * head]),
        Paint(dark, dark),
        opacity=0.6,
    )
    foot = min(max(shoulder * 1.02, 0.46 * head), 0.62 * head)
    trim = curve([(x - foot, hem - 0.03 * head), (x, hem + 0.022 * head), (x + foot, hem - 0.03 * head)])
    surface.stroke(trim, Paint(light, light), 0.022 * head, opacity=0.55)
    buttons = [
        ellipse((x + 0.055 * head, top + (0.42 + 0.24 * step) * head), 0.024 * head, 0.024 * head) for step in range(3)
    ]
    surface.fill_many(buttons, Paint(hexed("e2c27a"), hexed("b98f45")), opacity=0.9)


def _collar(surface: Surface, neck: tuple[float, float], head: float, wardrobe: Wardrobe, line: float) -> None:
    x, y = neck
    shade = mix(wardrobe.coat, (1.0, 0.96, 0.88), 0.55)
    scarf = np.vstack(
        [
            curve([(x - 0.27 * head, y + 0.03 * head), (x, y + 0.12 * head), (x + 0.27 * head, y + 0.03 * head)]),
            curve([(x + 0.30 * head, y + 0.15 * head), (x, y + 0.26 * head), (x - 0.30 * head, y + 0.15 * head)]),
        ]
    )
    tail = taper(
        [(x + 0.10 * head, y + 0.18 * head), (x + 0.15 * head, y + 0.38 * head), (x + 0.13 * head, y + 0.56 * head)],
        [0.11 * head, 0.13 * head, 0.15 * head],
    )
    for part in (tail, scarf):
        _outlined(surface, [part], Paint(shade, scaled(shade, 0.84), y, y + 0.5 * head), wardrobe.line, line * 0.5)
