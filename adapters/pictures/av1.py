"""How large the frames in an AVIF really are: its decoder allocates by the AV1 sequence header, not by the boxes.

Sources: ISO/IEC 14496-12 8.11.3 and 8.11.6 (where items lie and what they are), AV1 Bitstream 5.3 and 5.5 (units and
the sequence header).
"""

from collections.abc import Iterator, Mapping, Sequence

from adapters.pictures.structure import Header, bounded, refuse
from domain.media.errors import PictureRefusal, PictureRefused

_SEQUENCE_HEADER = 1
_HEADER_BYTES = 8


class Bits:
    """Reads whole numbers of any width, most significant bit first; raises IndexError behind the end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def read(self, width: int) -> int:
        value = 0
        for _ in range(width):
            value = value << 1 | self._content[self._at >> 3] >> (7 - self._at % 8) & 1
            self._at += 1
        return value


class Bytes:
    """Reads whole numbers of any number of bytes, most significant byte first; raises IndexError behind the end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def read(self, width: int) -> int:
        self._at += width
        if self._at > len(self._content):
            raise IndexError
        return int.from_bytes(self._content[self._at - width : self._at], "big")


def frame_sizes(content: bytes) -> list[Header]:
    """Answer the largest frame that each coded picture of an AVIF may hold; raises PictureRefused."""
    try:
        meta = _box(content, b"meta")
        coded = _coded_items(_box(meta[12:], b"iinf"))
        streams: dict[int, list[memoryview]] = {}
        for item, extent in bounded(_extents(content, meta)):
            streams.setdefault(item, []).append(extent)
        _refuse_overlaps(content, streams)
        return [_size(b"".join(parts)) for item, parts in streams.items() if item in coded]
    except IndexError:
        raise _damaged("its boxes are broken") from None


def _refuse_overlaps(content: bytes, streams: Mapping[int, Sequence[memoryview]]) -> None:
    # Items that share bytes could add up to any size.
    if sum(len(part) for parts in streams.values() for part in parts) > len(content):
        raise _damaged("its items overlap")


def _damaged(what: str) -> PictureRefused:
    return refuse(PictureRefusal.DAMAGED, f"The file is damaged: {what}.")


def _children(content: bytes) -> Iterator[bytes]:
    at = 0
    while at + _HEADER_BYTES <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        end = at + size if size else len(content)
        if not at + _HEADER_BYTES <= end <= len(content):
            raise _damaged("a box is longer than what holds it")
        yield content[at:end]
        at = end


def _box(content: bytes, name: bytes) -> bytes:
    found = [box for box in bounded(_children(content)) if box[4:8] == name]
    if len(found) != 1:
        raise _damaged(f"it has not one {name.decode()} box")
    return found[0]


def _coded_items(infos: bytes) -> set[int]:
    """The items that are AV1 pictures (8.11.6: item id in 16 bits, from version 3 on in 32)."""
    start = 14 if infos[8] == 0 else 16
    coded: set[int] = set()
    for entry in bounded(_children(infos[start:])):
        width = 4 if entry[8] >= 3 else 2
        if entry[12 + width + 2 : 12 + width + 6] == b"av01":
            coded.add(int.from_bytes(entry[12 : 12 + width], "big"))
    return coded


def _extents(content: bytes, meta: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield each part of each item (8.11.3), from the file or from the `idat` box; slices, not yet joined."""
    location = _box(meta[12:], b"iloc")
    version, widths, table = location[8], Bits(location[12:14]), Bytes(location[14:])
    offset_width, length_width, base_width, index_width = (widths.read(4) for _ in range(4))
    id_width = 4 if version == 2 else 2
    view = memoryview(content)
    for _ in range(table.read(id_width)):
        item = table.read(id_width)
        method = table.read(2) & 15 if version else 0
        table.read(2)
        base = table.read(base_width)
        source = view if method == 0 else memoryview(_box(meta[12:], b"idat"))[_HEADER_BYTES:]
        for _ in range(table.read(2)):
            table.read(index_width if version else 0)
            start = base + table.read(offset_width)
            length = table.read(length_width)
            yield item, source[start : start + length if length else None]


def _size(stream: bytes) -> Header:
    """The largest frame of a stream of units; each may have a sequence header of its own."""
    sizes = [_size_in(unit) for kind, unit in bounded(_units(stream)) if kind == _SEQUENCE_HEADER]
    if not sizes:
        raise _damaged("a coded picture does not tell its size")
    return max(sizes, key=lambda each: each.width * each.height)


def _units(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(stream):
        kind, has_extension, has_size = stream[at] >> 3 & 15, stream[at] & 4, stream[at] & 2
        at += 2 if has_extension else 1
        length, at = _length(stream, at) if has_size else (len(stream) - at, at)
        yield kind, stream[at : at + length]
        at += length


def _length(stream: bytes, at: int) -> tuple[int, int]:
    """A little-endian base 128 number of at most eight bytes (4.10.5) and the offset behind it."""
    value = 0
    for index in range(8):
        value |= (stream[at + index] & 127) << 7 * index
        if stream[at + index] < 128:
            return value, at + index + 1
    raise _damaged("a length never ends")


def _size_in(sequence_header: bytes) -> Header:
    bits = Bits(sequence_header)
    bits.read(4)  # profile, still picture
    if bits.read(1):
        bits.read(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return Header(bits.read(width_bits) + 1, bits.read(height_bits) + 1)


def _skip_operating_points(bits: Bits) -> None:
    if bits.read(1):
        raise _damaged("a still has no time")
    has_delays = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if has_delays and bits.read(1):
            bits.read(4)
