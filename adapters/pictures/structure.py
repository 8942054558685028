"""The container of a picture, walked from end to end before any decoder sees it: size, completeness, nothing behind.

A walk reads a few bytes a segment, so that a bomb is refused by its header in microseconds.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from zlib import crc32

from domain.media.errors import PictureRefusal, PictureRefused
from domain.media.models import PictureType

PARTS_MAX = 20_000
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Header:
    """Width and height in pixels as the container states them, before any turning."""

    width: int
    height: int


def refuse(reason: PictureRefusal, message: str) -> PictureRefused:
    return PictureRefused(reason, message)


def _truncated() -> PictureRefused:
    return refuse(PictureRefusal.TRUNCATED, "The file ends before the picture does.")


def _trailing() -> PictureRefused:
    return refuse(PictureRefusal.TRAILING_DATA, "Something follows the end of the picture.")


def _damaged(what: str) -> PictureRefused:
    return refuse(PictureRefusal.DAMAGED, f"The file is damaged: {what}.")


def _animated() -> PictureRefused:
    return refuse(PictureRefusal.ANIMATED, "Animated pictures are not taken; send a still.")


def bounded(parts: Iterable[Part]) -> Iterator[Part]:
    """Hand out the parts of a container, up to more than any real one has: millions of empty ones take seconds."""
    for count, part in enumerate(parts):
        if count == PARTS_MAX:
            raise _damaged("it is in too many parts")
        yield part


def inspect(content: bytes, kind: PictureType) -> Header:
    """Answer the picture's size; raises PictureRefused when the container is not exactly one complete still."""
    try:
        return _WALKS[kind](content)
    except (struct.error, IndexError):
        raise _truncated() from None


# JPEG (ITU T.81 annex B). FF D8, segments with a length, scans without one, FF D9.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKER_BEHIND_SCAN = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_SCAN, _END, _APP2, _MANY = 0xDA, 0xD9, 0xE2, b"MPF\0"
# Encoders write about ten. Each costs a pass over the whole picture, however few bytes it has.
SCANS_MAX = 32
# Filling between markers is legal and short; a long run would take seconds to walk.
_LONG_FILL = b"\xff" * 256
# Cameras write one to four pictures behind the first; each is walked, however few bytes it has.
FOLLOWERS_MAX = 16
_ZEROS = re.compile(rb"\0*")


def _walk_jpeg(content: bytes) -> Header:
    header, end, has_many = _walk_one_jpeg(content, 0)
    # Phones put a gain map or a second view behind the first picture, announced in an MPF segment (CIPA DC-007), and
    # may fill up with zeros before it.
    for _ in range(FOLLOWERS_MAX if has_many else 0):
        start = _behind_zeros(content, end)
        if not content.startswith(b"\xff\xd8\xff", start):
            break
        _, end, _ = _walk_one_jpeg(content, start)
    if _behind_zeros(content, end) != len(content):
        raise _trailing()
    return header


def _behind_zeros(content: bytes, at: int) -> int:
    zeros = _ZEROS.match(content, at)
    return zeros.end() if zeros else at


def _walk_one_jpeg(content: bytes, start: int) -> tuple[Header, int, bool]:
    """Answer the size, the offset behind the end marker, and whether more pictures are announced."""
    frames: list[Header] = []
    scans, end = 0, 0
    has_many = False
    for marker, at, length in bounded(_jpeg_segments(content, start + 2)):
        end = at + length
        scans += marker == _SCAN
        has_many |= marker == _APP2 and content.startswith(_MANY, at + 2)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            frames.append(Header(width, height))
    if len(frames) != 1:
        raise _damaged(f"it has {len(frames)} frames")
    if scans > SCANS_MAX:
        raise _damaged(f"it has {scans} scans")
    return frames[0], end, has_many


def _jpeg_segments(content: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, offset of the length field, length with itself); the end marker has length 0."""
    while at < len(content):
        if content[at] != 0xFF:
            raise _damaged("a marker is missing")
        marker = content[at + 1]
        at += 2 if marker != 0xFF else 1
        if marker == _END:
            yield marker, at, 0
            return
        if marker in _LONE_MARKERS or marker == 0xFF:
            continue
        (length,) = struct.unpack_from(">H", content, at)
        if length < 2:
            raise _damaged("a segment has no length")
        if at + length > len(content):
            raise _truncated()
        yield marker, at, length
        at = _end_of_scan(content, at + length) if marker == _SCAN else at + length


def _end_of_scan(content: bytes, at: int) -> int:
    """Find the next marker behind entropy-coded data, in which FF is followed by 00 or a restart marker."""
    fill = content.find(_LONG_FILL, at)
    found = _MARKER_BEHIND_SCAN.search(content, at, len(content) if fill < 0 else fill)
    if found is None:
        raise _truncated() if fill < 0 else _damaged("it is filled up")
    return found.start()


def _walk_png(content: bytes) -> Header:
    header: Header | None = None
    for name, at, length in bounded(_png_chunks(content)):
        if header is None:
            if name != b"IHDR" or length != 13:
                raise _damaged("it has no header")
            header = Header(*struct.unpack_from(">II", content, at))
        if name == b"acTL":
            raise _animated()
    if header is None:
        raise _truncated()
    return header


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, offset of the data, its length) up to IEND (PNG, third edition, section 5)."""
    at = 8
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise _truncated()
        if crc32(content[at + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            raise _damaged("a checksum is wrong")
        yield name, at + 8, length
        if name == b"IEND":
            if end != len(content):
                raise _trailing()
            return
        at = end
    raise _truncated()


def _walk_webp(content: bytes) -> Header:
    """WebP (RFC 9649): a RIFF form of chunks; VP8X states the canvas, else the first chunk's own header does."""
    (size,) = struct.unpack_from("<I", content, 4)
    end = size + 8
    if end > len(content):
        raise _truncated()
    if content[end:].strip(b"\0"):
        raise _trailing()
    header: Header | None = None
    for name, at in bounded(_webp_chunks(content, end)):
        if name in (b"ANIM", b"ANMF"):
            raise _animated()
        header = header or _webp_size(name, content, at)
    if header is None:
        raise _damaged("it has no picture")
    return header


def _webp_chunks(content: bytes, end: int) -> Iterator[tuple[bytes, int]]:
    """Yield (type, offset of the data)."""
    at = 12
    while at < end:
        name, length = struct.unpack_from("<4sI", content, at)
        if at + 8 + length > end:
            raise _truncated()
        yield name, at + 8
        at += 8 + length + length % 2


def _webp_size(name: bytes, content: bytes, at: int) -> Header | None:
    if name == b"VP8X":
        return Header(_uint24(content, at + 4) + 1, _uint24(content, at + 7) + 1)
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, at + 1)
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, at + 6)
        return Header(width & 0x3FFF, height & 0x3FFF)
    return None


def _uint24(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 3], "little")


# ISO base media (ISO/IEC 14496-12): boxes of size and type. These lie at the top and nothing else does.
_TOP_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"free", b"skip", b"uuid", b"idat", b"moov"})
_SEQUENCE_BRANDS = frozenset({b"avis", b"msf1", b"hevc", b"hevx"})


def _walk_boxes(content: bytes) -> Header:
    if content[8:12] in _SEQUENCE_BRANDS:
        raise _animated()
    sizes: list[Header] = []
    for name, start, end in bounded(_boxes(content)):
        if name == b"moov":
            raise _animated()
        if name == b"meta":
            sizes.extend(_spatial_extents(content[start:end]))
    if not sizes:
        raise _damaged("it has no picture")
    # A picture of tiles states the size of a tile as well: the largest is the whole.
    return max(sizes, key=lambda each: each.width * each.height)


def _boxes(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, start, end) of the boxes at the top."""
    at = 0
    while at < len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        if name not in _TOP_BOXES or 1 < size < 8:
            raise _trailing()
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, at + 8)
        end = at + size if size else len(content)
        if not at + 8 <= end <= len(content):
            raise _truncated()
        yield name, at, end
        at = end


def _spatial_extents(meta: bytes) -> Iterator[Header]:
    """Every `ispe` property (ISO/IEC 23008-12, 6.5.3): version and flags, width, height."""
    at = 0
    while (at := meta.find(b"\0\0\0\x14ispe", at)) >= 0:
        yield Header(*struct.unpack_from(">II", meta, at + 12))
        at += 20


_WALKS: dict[PictureType, Callable[[bytes], Header]] = {
    PictureType.JPEG: _walk_jpeg,
    PictureType.PNG: _walk_png,
    PictureType.WEBP: _walk_webp,
    PictureType.AVIF: _walk_boxes,
    PictureType.HEIC: _walk_boxes,
}
