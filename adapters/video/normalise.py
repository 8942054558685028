"""A clip's form, and clips made over into another: letterboxed, in even time, without sound."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from adapters.video.probe import NotAVideo

Pixels = NDArray[np.uint8]

OPTIONS = {
    "preset": "veryfast",
    "crf": "19",
    "x264-params": "bframes=0:open-gop=0:scenecut=0:force-cfr=1:aq-mode=3",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What two clips must share to be joined by copying; `parameters` are H.264's sequence and picture sets."""

    codec: str
    pixel_format: str
    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    parameters: bytes
    has_audio: bool

    @property
    def is_joinable(self) -> bool:
        """Whether others may be made like this one."""
        return self.codec == "h264" and self.pixel_format == "yuv420p" and not self.has_audio

    @staticmethod
    def plain(width: int, height: int, rate: Fraction) -> "Form":
        """The form to make everything over into when no clip has a joinable one."""
        return Form("h264", "yuv420p", width & ~1, height & ~1, rate, Fraction(0), b"", has_audio=False)


def form_of(path: Path) -> Form:
    """Read it from the file's header; raises NotAVideo."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise NotAVideo(f"{path.name} has no picture.")
            stream = container.streams.video[0]
            context = stream.codec_context
            return Form(
                codec=context.name,
                pixel_format=str(context.pix_fmt),
                width=context.width,
                height=context.height,
                rate=Fraction(stream.average_rate or stream.guessed_rate or 24),
                time_base=Fraction(stream.time_base or 0),
                parameters=bytes(context.extradata or b""),
                has_audio=bool(container.streams.audio),
            )
    except (FFmpegError, OSError) as error:
        raise NotAVideo(f"{path.name} cannot be read: {error}") from error


def normalised(clip: Path, made: Path, wanted: Form) -> Path:
    """Encode the clip again in the wanted form, each moment shown by the picture that was up at that time."""
    rate = wanted.rate
    with av.open(str(made), "w", format="mp4", options={"fflags": "+bitexact"}) as output:
        stream = output.add_stream("libx264", rate=rate, options=OPTIONS)
        stream.width, stream.height, stream.pix_fmt = wanted.width, wanted.height, "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        context.gop_size = round(rate * 2)
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1
        for number, pixels in enumerate(_paced(clip, rate)):
            picture = av.VideoFrame.from_ndarray(_fitted(pixels, (wanted.width, wanted.height)), format="rgb24")
            frame = picture.reformat(format="yuv420p", dst_colorspace="itu709")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return made


def _paced(clip: Path, rate: Fraction) -> Iterator[Pixels]:
    """Pictures at an even rate: the clip's own repeated or left out, never blended."""
    shown = 0
    last: Pixels | None = None
    end = Fraction(0)
    try:
        with av.open(str(clip)) as container:
            stream = container.streams.video[0]
            step = 1 / Fraction(stream.average_rate or stream.guessed_rate or 24)
            start: float | None = None
            for frame in container.decode(stream):
                moment = float(frame.time or 0.0)
                start = moment if start is None else start
                while last is not None and shown / rate < moment - start - 1e-6:
                    yield last
                    shown += 1
                last = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
                end = Fraction(moment - start) + step
    except FFmpegError as error:
        raise NotAVideo(f"{clip.name} cannot be decoded: {error}") from error
    while last is not None and shown < max(1, round(end * rate)):
        yield last
        shown += 1


def _fitted(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Whole in the frame, black where its shape leaves room."""
    width, height = size
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    inner = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    canvas = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas[top : top + inner[1], left : left + inner[0]] = small
    return canvas
