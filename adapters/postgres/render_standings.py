"""Where renders stand among the jobs, read for many renders at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.render_rows import AnyRow
from domain.identifiers import RenderId, WorkspaceId
from domain.jobs.models import Queue
from domain.jobs.queue_look import Ahead
from domain.renders.standings import Place, QueueStanding, ShotGroup
from domain.renders.states import ShotState
from domain.renders.workloads import ShotMeasure
from domain.storyboards.models import ShotSize

# Of a workspace's backlog so much is put in order.
OWN_MAX = 10_000
JOBS = text(
    """
    select subject_id, queue, count(*) filter (where state = 'running') as running,
           count(*) filter (where state <> 'running') as waiting,
           coalesce(max(greatest(estimated_seconds - extract(epoch from clock_timestamp() - started_at),
                                 estimated_seconds / 10)) filter (where state = 'running'), 0) as running_longest,
           coalesce(max(estimated_seconds) filter (where state <> 'running'), 0) as waiting_longest,
           bool_or(state = 'dispatched') as has_dispatched,
           coalesce(greatest(0, extract(epoch from min(run_at) filter (where state = 'queued') - clock_timestamp())), 0)
               as delay_seconds
    from jobs where subject_id = any(:ids) and finished_at is null and workspace_id = :workspace_id group by 1, 2
    """
)
# Every queue with what the workspace has in it and, for each render that has a job waiting there, its first.
PLACES = text(
    """
    with queues as materialized (select unnest(cast(:queues as text[])) as queue),
    own as materialized (
        select q.queue, j.* from queues q cross join lateral (
            select id, subject_id, estimated_seconds as seconds,
                   priority + floor(extract(epoch from clock_timestamp() - created_at) / 600) as rank
            from jobs where queue = q.queue and workspace_id = :workspace_id and state = 'queued' and is_due
            order by needs, priority desc, id limit :own_max) j
    ),
    ordered as (
        select o.*, row_number() over line - 1 as jobs_before, sum(seconds) over line - seconds as seconds_before
        from own o window line as (partition by queue order by rank desc, id rows unbounded preceding)
    ),
    firsts as (
        select distinct on (queue, subject_id) queue, subject_id, id, rank, jobs_before, seconds_before
        from ordered where subject_id = any(:ids) order by queue, subject_id, jobs_before
    )
    select q.queue, w.weight, w.running_max, coalesce(s.virtual_time, 0) as fair_time,
           coalesce((select sum(o.seconds) from own o where o.queue = q.queue), 0) as workspace_seconds,
           f.subject_id, f.id, f.rank, f.jobs_before, f.seconds_before
    from queues q join workspaces w on w.id = :workspace_id
    left join workspace_shares s on s.workspace_id = w.id and s.queue = q.queue
    left join firsts f on f.queue = q.queue
    """
)
SHOTS = text(
    """
    select render_id, state, cast(content ->> 'seconds' as float8) as seconds, content ->> 'size' as size,
           jsonb_array_length(content -> 'cast') > 0 as has_cast, count(*) as shots
    from render_shots where render_id = any(:ids) and workspace_id = :workspace_id group by 1, 2, 3, 4, 5
    """
)


class PostgresRenderStandings:
    """Reads of one workspace's renders, each in a constant number of statements."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def queues_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Mapping[Queue, QueueStanding]]:
        asked = {"ids": list(render_ids), "workspace_id": self._workspace_id}
        jobs = {(row.subject_id, row.queue): row for row in await self._session.execute(JOBS, asked)}
        bounds = {"queues": [str(queue) for queue in Queue], "own_max": OWN_MAX}
        places = (await self._session.execute(PLACES, asked | bounds)).all()
        spaces = {row.queue: row for row in places}
        firsts = {(row.subject_id, row.queue): row for row in places}
        return {
            render_id: {
                queue: to_standing(spaces[queue], jobs.get((render_id, queue)), firsts.get((render_id, queue)))
                for queue in Queue
                if queue in spaces
            }
            for render_id in render_ids
        }

    async def shots_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Sequence[ShotGroup]]:
        asked = {"ids": list(render_ids), "workspace_id": self._workspace_id}
        found: defaultdict[RenderId, list[ShotGroup]] = defaultdict(list)
        for row in await self._session.execute(SHOTS, asked):
            measure = ShotMeasure(row.seconds, ShotSize(row.size), row.has_cast)
            found[RenderId(row.render_id)].append(ShotGroup(ShotState(row.state), measure, row.shots))
        return found


def to_standing(space: AnyRow, jobs: AnyRow | None, first: AnyRow | None) -> QueueStanding:
    place = None
    if first is not None:
        place = Place(first.id, float(first.rank), Ahead(first.jobs_before, float(first.seconds_before)))
    return QueueStanding(
        weight=space.weight,
        running_max=space.running_max,
        fair_time=space.fair_time,
        workspace_seconds=float(space.workspace_seconds),
        place=place,
        running=jobs.running if jobs else 0,
        running_longest=float(jobs.running_longest) if jobs else 0.0,
        waiting=jobs.waiting if jobs else 0,
        waiting_longest=float(jobs.waiting_longest) if jobs else 0.0,
        has_dispatched=bool(jobs and jobs.has_dispatched),
        delay_seconds=float(jobs.delay_seconds) if jobs else 0.0,
    )
