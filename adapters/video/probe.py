"""What a video file really is, found by decoding all of it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError


class NotAVideo(Exception):
    """The file cannot be decoded from end to end."""


@dataclass(frozen=True, slots=True)
class FilmProbe:
    """A decoded video: what is in it, not what its header claims."""

    codec: str
    pixel_format: str
    width: int
    height: int
    frames: int
    frames_per_second: Fraction
    duration_seconds: float
    size_bytes: int
    has_audio: bool
    is_faststart: bool


def probe(path: Path) -> FilmProbe:
    """Decode every frame; raises NotAVideo where that fails or there is none."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise NotAVideo(f"{path.name} has no picture.")
            return _decoded(container, path)
    except (FFmpegError, OSError) as error:
        raise NotAVideo(f"{path.name} cannot be decoded: {error}") from error


def _decoded(container: InputContainer, path: Path) -> FilmProbe:
    stream = container.streams.video[0]
    frames, end = 0, 0.0
    rate = stream.average_rate or stream.guessed_rate or Fraction(24)
    for frame in container.decode(stream):
        frames += 1
        end = max(end, float(frame.time or 0.0) + float(1 / rate))
    if not frames:
        raise NotAVideo(f"{path.name} holds no frame.")
    return FilmProbe(
        codec=stream.codec_context.name,
        pixel_format=str(stream.codec_context.pix_fmt),
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        frames=frames,
        frames_per_second=Fraction(rate),
        duration_seconds=end,
        size_bytes=path.stat().st_size,
        has_audio=bool(container.streams.audio),
        is_faststart=is_faststart(path),
    )


def is_faststart(path: Path) -> bool:
    """Whether an MP4's index stands before its pictures, so that playing can begin at once (ISO/IEC 14496-12)."""
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, kind = int.from_bytes(head[:4], "big"), head[4:]
            if kind in {b"moov", b"mdat"}:
                return kind == b"moov"
            skipped = int.from_bytes(file.read(8), "big") - 16 if size == 1 else size - 8
            if skipped < 0:
                return False
            file.seek(skipped, 1)
    return False
