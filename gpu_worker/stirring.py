"""Whether a process that shows nothing yet is at work: what it reads and writes, as its kernel counts it.

A model that is fetched, checked or loaded has no steps to tell of, and takes as long as it is large.
"""

import re
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

IO = Path("/proc/self/io")
SECONDS = 1.0
# In that time. Less is read by asking for it, and by whatever else a process that hangs still does.
BYTES_MIN = 8 * 1024


def bytes_moved() -> int:
    """All that this process has read and written so far, mapped files among it; 0 where there is no procfs."""
    if not IO.exists():
        return 0
    counted = dict(re.findall(r"(\w+): (\d+)", IO.read_text()))
    return sum(int(counted[name]) for name in ("rchar", "wchar", "read_bytes"))


@contextmanager
def stirring(tell: Callable[[], None], *, seconds: float = SECONDS) -> Generator[None]:
    """Call `tell` from a thread every so often while the block runs, if something was read or written since."""
    is_over = threading.Event()

    def watch() -> None:
        before = bytes_moved()
        while not is_over.wait(seconds):
            moved = bytes_moved()
            if moved - before >= BYTES_MIN:
                tell()
            before = moved

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()
