"""The domain's film joiner over clips, posters and probes, off the event loop."""

import asyncio
from hashlib import file_digest
from pathlib import Path

from adapters.video.join import join_clips
from adapters.video.poster import make_poster
from adapters.video.probe import FilmProbe, NotAVideo
from domain.errors import Invalid
from domain.media.models import Content
from domain.renders.models import Probe
from domain.renders.ports import JoinedFile, JoinedFilm, JoinOrder


class PyAVFilmJoiner:
    """Joins by stream copy where the clips allow it, in a thread: PyAV lets the interpreter go while it works."""

    async def join(self, order: JoinOrder) -> JoinedFilm:
        try:
            return await asyncio.to_thread(_join, order)
        except NotAVideo as error:
            raise Invalid(str(error)) from error


def _join(order: JoinOrder) -> JoinedFilm:
    film, poster, captions = (order.folder / name for name in ("film.mp4", "poster.jpg", "captions.vtt"))
    found = join_clips(order.clips, film)
    if (found.width, found.height) != (order.frame.width, order.frame.height):
        raise NotAVideo(
            f"The film is {found.width}x{found.height} and was to be {order.frame.width}x{order.frame.height}."
        )
    if found.frames_per_second != order.frames_per_second:
        raise NotAVideo(f"The film has {found.frames_per_second} frames a second, not {order.frames_per_second}.")
    make_poster(film, poster)
    captions.write_text(order.captions, encoding="utf-8")
    return JoinedFilm(
        _probe(found, order.frames_per_second),
        _measure(film, "video/mp4"),
        _measure(poster, "image/jpeg"),
        _measure(captions, "text/vtt"),
    )


def _probe(found: FilmProbe, frames_per_second: int) -> Probe:
    return Probe(
        width=found.width,
        height=found.height,
        frames=found.frames,
        frames_per_second=frames_per_second,
        size_bytes=found.size_bytes,
        video_codec=found.codec,
        pixel_format=found.pixel_format,
    )


def _measure(path: Path, content_type: str) -> JoinedFile:
    with path.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    return JoinedFile(path, Content(content_type, path.stat().st_size, sha256))
