"""Whether a process is at work, told by what it reads and writes."""

import io
import threading
from pathlib import Path

import pytest

from gpu_worker.child import Child
from gpu_worker.messages import FROM_CHILD, Ready, Stirring
from gpu_worker.stirring import BYTES_MIN, IO, stirring

pytestmark = pytest.mark.skipif(not IO.exists(), reason="there is no procfs to count what is read and written")


def test_who_reads_is_told_of_and_who_waits_is_not(tmp_path: Path) -> None:
    file, told = tmp_path / "weights", threading.Semaphore(0)
    file.write_bytes(bytes(2 * BYTES_MIN))
    with stirring(told.release, seconds=0.02):
        assert not told.acquire(timeout=0.3)
        file.read_bytes()
        assert told.acquire(timeout=5)
        assert not told.acquire(timeout=0.3)


def test_a_long_set_up_says_that_it_is_at_work() -> None:
    said = io.StringIO()
    assert Child(said).set_up(["tests.gpu_worker.engines:LargeEngine"])
    first, *_, last = [FROM_CHILD.validate_json(line) for line in said.getvalue().splitlines()]
    assert isinstance(first, Stirring)
    assert isinstance(last, Ready)
