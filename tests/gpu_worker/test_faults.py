"""What an engine's exceptions mean to the parent."""

import errno
import os

import pytest

from gpu_worker.child import fault_of


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "UNAVAILABLE"),
        (errno.EDQUOT, "UNAVAILABLE"),
        (errno.EROFS, "UNAVAILABLE"),
        (errno.EIO, "UNAVAILABLE"),
        (errno.ENOENT, "INTERNAL"),
    ],
)
def test_a_disk_that_is_full_or_broken_is_not_the_commands_fault(number: int, code: str) -> None:
    assert fault_of(OSError(number, os.strerror(number))).code == code
