"""What is done in many short transactions, so that nobody waits long for a lock and however much has piled up goes."""

from collections.abc import Awaitable, Callable

BATCHES_MAX = 60


async def in_batches(do_some: Callable[[], Awaitable[int]], *, at_once: int) -> int:
    """Do some until fewer than `at_once` were left, or for so many batches; answer how many were done."""
    done = 0
    for _ in range(BATCHES_MAX):
        some = await do_some()
        done += some
        if some < at_once:
            break
    return done
