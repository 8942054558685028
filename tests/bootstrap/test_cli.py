"""Mistakes at the command line are told in a line, before anything is started or uploaded."""

import subprocess
import sys
from pathlib import Path

import pytest


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
