"""The domain's joiner on real clips."""

from hashlib import sha256
from pathlib import Path

import pytest

from adapters.video.joiner import PyAVFilmJoiner
from adapters.video.probe import probe
from domain.errors import Invalid
from domain.renders.ports import JoinOrder
from domain.renders.settings import FrameSize
from tests.builders_pictures import filmed, plan_of

VTT = "WEBVTT\n\n1\n00:00:00.150 --> 00:00:00.400\n<v 愚公>山不加增\n"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clips")
    return [filmed(plan_of(size="wide"), folder / str(length), frames=length, seed=length) for length in (12, 7)]


def order(clips: list[Path], folder: Path, *, frame: FrameSize | None = None, rate: int = 24) -> JoinOrder:
    return JoinOrder(clips, VTT, folder, frame or FrameSize(320, 180), rate)


async def test_a_film_its_poster_and_its_captions_are_made_and_measured(clips: list[Path], tmp_path: Path) -> None:
    joined = await PyAVFilmJoiner().join(order(clips, tmp_path))
    found = probe(joined.film.path)
    assert (joined.probe.frames, joined.probe.frames_per_second) == (found.frames, 24) == (19, 24)
    assert joined.probe.size_bytes == joined.film.content.size_bytes
    assert joined.captions.path.read_text(encoding="utf-8") == VTT
    assert joined.poster.path.read_bytes()[:2] == b"\xff\xd8"
    for file in (joined.film, joined.poster, joined.captions):
        assert file.content.sha256 == sha256(file.path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("frame", "rate"), [(FrameSize(180, 320), 24), (FrameSize(320, 180), 12)])
async def test_a_film_of_another_form_than_ordered_is_refused(
    clips: list[Path], tmp_path: Path, frame: FrameSize, rate: int
) -> None:
    with pytest.raises(Invalid, match="film"):
        await PyAVFilmJoiner().join(order(clips, tmp_path, frame=frame, rate=rate))


async def test_a_clip_that_is_no_video_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    with pytest.raises(Invalid):
        await PyAVFilmJoiner().join(order([broken], tmp_path))
