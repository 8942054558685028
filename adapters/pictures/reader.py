"""Checked pictures decoded and encoded anew: upright, sRGB, eight bits a channel, without metadata."""

import asyncio
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from pi_heif import register_heif_opener
from PIL import Image, ImageCms, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from adapters.pictures.av1 import frame_sizes
from adapters.pictures.signatures import refuse_foreign_content, sniff
from adapters.pictures.structure import Header, inspect, refuse
from domain.media.errors import PictureRefusal, PictureRefused
from domain.media.models import Picture, PictureType
from domain.media.policies import (
    PICTURE_PIXELS_MAX,
    PICTURE_SIDE_MAX,
    PICTURE_SIDE_MIN,
    THUMBNAIL_SIDE_MAX,
    UPLOAD_BYTES_MAX,
    WORKING_SIDE_MAX,
)

# A picture of 40 megapixels takes up to 320 MB while it is decoded.
PICTURES_AT_ONCE_MAX = 2
WORKING_QUALITY, THUMBNAIL_QUALITY = 95, 82
_FORMATS = {
    PictureType.PNG: "PNG",
    PictureType.WEBP: "WEBP",
    PictureType.AVIF: "AVIF",
    PictureType.HEIC: "HEIF",
}
_DECODER_COMPLAINTS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)

# How to turn a picture with each orientation upright (EXIF 2.32, 4.6.4, tag 274).
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_THEIR_SIDE = frozenset({5, 6, 7, 8})

register_heif_opener()


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What is taken; the pixels are counted by the header, before decoding."""

    bytes_max: int = UPLOAD_BYTES_MAX
    pixels_max: int = PICTURE_PIXELS_MAX
    side_min: int = PICTURE_SIDE_MIN
    side_max: int = PICTURE_SIDE_MAX
    working_side_max: int = WORKING_SIDE_MAX
    thumbnail_side_max: int = THUMBNAIL_SIDE_MAX


class PillowPictureReader:
    """Reads JPEG, PNG, WebP, AVIF and HEIC in threads, a few at once; Pillow lets go of the interpreter's lock."""

    def __init__(self, limits: PictureLimits | None = None) -> None:
        self._limits = limits or PictureLimits()
        self._turns = asyncio.Semaphore(PICTURES_AT_ONCE_MAX)

    async def read(self, content: bytes) -> Picture:
        async with self._turns:
            return await asyncio.to_thread(read_picture, content, self._limits)


def read_picture(content: bytes, limits: PictureLimits) -> Picture:
    """Check and encode anew; raises PictureRefused, before decoding wherever the bytes alone tell."""
    kind = _check(content, limits)
    still, size = _decode(content, kind, limits)
    thumbnail = still.copy()
    _shrink(thumbnail, limits.thumbnail_side_max)
    has_alpha = still.mode == "RGBA"
    # Lossless where there is a cut-out to keep; a photograph as PNG would be five times as large.
    working_type = PictureType.PNG if has_alpha else PictureType.WEBP
    return Picture(
        type=kind,
        width=size.width,
        height=size.height,
        has_alpha=has_alpha,
        working=_encode(still, working_type, WORKING_QUALITY),
        working_type=working_type,
        working_width=still.width,
        working_height=still.height,
        thumbnail=_encode(thumbnail, PictureType.WEBP, THUMBNAIL_QUALITY),
        thumbnail_type=PictureType.WEBP,
    )


def _check(content: bytes, limits: PictureLimits) -> PictureType:
    if not content:
        raise refuse(PictureRefusal.EMPTY, "The file is empty.")
    if len(content) > limits.bytes_max:
        raise refuse(PictureRefusal.TOO_MANY_BYTES, f"A picture has at most {limits.bytes_max} bytes.")
    kind = sniff(content)
    _check_size(inspect(content, kind), limits)
    for frame in frame_sizes(content) if kind is PictureType.AVIF else ():
        _check_pixels(frame, limits)
    refuse_foreign_content(content)
    return kind


def _check_size(size: Header, limits: PictureLimits) -> None:
    _check_pixels(size, limits)
    if min(size.width, size.height) < limits.side_min:
        raise refuse(PictureRefusal.TOO_SMALL, f"A side has at least {limits.side_min} pixels.")


def _check_pixels(size: Header, limits: PictureLimits) -> None:
    if size.width * size.height > limits.pixels_max or max(size.width, size.height) > limits.side_max:
        message = f"{size.width} x {size.height} pixels are too many; {limits.pixels_max} are taken."
        raise refuse(PictureRefusal.TOO_MANY_PIXELS, message)


def _decode(content: bytes, kind: PictureType, limits: PictureLimits) -> tuple[Image.Image, Header]:
    """Answer the picture, small enough to work with, and its full size, upright."""
    try:
        with _open(content, kind) as opened:
            _check_size(Header(*opened.size), limits)
            if kind is not PictureType.HEIC and getattr(opened, "n_frames", 1) != 1:
                raise refuse(PictureRefusal.ANIMATED, "Animated pictures are not taken; send a still.")
            return _upright(opened, limits)
    except PictureRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise refuse(PictureRefusal.TOO_MANY_PIXELS, "The decoder finds more pixels than the header told.") from None
    except UnidentifiedImageError:
        raise refuse(PictureRefusal.DAMAGED, "The decoder does not know the file.") from None
    except _DECODER_COMPLAINTS as complaint:
        is_short = "truncated" in str(complaint).lower()
        reason = PictureRefusal.TRUNCATED if is_short else PictureRefusal.DAMAGED
        raise refuse(reason, "The picture cannot be decoded.") from complaint


def _open(content: bytes, kind: PictureType) -> Image.Image:
    if kind is PictureType.JPEG:
        # The first picture alone: by `Image.open` one with a preview or a gain map behind it is a sequence of two.
        return JpegImageFile(BytesIO(content))
    return Image.open(BytesIO(content), formats=[_FORMATS[kind]])


def _upright(opened: Image.Image, limits: PictureLimits) -> tuple[Image.Image, Header]:
    if opened.format == "PNG":
        opened.load()  # its metadata may lie behind the pixels
    orientation = _orientation(opened)
    full = Header(*opened.size)
    size = Header(full.height, full.width) if orientation in _ON_THEIR_SIDE else full
    profile = opened.info.get("icc_profile")
    # A JPEG is decoded at a fraction of its size when that is enough; other types ignore the wish.
    opened.draft(None, (limits.working_side_max, limits.working_side_max))
    still = _plain(opened)
    _shrink(still, limits.working_side_max)
    turn = _TURNS.get(orientation)
    still = still.transpose(turn) if turn is not None else still
    return _to_srgb(still, profile if isinstance(profile, bytes) else None), size


def _orientation(opened: Image.Image) -> int:
    try:
        return int(opened.getexif().get(_ORIENTATION_TAG, 1))
    except (SyntaxError, ValueError, TypeError, KeyError, struct.error):
        # Broken metadata: the picture is shown as it is stored, as every viewer does.
        return 1


def _plain(still: Image.Image) -> Image.Image:
    """Answer it in mode L, RGB, RGBA or CMYK, eight bits a channel."""
    if still.mode.startswith("I"):
        # Sixteen bits of grey; Pillow's own conversion clips at 255.
        still = still.convert("I").point(_high_byte).convert("L")
    if still.has_transparency_data:
        return still.convert("RGBA")
    if still.mode in ("L", "RGB", "CMYK"):
        return still
    return still.convert("RGB")


def _shrink(still: Image.Image, side_max: int) -> None:
    still.thumbnail((side_max, side_max), Image.Resampling.LANCZOS)


_high_byte: Callable[[int], float] = lambda value: value * (1 / 257)  # noqa: E731 -- Pillow wants a linear expression


def _to_srgb(still: Image.Image, profile: bytes | None) -> Image.Image:
    alpha = still.getchannel("A") if still.mode == "RGBA" else None
    colours = still.convert("RGB") if still.mode == "RGBA" else still
    colours = _apply_profile(colours, profile) if profile else colours
    colours = colours.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    # A fresh picture: whatever the file carried besides pixels stays behind.
    clean = Image.new(colours.mode, colours.size)
    clean.paste(colours)
    return clean


def _apply_profile(still: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(still, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A broken profile, or one for another colour space than the picture's: browsers show it without, so do we.
        return still
    return converted or still


def _encode(still: Image.Image, kind: PictureType, quality: int) -> bytes:
    out = BytesIO()
    if kind is PictureType.PNG:
        still.save(out, "PNG", compress_level=4)
    else:
        still.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()
