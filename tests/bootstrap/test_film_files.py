"""A place where no film can go is told before anything is started."""

from pathlib import Path

import pytest

from bootstrap.film_files import check_out
from domain.errors import Invalid


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with another's picture, a film of ours with what came with it, a file, and a folder named as a film."""
    for name in ("holiday.jpg", "diary.vtt", "film.mp4", "film.jpg", "film.vtt", "file"):
        (tmp_path / name).touch()
    (tmp_path / "folder.mp4").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("film.avi", r"film\.avi is no name of a film: it has to end in \.mp4"),
        ("film", "it has to end in"),
        ("folder.mp4", "is a folder: name the file in it"),
        ("file/film.mp4", "file is not a folder"),
        ("file/deeper/film.mp4", "file is not a folder"),
        ("holiday.mp4", r"holiday\.jpg would be overwritten"),
        ("diary.mp4", r"diary\.vtt would be overwritten"),
    ],
)
def test_a_place_where_no_film_can_go_is_refused(folder: Path, out: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        check_out(folder / out)


@pytest.mark.parametrize("out", ["film.mp4", "FILM.MP4", "new/deeper/film.mp4"])
def test_a_place_that_will_do_is_left_as_it_is(folder: Path, out: str) -> None:
    before = sorted(folder.rglob("*"))
    check_out(folder / out)
    assert sorted(folder.rglob("*")) == before


def test_a_name_alone_goes_where_the_command_was_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    check_out(Path("film.mp4"))
    check_out(Path("out/film.mp4"))
