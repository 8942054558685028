"""Forget results of steps that no take and no film uses."""

from datetime import datetime, timedelta

from domain.media.use_cases import release_object
from domain.renders.ports import RenderTransactions

# Results that came too late for their take may be wanted by the next render, so they are not forgotten at once.
STEP_GRACE = timedelta(hours=24)
JUDGEMENT_GRACE = timedelta(days=90)
STEPS_FORGOTTEN_MAX = 200


async def forget_steps(begin: RenderTransactions, *, now: datetime) -> int:
    """Forget some old results that nothing uses (cuts that were joined anew, reports that came late); answer how many.

    Fewer than STEPS_FORGOTTEN_MAX are all there were.

    What they kept is let go, and the sweep removes it where nothing else holds it. Raises Unavailable.
    """
    async with begin() as work:
        unused = await work.step_uses.hold_unused(
            before=now - STEP_GRACE, judged_before=now - JUDGEMENT_GRACE, limit=STEPS_FORGOTTEN_MAX
        )
        kept = [
            (object_id, workspace_id)
            for workspace_id, digests in unused.items()
            for object_id in await work.steps.forget(workspace_id, digests)
        ]
        for object_id, workspace_id in sorted(kept):
            await release_object(work, workspace_id=workspace_id, object_id=object_id, now=now)
        return sum(map(len, unused.values()))
