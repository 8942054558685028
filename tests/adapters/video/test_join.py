"""Joining clips: by copying what is alike, by making over what is not."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from adapters.video.join import join_clips
from adapters.video.normalise import form_of
from adapters.video.poster import make_poster, telling
from adapters.video.probe import NotAVideo, is_faststart, probe
from tests.builders_pictures import filmed, foreign_clip, pictures_of, plan_of

FIELD = plan_of(size="wide", move="pan_left")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clips")
    lengths = (12, 31, 7)
    return [filmed(FIELD, folder / str(length), frames=length, seed=length) for length in lengths]


def test_clips_of_one_render_share_their_parameter_sets(clips: list[Path]) -> None:
    assert len({form_of(clip) for clip in clips}) == 1


def test_a_film_is_as_long_as_its_clips(clips: list[Path], tmp_path: Path) -> None:
    film = join_clips(clips, tmp_path / "film.mp4")
    assert film.frames == 50
    assert film.duration_seconds == pytest.approx(50 / 24, abs=1 / 48)


def test_a_film_is_h264_with_its_index_in_front(clips: list[Path], tmp_path: Path) -> None:
    film = join_clips(clips, tmp_path / "film.mp4")
    assert (film.codec, film.pixel_format, film.width, film.height) == ("h264", "yuv420p", 320, 180)
    assert film.is_faststart
    assert not film.has_audio


def test_pictures_are_copied_unchanged(clips: list[Path], tmp_path: Path) -> None:
    join_clips(clips, tmp_path / "film.mp4")
    joined = pictures_of(tmp_path / "film.mp4")
    single = [picture for clip in clips for picture in pictures_of(clip)]
    assert all(np.array_equal(left, right) for left, right in zip(joined, single, strict=True))


def test_a_foreign_clip_is_made_like_the_rest(clips: list[Path], tmp_path: Path) -> None:
    foreign = foreign_clip(tmp_path / "foreign.mp4", rate=30, frames=45)
    film = join_clips([clips[0], foreign, clips[2]], tmp_path / "film.mp4")
    assert (film.width, film.height, film.pixel_format) == (320, 180, "yuv420p")
    assert film.frames == 12 + 36 + 7


def test_clips_of_a_foreign_engine_alone_are_joined(tmp_path: Path) -> None:
    both = [foreign_clip(tmp_path / f"{rate}.mp4", rate=rate, frames=rate) for rate in (30, 25)]
    film = join_clips(both, tmp_path / "film.mp4")
    assert film.duration_seconds == pytest.approx(2.0, abs=1 / 30)
    assert film.pixel_format == "yuv420p"


def test_no_clip_is_no_film(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one clip"):
        join_clips([], tmp_path / "film.mp4")


def test_a_clip_cut_off_is_told(clips: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clips[0].read_bytes()[:900])
    with pytest.raises(NotAVideo):
        join_clips([clips[1], broken], tmp_path / "film.mp4")


def test_a_text_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a film")
    with pytest.raises(NotAVideo):
        probe(tmp_path / "text.mp4")
    assert not is_faststart(tmp_path / "text.mp4")


def test_a_poster_is_not_of_the_fade(tmp_path: Path) -> None:
    # Where a seek lands, at its one independent picture, the clip is black.
    clip = filmed(plan_of(size="wide", transition="fade"), tmp_path, frames=48)
    make_poster(clip, tmp_path / "poster.jpg")
    pictures, poster = pictures_of(clip), cv2.imread(str(tmp_path / "poster.jpg"))
    assert telling(pictures[40]) > telling(pictures[1])
    assert poster is not None
    assert poster.mean() > 0.8 * pictures[40].mean()
    assert (tmp_path / "poster.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_a_poster_is_webp_when_its_name_says_so(clips: list[Path], tmp_path: Path) -> None:
    make_poster(clips[0], tmp_path / "poster.webp", width_max=160)
    assert (tmp_path / "poster.webp").read_bytes()[8:12] == b"WEBP"
