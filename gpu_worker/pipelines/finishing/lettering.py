"""Letters as coverage masks, in any of the writing systems that OpenCV's built-in fonts hold."""

import unicodedata

import cv2
import numpy as np
from cv2.typing import MatLike

REGULAR, BOLD = 480, 680
BEYOND = 0x1F000  # the first code that no built-in font can draw, and all after it
# How the names of letters and marks begin that the fonts hold, after Unicode.
WRITING = (
    *("LATIN", "GREEK", "CYRILLIC", "COMBINING", "MODIFIER", "VARIATION SELECTOR"),
    *("CJK", "KANGXI", "IDEOGRAPHIC", "BOPOMOFO", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "HALFWIDTH"),
    *("FEMININE ORDINAL", "MASCULINE ORDINAL", "MICRO SIGN", "VERTICAL KANA", "OHM SIGN", "KELVIN", "ANGSTROM"),
)


def is_wide(character: str) -> bool:
    """Whether it is a Chinese, Japanese or Korean character or their full-width punctuation."""
    code = ord(character)
    return (
        0x1100 <= code <= 0x11FF
        or 0x2E80 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFFEF
        or 0x20000 <= code <= 0x3FFFF
    )


def is_hangul(character: str) -> bool:
    """Whether it is a Korean letter or syllable."""
    code = ord(character)
    return 0x1100 <= code <= 0x11FF or 0x3130 <= code <= 0x318F or 0xAC00 <= code <= 0xD7AF


def printable(text: str) -> str:
    """Without what no built-in font can draw (emoji, controls) and marks that are not seen; runs of blanks become one.

    Nothing where a letter is of a writing system that has to be shaped or turned (Arabic, Hebrew, the Indian ones) or
    that the fonts do not hold: wrong letters are worse than none.
    """
    if not all(_is_known(character) for character in text):
        return ""
    kept = "".join(_drawn(character) for character in text)
    return " ".join(kept.split())


def _is_known(character: str) -> bool:
    """Whether it is no letter, or one of the fonts' writing systems; rare Chinese characters are beyond them."""
    is_letter = unicodedata.category(character)[0] in "LM"
    return not is_letter or (ord(character) < BEYOND and unicodedata.name(character, "").startswith(WRITING))


def _drawn(character: str) -> str:
    """The character; nothing for joiners, soft hyphens and variation selectors; a blank for what cannot be drawn."""
    if unicodedata.category(character) == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F:
        return ""
    return character if character.isprintable() and ord(character) < BEYOND else " "


class Lettering:
    """One size of letters. The font is opened once and belongs to one thread."""

    def __init__(self, height: int, weight: int = REGULAR) -> None:
        self.height = height
        self._weight = weight
        self._font = cv2.FontFace("sans")

    @property
    def line(self) -> int:
        """The distance of two base lines px."""
        return round(self.height * 1.36)

    def width(self, text: str) -> int:
        """The advance width of a text px."""
        if not text:
            return 0
        left, _, across, _ = cv2.getTextSize((0, 0), text, (0, 0), self._font, self.height, self._weight)
        return int(left + across) + 1

    def mask(self, text: str) -> MatLike:
        """Coverage, uint8; the base line lies `height` px below the top, a third of it is left below."""
        width, height = self.width(text) + 4, round(self.height * 1.36)
        canvas = np.zeros((height, max(width, 4), 3), np.uint8)
        cv2.putText(canvas, text, (2, self.height), (255, 255, 255), self._font, self.height, self._weight)
        letters = canvas[..., 0]
        if any(is_wide(character) for character in text):
            # The built-in CJK font has one weight, a light one: thicken it by a part of a pixel.
            shift = np.array([[1, 0, self.height * 0.018], [0, 1, 0]], np.float64)
            letters = cv2.max(letters, cv2.warpAffine(letters, shift, (letters.shape[1], letters.shape[0])))
        return letters
