"""What each queue holds, read in one statement whose cost has a bound, whatever the backlog."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.jobs.load import QueueLoad
from domain.jobs.models import Queue
from domain.jobs.policies import SEEN_SECONDS

COUNTED_MAX = 100_000
# Each part names its states as the partial indexes do; statistics are stale whenever a backlog has just come or gone.
BY_INDEX = text("set local enable_seqscan = off")
LOOK = text(
    """
    select q.queue, q.is_paused, due.n as queued, due.oldest_seconds, later.n as postponed, active.dispatched,
           active.running, due.seconds + active.dispatched_seconds as waiting_seconds, active.running_seconds,
           hands.workers, hands.slots
    from queue_controls q
    cross join lateral (
        select count(*) as n, coalesce(sum(estimated_seconds), 0) as seconds,
               coalesce(extract(epoch from clock_timestamp() - min(run_at)), 0) as oldest_seconds
        from (select estimated_seconds, run_at from jobs
              where queue = q.queue and state = 'queued' and is_due limit :counted) w
    ) due
    cross join lateral (
        select count(*) as n
        from (select from jobs where queue = q.queue and state = 'queued' and not is_due limit :counted) w
    ) later
    cross join lateral (
        select count(*) filter (where state = 'dispatched') as dispatched,
               count(*) filter (where state = 'running') as running,
               coalesce(sum(estimated_seconds) filter (where state = 'dispatched'), 0) as dispatched_seconds,
               coalesce(sum(estimated_seconds) filter (where state = 'running'), 0) as running_seconds
        from (select state, estimated_seconds from jobs
              where queue = q.queue and state in ('dispatched', 'running') limit :counted) w
    ) active
    cross join lateral (
        select count(*) as workers, coalesce(sum(slots), 0) as slots from workers
        where queue = q.queue and state = 'ready'
          and last_seen_at > clock_timestamp() - make_interval(secs => :seen_seconds)
    ) hands
    """
)


async def look_at_queues(
    session: AsyncSession, *, seen_seconds: float = SEEN_SECONDS, counted: int = COUNTED_MAX
) -> Sequence[QueueLoad]:
    """Answer every queue's load as the transaction sees it; each state of a queue is counted up to `counted`."""
    await session.execute(BY_INDEX)
    rows = (await session.execute(LOOK, {"seen_seconds": seen_seconds, "counted": counted})).mappings().all()
    return [
        QueueLoad(
            queue=Queue(row["queue"]),
            is_paused=row["is_paused"],
            queued=row["queued"],
            postponed=row["postponed"],
            dispatched=row["dispatched"],
            running=row["running"],
            waiting_seconds=float(row["waiting_seconds"]),
            running_seconds=float(row["running_seconds"]),
            oldest_seconds=float(row["oldest_seconds"]),
            workers=row["workers"],
            slots=row["slots"],
        )
        for row in rows
    ]
