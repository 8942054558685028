"""What bytes really are, told by their first and last ones, whatever they were called."""

from domain.media.errors import PictureRefusal, PictureRefused
from domain.media.models import PictureType

AVIF_BRANDS = frozenset({b"avif", b"avis"})
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

# What a browser, a PDF reader or an interpreter would run if it were handed the file, and what must follow it.
# Six bytes or more each: random pixels do not spell them. Found by `find`, which takes milliseconds where a regular
# expression can be made to take seconds, in which no other thread runs.
_SPACES, _DIGITS = b" \t\r\n\f", b"0123456789"
_FOREIGN = (
    (b"<script", b""),
    (b"<iframe", b""),
    (b"<!doctype", _SPACES),
    (b"<html", _SPACES + b">"),
    (b"<svg", _SPACES + b">"),
    (b"<?php", _SPACES),
    (b"%pdf-", _DIGITS),
)
_ZIP_END, _ZIP_END_BYTES, _ZIP_COMMENT_BYTES_MAX = b"PK\x05\x06", 22, 65_535


def sniff(content: bytes) -> PictureType:
    """Tell the picture's type by its first bytes; raises PictureRefused for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return PictureType.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureType.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return PictureType.WEBP
    if content[4:8] == b"ftyp":
        return _sniff_boxes(content)
    raise _unknown()


def _sniff_boxes(content: bytes) -> PictureType:
    size = int.from_bytes(content[:4], "big")
    brands = [content[8:12], *(content[at : at + 4] for at in range(16, min(size, len(content), 256), 4))]
    if any(brand in AVIF_BRANDS for brand in brands):
        return PictureType.AVIF
    if any(brand in HEIC_BRANDS for brand in brands):
        return PictureType.HEIC
    raise _unknown()


def _unknown() -> PictureRefused:
    known = ", ".join(kind.name for kind in PictureType)
    return PictureRefused(PictureRefusal.UNKNOWN_TYPE, f"The file is none of {known}.")


def refuse_foreign_content(content: bytes) -> None:
    """Raise PictureRefused for a picture that is a web page, a script, a PDF or a ZIP as well."""
    lower = content.lower()
    if any(_has(lower, start, followers) for start, followers in _FOREIGN) or _ends_like_zip(content):
        raise PictureRefused(PictureRefusal.FOREIGN_CONTENT, "The picture carries content of another kind.")


def _has(lower: bytes, start: bytes, followers: bytes) -> bool:
    if not followers:
        return start in lower
    return any(start + bytes([follower]) in lower for follower in followers)


def _ends_like_zip(content: bytes) -> bool:
    """Whether an end-of-central-directory record closes the file (APPNOTE 4.3.16)."""
    at = content.rfind(_ZIP_END, max(0, len(content) - _ZIP_END_BYTES - _ZIP_COMMENT_BYTES_MAX))
    if at < 0 or len(content) - at < _ZIP_END_BYTES:
        return False
    comment_bytes = int.from_bytes(content[at + 20 : at + 22], "little")
    return at + _ZIP_END_BYTES + comment_bytes == len(content)
