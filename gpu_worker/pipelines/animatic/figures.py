"""Figures ready to be filmed: portrait, body and shadow as sprites, lit like the place, and the life in them."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from gpu_worker.pipelines.animatic.bodies import Build, Wardrobe, paint_body, paint_locks
from gpu_worker.pipelines.animatic.composition import HEADS_TALL, Place
from gpu_worker.pipelines.animatic.cutouts import CutOut, enlarged
from gpu_worker.pipelines.animatic.light import Colour, Light, mix
from gpu_worker.pipelines.animatic.surface import Surface
from gpu_worker.pipelines.finishing.picture import Sprite, sprite_of

MARGIN = 6  # px about a sprite, so that its edge can be interpolated
BELOW = 1.22  # frame heights from the frame's top down to which figures are made: no move shows more


@dataclass(frozen=True, slots=True)
class Look:
    """How a cast member looks in every shot: its picture, and the clothes that all its pictures tell of."""

    cut_out: CutOut
    wardrobe: Wardrobe


@dataclass(frozen=True, slots=True)
class Figure:
    """One character in the shot. Sprites lie in frame pixels before the camera moves."""

    number: int  # 1..n, its grey in the label map
    place: Place
    shadow: Sprite
    body: Sprite  # a bust is one with its body, a whole figure is its own
    portrait: Sprite | None
    # Coverage (uint8) of the cut-out and of the body alone, both lying at `corner`.
    portrait_alpha: MatLike
    body_alpha: MatLike
    corner: tuple[int, int]
    phase: float
    voice: str  # the name under which it says something in the shot, else empty


def make_figure(look: Look, place: Place, light: Light, *, number: int, voice: str, frame: tuple[int, int]) -> Figure:
    """Enlarge, dress, light and shade one character for its place in the frame."""
    picture = look.cut_out.mirrored() if place.is_mirrored else look.cut_out
    # Near shots would enlarge a whole figure to several times the frame.
    picture = picture.above((BELOW * frame[1] - place.top) * picture.head_share / place.head)
    body, portrait, corner = _dressed(picture, place, look.wardrobe, frame)
    alphas = _bytes(portrait[..., 3]), _bytes(body[..., 3])
    if not picture.is_head:
        body = body * (1 - portrait[..., 3:4]) + portrait
    lit_body = _lit(body, light, place.head)
    loose = _cropped(_bytes(_lit(portrait, light, place.head)), corner) if picture.is_head else None
    whole = np.maximum(lit_body[..., 3], portrait[..., 3])
    return Figure(
        number=number,
        place=place,
        shadow=_shadow(whole, corner, place, light),
        body=_cropped(_bytes(lit_body), corner),
        portrait=loose,
        portrait_alpha=alphas[0],
        body_alpha=alphas[1],
        corner=corner,
        phase=number * 2.399963,
        voice=voice,
    )


def _cropped(rgba: MatLike, corner: tuple[int, int]) -> Sprite:
    """A sprite of the part that holds something, with a clear margin where there is one."""
    rows, columns = np.flatnonzero(rgba[..., 3].any(1)), np.flatnonzero(rgba[..., 3].any(0))
    top, left = max(0, int(rows[0]) - 2) & ~1, max(0, int(columns[0]) - 2) & ~1
    bottom, right = int(rows[-1]) + 3, int(columns[-1]) + 3
    return sprite_of(np.ascontiguousarray(rgba[top:bottom, left:right]), (corner[0] + left, corner[1] + top))


def _middle(picture: CutOut) -> float:
    return sum(picture.cut) / 2 if picture.is_bust else 0.5


def _even(value: float) -> int:
    return round(value / 2) * 2


def _bytes(rgba: MatLike) -> MatLike:
    return np.round(np.clip(rgba, 0, 1) * 255).astype(np.uint8)


def _dressed(
    picture: CutOut, place: Place, wardrobe: Wardrobe, frame: tuple[int, int]
) -> tuple[MatLike, MatLike, tuple[int, int]]:
    """Body and portrait on two canvases of one size, and where these lie; what the frame never shows is left out."""
    head = place.head
    height = round(head / picture.head_share)
    width = max(2, round(height * picture.aspect))
    cut_left, cut_right = picture.cut if picture.is_bust else (0.33, 0.67)
    half = (cut_right - cut_left) * width / 2
    left = round(place.centre - width * _middle(picture))
    centre = left + width * _middle(picture)
    reach = max(half * 1.3, 0.80 * head, centre - left, left + width - centre) + MARGIN
    corner = (_even(centre - reach), _even(place.top) - MARGIN)
    foot = min(place.feet + 0.08 * head, frame[1] * BELOW)
    size = (2 * round(reach) + 4, max(round(foot), corner[1] + height + 2 * MARGIN) - corner[1])
    portrait = np.zeros((size[1], size[0], 4), np.float32)
    at = (left - corner[0], MARGIN)
    portrait[at[1] : at[1] + height, at[0] : at[0] + width] = enlarged(picture.rgba, (width, height))
    surface = Surface(size, depth=1.0)
    neck = MARGIN + height - (0.045 if picture.is_bust else 0.11) * head
    ground = place.top + HEADS_TALL * head - corner[1]
    build = Build(centre - corner[0], neck, half, head, ground, picture.is_bust)
    if not picture.is_whole:
        paint_body(surface, build, wardrobe)
        paint_locks(surface, picture, build, wardrobe)
    if picture.is_bust:
        _melt(surface.rgba, portrait, MARGIN + height)
    return surface.rgba, portrait, corner


def _melt(body: MatLike, portrait: MatLike, cut: int) -> None:
    """Above its cut a bust's outline rules the body too, and the bust fades into the body painted under it."""
    body[:cut] *= portrait[:cut, :, 3:4]
    rows = max(2, round(0.035 * cut))
    # Its drawn outline stays to the very cut, so that shoulder and sleeve are one line.
    band = portrait[cut - 4 * rows : cut, :, 3]
    edge = max(3, round(1.6 * rows)) | 1
    inside = cv2.erode(band, np.ones((1, edge), np.uint8), borderType=cv2.BORDER_REPLICATE)[-rows:]
    inside = cv2.GaussianBlur(inside, (0, 0), max(0.25 * rows, 0.6))
    ramp = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    portrait[cut - rows : cut] *= (1 - inside * ramp)[..., None]


def _lit(rgba: MatLike, light: Light, head: float) -> MatLike:
    """Tinted by the place's light, shaded like a round body, with a rim towards the light; premultiplied."""
    alpha = rgba[..., 3]
    toward = light.towards
    lit = rgba.copy()
    lit[..., :3] *= np.array(_tint(light, head), np.float32)
    lit[..., :3] *= _form(alpha, toward, head)[..., None]
    shift = max(1.0, 0.014 * head)
    away = np.array([[1, 0, -toward[0] * shift], [0, 1, -toward[1] * shift]], np.float64)
    behind = cv2.warpAffine(alpha, away, (alpha.shape[1], alpha.shape[0]))
    rim = cv2.GaussianBlur(np.clip(alpha - behind, 0, 1), (0, 0), max(0.006 * head, 0.5)) * alpha
    colour = np.array(mix(light.sun_colour, light.cloud_lit, 0.3), np.float32)
    lit[..., :3] += rim[..., None] * colour * (0.36 if not light.has_moon else 0.28)
    lit[..., :3] = np.clip(lit[..., :3], 0, alpha[..., None])
    return lit


def _form(alpha: MatLike, toward: tuple[float, float], head: float) -> MatLike:
    """Shading by slope: the blurred outline taken for a relief; worked out at a third of the size."""
    small = cv2.resize(alpha, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    relief = cv2.GaussianBlur(small, (0, 0), max(0.033 * head, 0.6), borderType=cv2.BORDER_REPLICATE)
    slope = cv2.Sobel(relief, cv2.CV_32F, 1, 0) * toward[0] + cv2.Sobel(relief, cv2.CV_32F, 0, 1) * toward[1]
    facing = cv2.resize(-slope * (0.033 * head), (alpha.shape[1], alpha.shape[0]), interpolation=cv2.INTER_LINEAR)
    return 1 + np.clip(facing, -1, 1) * 0.13


def _tint(light: Light, head: float) -> Colour:
    """Mild, and milder on small figures, so that a face stays that face: at most a third of the light's colour."""
    full = tuple(min(1.12, (a + 0.62 * k)) for a, k in zip(light.ambient, light.key, strict=True))
    return mix((1.0, 1.0, 1.0), (full[0], full[1], full[2]), 0.31 * min(1.0, 0.35 + head / 170))


def _shadow(alpha: MatLike, corner: tuple[int, int], place: Place, light: Light) -> Sprite:
    """What the figure casts on the ground: its outline laid down away from the light, and darkness under its feet."""
    head = place.head
    width = alpha.shape[1]
    pad = round(1.0 * head)
    canvas = (width + 2 * pad, round(0.75 * head))
    level = 0.42 * head
    foot = place.feet - corner[1]
    squash, lean = 0.20, -0.55 * np.sign(light.towards[0])
    flat = np.array([[1.0, -lean * 0.9, pad + lean * 0.9 * foot], [0.0, squash, level - squash * foot]], np.float64)
    cast = cv2.warpAffine(alpha, flat, canvas, flags=cv2.INTER_AREA)
    cast = cv2.GaussianBlur(cast, (0, 0), max(0.035 * head, 0.8))
    rows = np.linspace(0, 1, canvas[1], dtype=np.float32)[:, None]
    hardness = 0.10 + 0.42 * min(1.0, sum(light.key))
    dark = cast * hardness * np.clip(rows * 3.2, 0, 1)
    contact = np.zeros((canvas[1], canvas[0]), np.float32)
    middle = (round(pad + width / 2), round(level - 0.012 * head))
    cv2.ellipse(
        contact, middle, (max(1, round(0.46 * head)), max(1, round(0.062 * head))), 0, 0, 360, (1.0,), -1, cv2.LINE_AA
    )
    dark = np.maximum(dark, 0.55 * cv2.GaussianBlur(contact, (0, 0), max(0.035 * head, 0.8)))
    rgba = np.zeros((canvas[1], canvas[0], 4), np.float32)
    rgba[..., :3] = np.array(mix(light.sky[0][1], (0, 0, 0), 0.72), np.float32) * dark[..., None]
    rgba[..., 3] = dark
    return sprite_of(_bytes(rgba), (_even(corner[0] - pad), _even(place.feet - level)))


def life(figure: Figure, seconds: float, talk: float) -> tuple[MatLike, MatLike]:
    """How body and portrait move by themselves: breath, sway and, on loose heads, a nod; 2x3 matrices.

    The feet (or what lies below the frame) stay where they are; `talk` from 0 to 1 enlivens a speaker.
    """
    place, phase = figure.place, figure.phase
    breath = 0.0042 * np.sin(2 * np.pi * 0.27 * seconds + phase)
    sway = 0.0065 * np.sin(2 * np.pi * 0.105 * seconds + phase * 1.7) + 0.0035 * np.sin(
        2 * np.pi * 0.19 * seconds + phase
    )
    sway += 0.004 * talk * np.sin(2 * np.pi * 0.55 * seconds + phase)
    anchor = min(place.feet, place.top + 3.0 * place.head)
    body = np.array([[1.0, -sway, sway * anchor], [0.0, 1.0 + breath, -breath * anchor]], np.float64)
    if figure.portrait is None:
        return body, body
    nod = 0.016 * np.sin(2 * np.pi * 0.17 * seconds + phase * 2.3) + 0.022 * talk * np.sin(
        2 * np.pi * 1.25 * seconds + phase
    )
    bob = place.head * (
        0.004 * np.sin(2 * np.pi * 0.27 * seconds + phase - 0.5) + 0.006 * talk * np.sin(2 * np.pi * 2.5 * seconds)
    )
    pivot = np.array([place.centre, place.top + 0.9 * place.head])
    turn = np.array([[np.cos(nod), -np.sin(nod)], [np.sin(nod), np.cos(nod)]])
    loose = np.hstack([turn, (pivot - turn @ pivot + (0.0, bob))[:, None]])
    return body, chained(body, loose)


def chained(outer: MatLike, inner: MatLike) -> MatLike:
    """One 2x3 matrix that does `inner`, then `outer`."""
    return np.hstack([outer[:, :2] @ inner[:, :2], (outer[:, :2] @ inner[:, 2] + outer[:, 2])[:, None]])
