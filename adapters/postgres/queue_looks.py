"""The look at the queues in four statements whose cost has a bound, whatever the backlog."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Row, text

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.queue_counts import BY_INDEX
from domain.identifiers import WorkspaceId
from domain.jobs.models import Queue
from domain.jobs.policies import SEEN_SECONDS
from domain.jobs.queue_look import Ahead, Hands, Line, LineJob, QueueLook

AnyRow = Row[*tuple[object, ...]]

GIVEN_MAX, LANES_MAX, HEADS_MAX, HEADS_MIN = 10_000, 400, 2000, 10
QUEUES = text("select queue, is_paused, virtual_time, running_max from queue_controls")
# The slots of other workers hold one batch, whose jobs count for their share of its seconds.
HANDS = text(
    "select queue, case queue when 'internal' then slots else 1 end as slots, knows from workers where state = 'ready'"
    " and last_seen_at > clock_timestamp() - make_interval(secs => :seen_seconds) limit 1000"
)
GIVEN = text(
    """
    select g.queue, g.workspace_id, count(*) as jobs, count(*) filter (where g.state = 'dispatched') as dispatched,
           sum(case when g.state = 'dispatched' then g.estimated_seconds
               else greatest(g.estimated_seconds - extract(epoch from clock_timestamp() - g.started_at),
                             g.estimated_seconds / 10) end) as seconds
    from queue_controls q cross join lateral (
        select queue, workspace_id, state, estimated_seconds, started_at from jobs
        where queue = q.queue and state in ('dispatched', 'running') limit :given_max
    ) g group by 1, 2
    """
)
# The lanes that the pick would look at, those that it has not been told of yet among them, and the first jobs of each.
LINES = text(
    """
    with known as materialized (
        select distinct w.queue, k.needs from workers w cross join lateral unnest(w.knows) as k(needs)
        where w.state = 'ready' and w.last_seen_at > clock_timestamp() - make_interval(secs => :seen_seconds)
    ),
    lanes as materialized (
        select * from (
            select k.queue, l.workspace_id, k.needs from known k cross join lateral (
                select workspace_id from job_lanes
                where queue = k.queue and needs = k.needs and is_waiting order by virtual_time limit :lanes_max) l
            union
            select n.queue, n.workspace_id, n.needs from (select * from pick_notes limit 1000) n
            join known k on k.queue = n.queue and k.needs = n.needs
        ) u limit :lanes_max
    ),
    bound as materialized (select greatest(:heads_min, :heads_max / greatest(1, count(*))) as heads from lanes)
    select l.queue, l.workspace_id, w.weight, greatest(coalesce(s.virtual_time, 0), q.virtual_time) as fair_time,
           head.ids, head.ranks, head.seconds, cardinality(head.ids) < bound.heads as is_whole
    from bound cross join lanes l join queue_controls q on q.queue = l.queue
    cross join lateral (select weight from workspaces where id = l.workspace_id offset 0) w
    left join lateral (
        select virtual_time from workspace_shares where workspace_id = l.workspace_id and queue = l.queue offset 0
    ) s on true
    cross join lateral (
        select array_agg(j.id) as ids, array_agg(j.seconds) as seconds, array_agg(j.rank) as ranks
        from (select id, estimated_seconds as seconds,
                     (priority + floor(extract(epoch from clock_timestamp() - created_at) / 600))::float8 as rank
              from jobs where queue = l.queue and workspace_id = l.workspace_id and needs = l.needs
              and state = 'queued' and is_due order by priority desc, id limit bound.heads) j
    ) head where head.ids is not null
    """.replace("::", r"\:\:")
)


class PostgresQueueLooks:
    """Looks at the queues as the jobs' role, which sees every workspace."""

    def __init__(self, database: PostgresDatabase, *, seen_seconds: float = SEEN_SECONDS) -> None:
        self._database = database
        self._seen_seconds = seen_seconds

    async def look(self) -> Mapping[Queue, QueueLook]:
        """Answer every queue as it stands now."""
        async with self._database.work() as work:
            await work.session.execute(BY_INDEX)
            seen = {"seen_seconds": self._seen_seconds}
            queues = (await work.session.execute(QUEUES)).all()
            hands = by_queue(await work.session.execute(HANDS, seen))
            given = by_queue(await work.session.execute(GIVEN, {"given_max": GIVEN_MAX}))
            bounds = {"lanes_max": LANES_MAX, "heads_max": HEADS_MAX, "heads_min": HEADS_MIN}
            lanes = by_queue(await work.session.execute(LINES, seen | bounds))
        return {
            Queue(row.queue): QueueLook(
                queue=Queue(row.queue),
                is_paused=row.is_paused,
                fair_time=row.virtual_time,
                running_max=row.running_max,
                hands=[
                    Hands(h.slots, frozenset(name.rpartition("@")[0] for name in h.knows))
                    for h in hands.get(row.queue, ())
                ],
                given={WorkspaceId(g.workspace_id): Ahead(g.jobs, float(g.seconds)) for g in given.get(row.queue, ())},
                dispatched=sum(g.dispatched for g in given.get(row.queue, ())),
                lines=to_lines(lanes.get(row.queue, ())),
            )
            for row in queues
        }


def by_queue(rows: Iterable[AnyRow]) -> Mapping[str, Sequence[AnyRow]]:
    found: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for row in rows:
        found[row.queue].append(row)
    return found


def to_lines(lanes: Sequence[AnyRow]) -> Sequence[Line]:
    """One line a workspace: the pick orders all of its lanes together."""
    lanes_of: defaultdict[UUID, list[AnyRow]] = defaultdict(list)
    for lane in lanes:
        lanes_of[lane.workspace_id].append(lane)
    return [
        Line(
            workspace_id=WorkspaceId(workspace_id),
            weight=own[0].weight,
            fair_time=own[0].fair_time,
            jobs=sorted((job for lane in own for job in to_jobs(lane)), key=lambda job: (-job.rank, job.id)),
            is_whole=all(lane.is_whole for lane in own),
        )
        for workspace_id, own in lanes_of.items()
    ]


def to_jobs(lane: AnyRow) -> Sequence[LineJob]:
    return [LineJob(*each) for each in zip(lane.ids, lane.ranks, lane.seconds, strict=True)]
