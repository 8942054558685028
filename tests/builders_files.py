"""Pictures as bytes: sound ones of every type, and ones with something wrong."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms

SIZE = (64, 48)
RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 200, 20), (20, 20, 220), (230, 220, 20)
# The decoder of HEIC that we ship cannot encode: 64 x 48, red on the left, blue on the right.
HEIC = (Path(__file__).parent / "data" / "two_colours.heic").read_bytes()

# How a camera stores an upright picture that it tags with each orientation (EXIF 2.32, 4.6.4, tag 274).
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def four_corners(size: tuple[int, int] = SIZE) -> Image.Image:
    """Red and green above, blue and yellow below."""
    small = Image.new("RGB", (2, 2))
    small.putdata([RED, GREEN, BLUE, YELLOW])
    return small.resize(size, Image.Resampling.NEAREST)


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(size: tuple[int, int] = SIZE, **options: object) -> bytes:
    return encode(four_corners(size), "JPEG", **{"quality": 95, "subsampling": 0} | options)


def png(size: tuple[int, int] = SIZE, **options: object) -> bytes:
    return encode(four_corners(size), "PNG", **options)


def webp(**options: object) -> bytes:
    return encode(four_corners(), "WEBP", **{"lossless": True} | options)


def avif() -> bytes:
    return encode(four_corners(), "AVIF", quality=95)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", SIZE, colour) for colour in (GREEN, BLUE)]
    return encode(four_corners(), kind, save_all=True, append_images=frames, duration=100)


def of_two_views(between: bytes = b"") -> bytes:
    """A JPEG with a smaller preview behind it, announced in an MPF segment, as phones write it."""
    preview = Image.new("RGB", (32, 24), GREEN)
    content = encode(four_corners(), "MPO", save_all=True, append_images=[preview], quality=95, subsampling=0)
    second = content.index(b"\xff\xd9\xff\xd8") + 2
    return content[:second] + between + content[second:]


def cut_out() -> bytes:
    """A PNG with a transparent left half."""
    picture = four_corners().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, SIZE[0] // 2, SIZE[1]))
    return encode(picture, "PNG")


def photograph(orientation: int) -> bytes:
    """An upright scene of four corners as a phone writes it: turned, tagged, with its place and its maker."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKER] = "Secret Camera"
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    turn = STORED_AS[orientation]
    stored = four_corners() if turn is None else four_corners().transpose(turn)
    return encode(stored, "JPEG", quality=95, subsampling=0, exif=exif)


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of_header(width: int, height: int, *, data: bytes = b"not even deflated") -> bytes:
    """A PNG that claims a size and has nothing that could be decoded: only who decodes it notices."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bomb() -> bytes:
    """Fifty megapixels of black in a few kilobytes."""
    width, height = 10_000, 5_000
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zip_archive() -> bytes:
    """The smallest ZIP: an end record of an empty archive."""
    return b"PK\x05\x06" + bytes(18)


def with_comment(text: bytes) -> bytes:
    return jpeg(comment=text)


def patched(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def lying_avif() -> bytes:
    """An AVIF of 64 x 48 whose boxes say 32 x 24."""
    return avif().replace(struct.pack(">II", 64, 48), struct.pack(">II", 32, 24))


def of_many_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    content = jpeg(progressive=True)
    scan = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + scan * count + content[-2:]


def of_many_parts() -> dict[str, bytes]:
    """A picture of each container with thousands of empty parts in it."""
    count = 20_001
    plain, drawn, still = jpeg(), png(), webp()[12:] + b"JUNK\0\0\0\0" * count
    return {
        "JPEG": plain[:2] + b"\xff\xfe\x00\x02" * count + plain[2:],
        "PNG": drawn[:33] + chunk(b"teXt", b"") * count + drawn[33:],
        "WEBP": b"RIFF" + struct.pack("<I", len(still) + 4) + b"WEBP" + still,
        "AVIF": avif() + b"\0\0\0\x08free" * count,
    }
