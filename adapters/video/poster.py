"""A film's poster: its most telling frame as JPEG or WebP."""

from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from cv2.typing import MatLike

from adapters.video.probe import NotAVideo

CANDIDATES = 24
# How far to decode from where a seek lands: clips begin a new group of pictures every two seconds.
GROUP_SECONDS = 2


def make_poster(film: Path, poster: Path, *, width_max: int = 1280) -> None:
    """Write the frame with the most light, colour and detail; `poster` ends in .jpg or .webp.

    Looked for through the whole film but its very beginning and end, where pictures fade. Raises NotAVideo.
    """
    best = max(_candidates(film), key=telling)
    scale = min(1.0, width_max / best.shape[1])
    if scale < 1:
        best = cv2.resize(best, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    quality = [cv2.IMWRITE_WEBP_QUALITY, 84] if poster.suffix == ".webp" else [cv2.IMWRITE_JPEG_QUALITY, 88]
    done, packed = cv2.imencode(poster.suffix, best, quality)
    if not done:
        raise ValueError(f"A poster cannot be written as {poster.suffix}.")
    poster.write_bytes(packed.tobytes())


def telling(picture: MatLike) -> float:
    """How much a picture shows: contrast and colour count, black, white and washed-out ones lose."""
    small = cv2.resize(picture, (160, 90), interpolation=cv2.INTER_AREA).astype(np.float32)
    grey = small.mean(2)
    colour = (small.max(2) - small.min(2)).mean()
    detail = np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean()
    exposure = max(0.0, 1 - abs(float(grey.mean()) - 118) / 118)
    return float((grey.std() + 0.6 * colour + 2.0 * detail) * (0.25 + exposure))


def _candidates(film: Path) -> list[MatLike]:
    """BGR pictures at even distances; reached by seeking, so that a long film costs no more."""
    found: list[MatLike] = []
    try:
        with av.open(str(film)) as container:
            stream = container.streams.video[0]
            base = stream.time_base
            length = float(stream.duration * base) if stream.duration and base else 0.0
            for share in np.linspace(0.04, 0.94, CANDIDATES):
                if base and length:
                    container.seek(int(share * length / base), stream=stream)
                frame = _frame_at(container, stream, share * length)
                if frame is not None:
                    found.append(frame.to_ndarray(format="bgr24"))
    except (FFmpegError, OSError, IndexError) as error:
        raise NotAVideo(f"{film.name} cannot be decoded: {error}") from error
    if not found:
        raise NotAVideo(f"{film.name} holds no frame.")
    return found


def _frame_at(container: InputContainer, stream: VideoStream, seconds: float) -> av.VideoFrame | None:
    """The frame of this moment, or the last before it within reach.

    A seek lands on the beginning of a group of pictures, which often is a fade's black or a slate.
    """
    reached: av.VideoFrame | None = None
    for frame in islice(container.decode(stream), round(GROUP_SECONDS * (stream.average_rate or 24)) + 1):
        reached = frame
        if frame.pts is None or frame.time >= seconds:
            break
    return reached
