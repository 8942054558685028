"""Which repositories of the hub's cache workers have fetched themselves, and which are in use: a mark in their folders.

Others share the cache, with models and data sets of their own: what lay there before we asked for it bears no mark. A
mark goes with its repository, whoever deletes it, so that what a person fetches anew is that person's. Invariant: who
uses a marked repository holds its mark, shared, until its process ends; who deletes one holds it alone.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from huggingface_hub.constants import HF_HUB_CACHE
from huggingface_hub.file_download import repo_folder_name

MARK = "fetched-by-character-lab"
_held: dict[Path, int] = {}


def hold(repository: str, *, is_fetched: bool, cache_folder: Path | None = None) -> None:
    """Keep other workers from deleting the repository, marked here and now if it `is_fetched` and not there yet.

    To be called before it is fetched, so that a fetch that is broken off has left a mark. Raises OSError.
    """
    mark = (cache_folder or Path(HF_HUB_CACHE)) / repo_folder_name(repo_id=repository, repo_type="model") / MARK
    # Without a link it is the mark of what was deleted since.
    while mark not in _held or not os.fstat(_held[mark]).st_nlink:
        if is_fetched and not mark.parent.exists():
            mark.parent.mkdir(parents=True)
            mark.touch()
        try:
            number = os.open(mark, os.O_RDONLY)
        except FileNotFoundError:
            return
        with suppress(OSError):  # Where there are no locks, `alone` gets none either, and nothing is deleted.
            fcntl.flock(number, fcntl.LOCK_SH)
        if mark in _held:
            os.close(_held[mark])
        _held[mark] = number


@contextmanager
def alone(folder: Path) -> Generator[bool]:
    """Answer whether a worker has fetched the repository in this folder and none uses it while the block runs."""
    try:
        # Over NFS who wants it alone must be able to write.
        number = os.open(folder / MARK, os.O_RDWR)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield True
    finally:
        os.close(number)
