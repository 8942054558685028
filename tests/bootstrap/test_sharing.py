"""Commands that share a folder: who comes second waits, and nobody ends what another needs."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from rich.console import Console

from bootstrap.choosing import embedded_environment
from bootstrap.embedded import EmbeddedStack
from bootstrap.guard import postmaster_of
from bootstrap.processes import has_ended, wait_until
from bootstrap.running import RunningLab, announced
from bootstrap.sharing import LOCK, USERS, FileLock, FolderTaken, folder_in_use, shared_lab, wait_for_users
from bootstrap.using import EngineName, lab_in_use

URL = "http://127.0.0.1:1"
# Holds the lock, and has a child that ends when it is no longer spoken to.
HOLDER = """
import pathlib, subprocess, sys
from bootstrap.sharing import FileLock
lock = FileLock(pathlib.Path(sys.argv[1]))
assert lock.try_alone()
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"])
print(child.pid, flush=True)
sys.stdin.read()
"""


def lab_in(folder: Path) -> AbstractContextManager[None]:
    """A lab that this process tells of."""
    return announced(folder, api_url=URL, environment={"LAB_MODE": "embedded"})


def come(folder: Path) -> RunningLab | None:
    """Use the folder as a command does."""
    with folder_in_use(folder) as use:
        return use.running


def wait_until_told(capsys: pytest.CaptureFixture[str], words: str) -> None:
    wait_until(lambda: words in capsys.readouterr().err, f"The line with {words!r}", seconds=10)


def test_a_lock_is_for_one_alone_or_shared_by_many(tmp_path: Path) -> None:
    one, other, third = (FileLock(tmp_path / USERS) for _ in range(3))
    with one, other, third:
        assert [one.try_share(), other.try_share(), third.try_alone()] == [True, True, False]
        one.release()
        one.release()
        other.release()
        assert [third.try_alone(), third.try_alone(), one.try_share()] == [True, True, False]
    assert one.try_alone()
    one.release()


def test_a_lock_goes_with_its_process_though_a_child_lives_on(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / LOCK)]
    with (
        FileLock(tmp_path / LOCK) as lock,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder,  # noqa: S603 - ours
    ):
        assert holder.stdout
        child = psutil.Process(int(holder.stdout.readline()))
        assert not lock.try_alone()
        holder.kill()
        wait_until(lock.try_alone, "The lock", seconds=10)
        assert not has_ended(child)


def test_who_comes_while_a_lab_starts_waits_for_it_and_uses_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(1) as pool, FileLock(tmp_path / LOCK) as starting:
        assert starting.try_alone()
        coming = pool.submit(come, tmp_path)
        wait_until_told(capsys, "is busy with")
        with lab_in(tmp_path):
            found = coming.result(timeout=10)
    assert found is not None
    assert found.api_url == URL


def test_who_comes_while_another_is_at_work_has_the_folder_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with FileLock(tmp_path / LOCK) as busy:
            assert busy.try_alone()
            coming = pool.submit(come, tmp_path)
            wait_until_told(capsys, "is busy with")
        assert coming.result(timeout=10) is None


def test_who_has_waited_too_long_is_told(tmp_path: Path) -> None:
    with FileLock(tmp_path / LOCK) as busy:
        assert busy.try_alone()
        with pytest.raises(FolderTaken, match=r"is busy with .* --folder"), folder_in_use(tmp_path, seconds=0):
            pass


def test_a_lab_that_was_started_for_one_waits_for_the_others_who_use_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users = tmp_path / USERS
    with ThreadPoolExecutor(1) as pool, FileLock(users) as guest, FileLock(users) as owner:
        assert guest.try_share()
        ending = pool.submit(wait_for_users, owner)
        wait_until_told(capsys, "uses this lab")
        assert not ending.done()
        guest.release()
        ending.result(timeout=10)
        assert not guest.try_share()


def test_a_lab_that_is_about_to_stop_takes_nobody_in(tmp_path: Path) -> None:
    with lab_in(tmp_path), FileLock(tmp_path / USERS) as owner, FileLock(tmp_path / USERS) as mine:
        assert owner.try_alone()
        assert shared_lab(tmp_path, mine) is None
        owner.release()
        assert shared_lab(tmp_path, mine) is not None


def test_every_command_that_uses_a_lab_of_another_has_a_share_in_it(tmp_path: Path) -> None:
    with lab_in(tmp_path), FileLock(tmp_path / USERS) as owner:
        with lab_in_use(tmp_path, EngineName.ANIMATIC, Console(), given={}) as lab:
            assert (lab.api_url, owner.try_alone()) == (URL, False)
        with embedded_environment(tmp_path) as environment:
            assert (environment, owner.try_alone()) == ({"LAB_MODE": "embedded"}, False)
        assert owner.try_alone()


def test_settings_that_the_lab_of_another_does_not_go_by_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"LAB_MODE": "embedded", "LAB_WRITER__KIND": "openai"}
    with lab_in(tmp_path), lab_in_use(tmp_path, EngineName.ANIMATIC, Console(), given=given):
        told = "The lab that runs on this folder has settings of its own, not those given here: LAB_WRITER__KIND"
        assert told in capsys.readouterr().out.splitlines()


def test_a_second_start_on_a_folder_ends_nothing_of_the_first() -> None:
    # A folder outside pytest's, which PostgreSQL's own user may enter.
    with TemporaryDirectory(prefix="lab-sharing-") as name, EmbeddedStack(Path(name)) as first:
        second = EmbeddedStack(Path(name))
        with pytest.raises(FolderTaken):
            second.start()
        second.stop()

        assert (first.redis.is_running, first.storage.is_running) == (True, True)
        assert postmaster_of(first.folder) is not None
        first.stop()
        first.stop()
        with folder_in_use(first.folder, seconds=0) as use:
            assert use.running is None
