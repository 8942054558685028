"""Processes that the lab starts are found again, ended and started anew."""

import sys
import threading
from pathlib import Path

import psutil
import pytest

from bootstrap.processes import ManagedProcess, wait_until
from bootstrap.running import announced, find_running
from bootstrap.up import WatchedProcess, stop_in_order

SLEEPER = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]


def sleeper(folder: Path) -> ManagedProcess:
    return ManagedProcess("sleeper", SLEEPER, folder=folder, is_ready=lambda: True)


def test_its_lines_are_handed_on(tmp_path: Path) -> None:
    process, said = sleeper(tmp_path), threading.Event()
    process.on_line = lambda name, line: said.set() if (name, line) == ("sleeper", "up") else None
    process.start()
    assert said.wait(10)
    process.stop()
    assert not process.is_running


def test_a_twin_left_by_a_killed_parent_is_ended_first(tmp_path: Path) -> None:
    left_behind = sleeper(tmp_path)
    left_behind.start()
    successor = sleeper(tmp_path)
    successor.start()
    wait_until(lambda: not left_behind.is_running, "The end of the twin", seconds=10)
    assert successor.is_running
    successor.stop()


def test_a_foreign_process_under_an_old_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sleeper.pid").write_text(f"{psutil.Process().pid} 12345.0")
    process = sleeper(tmp_path)
    process.start()
    assert process.is_running
    process.stop()


def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    watched = WatchedProcess(sleeper(tmp_path), None)
    watched.start()
    first = watched.process.pid
    assert first
    psutil.Process(first).kill()
    wait_until(lambda: not watched.process.is_running, "The end", seconds=10)
    told: list[str] = []
    watched.revive(lambda _name, line: told.append(line))
    assert watched.process.is_running
    assert watched.process.pid != first
    assert told == ["ended with code -9; starting again in 0.2 s"]
    watched.process.stop()


LAST_WORDS = "import pathlib, signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(print(*sys.argv[1:])))\n"
SPEAKER = [sys.executable, "-uc", f"{LAST_WORDS}print('up')\nsignal.pause()"]


def test_a_worker_has_ended_before_those_that_it_reports_to_are_asked(tmp_path: Path) -> None:
    told: list[str] = []
    names = ("worker", "jobs", "api")
    processes = [
        ManagedProcess(name, [*SPEAKER, f"{name} ends"], folder=tmp_path, is_ready=lambda: True) for name in names
    ]
    for process in processes:
        process.on_line = lambda _name, line: told.append(line)
        process.start()
    wait_until(lambda: told.count("up") == len(names), "The processes", seconds=20)

    stop_in_order(processes)

    wait_until(lambda: len(told) == 2 * len(names), "Their last words", seconds=10)
    assert told[len(names) :] == [f"{name} ends" for name in names]


def test_what_never_becomes_true_is_named() -> None:
    with pytest.raises(TimeoutError, match="The moon did not answer"):
        wait_until(lambda: False, "The moon", seconds=0.1)


def test_a_running_lab_is_found_while_it_runs(tmp_path: Path) -> None:
    assert find_running(tmp_path) is None
    with announced(tmp_path, api_url="http://127.0.0.1:1", environment={"LAB_MODE": "embedded"}):
        found = find_running(tmp_path)
        assert found is not None
        assert found.api_url == "http://127.0.0.1:1"
    assert find_running(tmp_path) is None


def test_a_file_left_by_a_killed_lab_does_not_count(tmp_path: Path) -> None:
    with announced(tmp_path, api_url="http://127.0.0.1:1", environment={}):
        left = (tmp_path / "running.json").read_text().replace(f'"pid": {psutil.Process().pid}', '"pid": 999999999')
    (tmp_path / "running.json").write_text(left)
    assert find_running(tmp_path) is None
