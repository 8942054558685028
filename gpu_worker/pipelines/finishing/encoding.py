"""Clips as H.264 in MP4, all of one size and rate with the same parameter sets, so that they join by stream copy."""

from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.stream import VideoStream
from cv2.typing import MatLike

from gpu_worker.pipelines.finishing.picture import Frame

# No B-frames and closed groups: every clip can stand before or after any other. One thread: the same bytes each time.
OPTIONS = {
    "preset": "veryfast",
    "crf": "19",
    "x264-params": "bframes=0:open-gop=0:scenecut=0:force-cfr=1:aq-mode=3",
}


class ClipWriter:
    """Writes frames to one file; leaving the block closes it, and removes what a raised error left unfinished."""

    def __init__(self, path: Path, size: tuple[int, int], rate: int) -> None:
        self._path = path
        self._container = av.open(
            str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
        )
        self._stream: VideoStream = self._container.add_stream("libx264", rate=rate, options=OPTIONS)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.thread_count = 1
        context.gop_size = rate * 2
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1
        self._frame = av.VideoFrame(size[0], size[1], "yuv420p")
        self._count = 0

    def __enter__(self) -> "ClipWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def write(self, frame: Frame) -> None:
        """Encode the next frame."""
        picture = av.VideoFrame(self._frame.width, self._frame.height, "yuv420p")
        planes = (frame.luma, frame.chroma[..., 0], frame.chroma[..., 1])
        for plane, pixels in zip(picture.planes, planes, strict=True):
            _fill(plane, pixels)
        picture.pts = self._count
        self._count += 1
        self._container.mux(self._stream.encode(picture))


def _fill(plane: VideoPlane, pixels: MatLike) -> None:
    target = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    target[:, : plane.width] = pixels
