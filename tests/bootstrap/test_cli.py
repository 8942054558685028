"""Mistakes at the command line are told in a line, before anything is started or uploaded."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from bootstrap.cli import in_a_line, reach_loopback_directly


def lab(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bootstrap.cli", *arguments]
    return subprocess.run(  # noqa: S603 - a command of ours, without a shell
        command, env={"PATH": "", **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["up"], {"LAB_API__PORT": "abc"}, "LAB_API__PORT: a port is a number from 1 to 65535, not abc."),
        (["identity", "nope"], {}, "nope is not a folder."),
        (["film", "nope.txt", "Mara"], {}, "nope.txt cannot be read: No such file or directory."),
        (["film", "empty.txt", "Mara"], {}, "The script has no words to film."),
        (["demo", "--out", "film.avi"], {}, "film.avi is no name of a film: it has to end in .mp4."),
        (["jobs", "queues", "--folder", "empty.txt"], {}, "[Errno 17] File exists: 'empty.txt'"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: dict[str, str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").write_text("...")
    Path("Mara").mkdir()

    answered = lab(*arguments, **environment)

    assert (answered.returncode, answered.stdout.split("\n"), answered.stderr) == (2, [told, ""], "")


def test_a_port_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    answered = lab("up", "--port", "99999")

    assert answered.returncode == 2
    assert "Traceback" not in answered.stderr
    assert "65535" in answered.stderr


def test_a_size_that_is_not_filmed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    answered = lab("film", "script.txt", "Mara", "--detail", "P4000", COLUMNS="200")

    assert answered.returncode == 2
    assert "P4000 is none of P180, P360, P540, P720, P1080." in answered.stderr


@pytest.mark.parametrize(
    ("seconds", "told"), [("inf", "inf is no length."), ("nan", "Input should be greater than or equal to 1")]
)
def test_a_length_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)

    answered = lab("film", "script.txt", "Mara", "--seconds", seconds, COLUMNS="200")

    assert answered.returncode == 2
    assert told in answered.stderr


def test_what_is_passed_over_in_a_folder_of_pictures_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("script.txt").write_text("Mara walks through the forest.")
    Path("Mara").mkdir()
    for name in ("1.webp", *(f"{number}.txt" for number in range(7))):
        Path("Mara", name).touch()

    answered = lab("film", "script.txt", "Mara", "--out", "film.avi")

    listed = "0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more"
    told = f"Mara: passed over what by its name is no JPEG, PNG, WebP, AVIF or HEIC: {listed}."
    assert answered.stdout.splitlines()[0] == told


def test_a_trouble_is_told_by_its_first_line_and_without_what_was_asked() -> None:
    assert in_a_line(DBAPIError("select secret", {}, Exception("No such role.\nHint: make one."))) == "No such role."
    assert in_a_line(TimeoutError()) == "TimeoutError"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "a.example, localhost", "no_proxy": "b.example"}, "a.example,localhost,b.example,127.0.0.1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_no_proxy_is_asked_for_the_own_machine(given: dict[str, str], made: str) -> None:
    environment = dict(given)
    reach_loopback_directly(environment)
    assert environment == {"NO_PROXY": made, "no_proxy": made}
