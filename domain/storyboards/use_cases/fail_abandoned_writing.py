"""End the writing of storyboards whose job has ended without a word to them."""

from datetime import datetime

from domain.storyboards.ports import AbandonedTransactions
from domain.storyboards.use_cases.write_storyboard import fail_writing

ABANDONED_MAX = 100
REASON = "The writing was stopped before it ended."


async def fail_abandoned_writing(begin: AbandonedTransactions, *, now: datetime) -> int:
    """Move every storyboard that no job writes any more to failed; answer how many.

    A job that is canceled tells its slice nothing, so its storyboard would say for ever that it is being written. What
    was written meanwhile or is gone is left alone, so any number of processes may do this.
    """
    async with begin() as work:
        abandoned = await work.abandoned_writing.find(limit=ABANDONED_MAX)
    failed = 0
    for each in abandoned:
        async with begin(each.workspace_id) as work:
            ended = await fail_writing(work, storyboard_id=each.storyboard_id, reason=REASON, now=now)
        failed += ended is not None
    return failed
