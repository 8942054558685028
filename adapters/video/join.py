"""Clips joined into one film by stream copy; clips of other engines are first made like the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from adapters.video.normalise import Form, form_of, normalised
from adapters.video.probe import FilmProbe, NotAVideo, probe


@dataclass(slots=True)
class _Reel:
    """The film being written and where its next clip begins, in seconds."""

    container: OutputContainer
    stream: VideoStream
    start: Fraction = Fraction(0)


def join_clips(clips: Sequence[Path], film: Path) -> FilmProbe:
    """Write `film` (H.264, yuv420p, MP4 with its index in front) from the clips in order and probe it.

    The first clip sets size, rate and parameter sets; a clip that differs is encoded again. Raises ValueError when
    there is no clip, NotAVideo when one cannot be read or the film came out wrong.
    """
    if not clips:
        raise ValueError("A film needs at least one clip.")
    with TemporaryDirectory(dir=film.parent) as folder:
        ready = _alike(clips, Path(folder))
        seconds = _copied(ready, film)
    found = probe(film)
    if abs(found.duration_seconds - float(seconds)) > 1.01 / float(found.frames_per_second):
        raise NotAVideo(f"{film.name} lasts {found.duration_seconds:.3f} s instead of {float(seconds):.3f} s.")
    return found


def _alike(clips: Sequence[Path], folder: Path) -> list[Path]:
    """The clips, those that differ from the wanted form replaced by copies in it."""
    forms = [form_of(clip) for clip in clips]
    wanted = next((form for form in forms if form.is_joinable), None)
    if wanted is None:
        wanted = Form.plain(forms[0].width, forms[0].height, forms[0].rate)
    ready: list[Path] = []
    for index, (clip, form) in enumerate(zip(clips, forms, strict=True)):
        ready.append(clip if form == wanted else normalised(clip, folder / f"{index:05}.mp4", wanted))
    made = {form_of(clip) for clip in ready}
    if len(made) > 1:
        # Some other encoder's parameter sets: nothing is copied, all are made alike.
        ready = [normalised(clip, folder / f"again-{index:05}.mp4", wanted) for index, clip in enumerate(clips)]
    return ready


def _copied(clips: Sequence[Path], film: Path) -> Fraction:
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(film), "w", format="mp4", options=options) as output:
        reel: _Reel | None = None
        for clip in clips:
            with av.open(str(clip)) as source:
                if reel is None:
                    reel = _Reel(output, output.add_stream_from_template(source.streams.video[0]))
                _append(source, reel)
        return reel.start if reel else Fraction(0)


def _append(source: InputContainer, reel: _Reel) -> None:
    """Copy every packet, moved to where the film has got to; the clip ends one frame after its last picture."""
    stream = source.streams.video[0]
    rate, base = stream.average_rate, stream.time_base
    if rate is None or base is None:
        raise NotAVideo(f"{source.name} does not say how fast it runs.")
    shift, count = round(reel.start / base), 0
    first: int | None = None
    for packet in source.demux(stream):
        if packet.dts is None or packet.pts is None:
            continue
        first = packet.dts if first is None else first
        packet.pts += shift - first
        packet.dts += shift - first
        packet.stream = reel.stream
        reel.container.mux(packet)
        count += 1
    reel.start += count / Fraction(rate)
