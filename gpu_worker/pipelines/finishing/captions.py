"""Burnt-in captions: broken into lines by the rules of their writing system, paged by time, set on a soft plate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import budoux
import cv2
import numpy as np
from cv2.typing import MatLike

from contracts.commands import Caption
from gpu_worker.pipelines.finishing.colours import Colour, hexed
from gpu_worker.pipelines.finishing.lettering import BOLD, Lettering, is_hangul, is_wide, printable
from gpu_worker.pipelines.finishing.picture import Sprite, sprite_of

# JIS X 4051 and GB/T 15834: what may not begin, and what may not end a line.
NOT_FIRST = set("、。，．,.・：；:;？！?!）)］]｝}」』】〉》”’…‥ー～々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ%％")
NOT_LAST = set("（([［{｛「『【〈《“‘$￥")
LINES_MAX = 2
FADE_SECONDS = 0.16
PARSERS: Mapping[str, Callable[[], budoux.Parser]] = {
    "zh": cache(budoux.load_default_simplified_chinese_parser),
    "ja": cache(budoux.load_default_japanese_parser),
}
SAFE = 0.05  # EBU R 95: text stays inside the middle 90 percent
NAME_COLOUR: Colour = hexed("ffd98c")


@dataclass(frozen=True, slots=True)
class Page:
    """One plate of text from `start` to `end` seconds."""

    sprite: Sprite
    start: float
    end: float
    speaker: str

    def opacity(self, seconds: float) -> float:
        """How much of it is seen: it comes and goes softly."""
        if not self.start <= seconds < self.end:
            return 0.0
        return min(1.0, (seconds - self.start) / FADE_SECONDS + 0.25, (self.end - seconds) / FADE_SECONDS + 0.1)


def is_unspaced(character: str) -> bool:
    """Whether a line may be broken beside it: Chinese and Japanese have no blanks, Korean has."""
    return is_wide(character) and not is_hangul(character)


def pieces(text: str) -> list[str]:
    """What a line may be broken between: words with their blank, single CJK characters with their punctuation."""
    parts: list[str] = []
    for character in text:
        if not parts:
            parts.append(character)
            continue
        last = parts[-1]
        glued = character in NOT_FIRST or last[-1] in NOT_LAST or character == " "
        if glued or not (is_unspaced(character) or is_unspaced(last[-1]) or last[-1] == " "):
            parts[-1] = last + character
        else:
            parts.append(character)
    return parts


def phrases(text: str, language: str) -> list[str]:
    """Pieces that keep the words of a language without blanks whole, as BudouX was trained to see them."""
    parser = PARSERS.get(language.split("-", maxsplit=1)[0].lower())
    if parser is None:
        return pieces(text)
    ends = set(accumulate(len(phrase) for phrase in parser().parse(text)))
    joined: list[str] = []
    at = 0
    for piece in pieces(text):
        if joined and at not in ends and not joined[-1].endswith(" "):
            joined[-1] += piece
        else:
            joined.append(piece)
        at += len(piece)
    return joined


def broken(parts: list[str], limit: float, width: Callable[[str], float]) -> list[str]:
    """Lines of whole pieces no wider than `limit`; a piece that alone is wider is cut by characters."""
    lines, line = list[str](), ""
    for piece in parts:
        if width((line + piece).rstrip()) <= limit:
            line += piece
            continue
        if line.strip():
            lines.append(line.strip())
        line = piece
        while width(line.rstrip()) > limit and len(line) > 1:
            cut = next((at for at in range(len(line) - 1, 0, -1) if width(line[:at]) <= limit), 1)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.strip()] if line.strip() else lines


def balanced(parts: list[str], limit: float, width: Callable[[str], float]) -> list[str]:
    """The same number of lines as `broken`, but as even as they can be."""
    lines = broken(parts, limit, width)
    if len(lines) < 2:
        return lines
    # Narrower than its widest word no line is even: the word would be cut.
    low, high = max(limit / 2, min(limit, max(width(part.rstrip()) for part in parts))), limit
    for _ in range(7):
        middle = (low + high) / 2
        if len(broken(parts, middle, width)) <= len(lines):
            high = middle
        else:
            low = middle
    return broken(parts, high, width)


def shortened(name: str, limit: float, width: Callable[[str], float]) -> str:
    """The name, or as much of it as has room."""
    if width(name) <= limit:
        return name
    kept = next(at for at in range(len(name) - 1, -1, -1) if not at or width(f"{name[:at].rstrip()}…") <= limit)
    return f"{name[:kept].rstrip()}…"


def lay_out(captions: list[Caption], frame: tuple[int, int], language: str = "und") -> list[Page]:
    """All pages of a shot; longer texts share their time among their pages by length."""
    size = max(12, round(min(frame[1] * 0.047, frame[0] * 0.058)))
    letters, names = Lettering(size), Lettering(max(10, round(size * 0.78)), BOLD)
    return [page for caption in captions for page in _pages(caption, frame, (letters, names), language)]


def _pages(caption: Caption, frame: tuple[int, int], fonts: tuple[Lettering, Lettering], language: str) -> list[Page]:
    text, letters = printable(caption.text), fonts[0]
    if not text:
        return []
    limit = min(frame[0] * (1 - 2 * SAFE) - 2.2 * letters.height, 34 * 0.62 * letters.height * 1.25)
    parts = phrases(text, language)
    lines = broken(parts, limit, letters.width)
    count = -(-len(lines) // LINES_MAX)
    groups = [lines[index * LINES_MAX : (index + 1) * LINES_MAX] for index in range(count)]
    if count == 1:
        groups = [balanced(parts, limit, letters.width)]
    weights = [sum(len(line) for line in group) for group in groups]
    ends = np.cumsum(weights) / sum(weights) * (caption.end - caption.start) + caption.start
    starts = [caption.start, *ends[:-1]]
    speaker = shortened(printable(caption.speaker), limit, fonts[1].width)
    return [
        Page(_plate(group, speaker, frame, fonts), float(start), float(end), caption.speaker)
        for group, start, end in zip(groups, starts, ends, strict=True)
    ]


def _plate(lines: list[str], speaker: str, frame: tuple[int, int], fonts: tuple[Lettering, Lettering]) -> Sprite:
    letters, names = fonts
    pad_x, pad_y = round(0.62 * letters.height), round(0.30 * letters.height)
    rows = [(names.mask(speaker), NAME_COLOUR, names.line)] if speaker else []
    rows += [(letters.mask(line), (1.0, 1.0, 1.0), letters.line) for line in lines]
    inner = max(mask.shape[1] for mask, _, _ in rows)
    width, height = inner + 2 * pad_x, sum(step for _, _, step in rows) + 2 * pad_y
    plate = _rounded(width, height, round(0.42 * letters.height))
    rgba = np.zeros((height, width, 4), np.float32)
    rgba[..., 3] = plate * 0.60
    rgba[..., :3] = np.array([0.035, 0.04, 0.06], np.float32) * rgba[..., 3:4]
    y = pad_y
    for mask, colour, step in rows:
        _set(rgba, mask, ((width - mask.shape[1]) // 2, y), colour)
        y += step
    left = (frame[0] - width) // 2 & ~1
    top = (round(frame[1] * (1 - SAFE)) - height) & ~1
    return sprite_of(np.round(rgba * 255).astype(np.uint8), (left, top))


def _set(rgba: MatLike, mask: MatLike, corner: tuple[int, int], colour: Colour) -> None:
    """Lay letters with a soft dark edge."""
    left, top = corner
    bottom = min(rgba.shape[0], top + mask.shape[0])
    area = rgba[top:bottom, left : left + mask.shape[1]]
    cover = mask[: bottom - top].astype(np.float32)[..., None] / np.float32(255)
    halo = np.clip(cv2.GaussianBlur(cover, (0, 0), max(1.0, mask.shape[0] * 0.05)) * 1.5, 0, 0.85)[..., None]
    area *= 1 - halo
    area[..., 3:4] += halo
    area *= 1 - cover
    area += cover * np.array([*colour, 1.0], np.float32)


def _rounded(width: int, height: int, radius: int) -> MatLike:
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - radius - 1, height - 1), (255,), -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - radius - 1), (255,), -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, (255,), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32) / np.float32(255)
