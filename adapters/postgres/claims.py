"""How workers get jobs, and what dispatcher and reaper move: each call one short transaction as the jobs' role."""

import json
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from adapters.postgres.calls import PostgresCalls
from adapters.postgres.commits import before_commit
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.job_rows import CLAIMED_COLUMNS, ClaimedRow, to_claimed_job, to_doomed_job
from adapters.postgres.job_tables import JobRow
from adapters.postgres.jobs import fence_lost, fence_parameters
from adapters.postgres.queue_counts import BY_INDEX
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import (
    AlikeJob,
    ClaimedJob,
    Delivery,
    EndedJob,
    Fence,
    Finish,
    Heartbeat,
    JobState,
    Queue,
    Worker,
)
from domain.jobs.policies import SEEN_SECONDS
from failpoints import Commit

SEE = text(
    "select worker_see(:id, :queue, cast(:engines as text[]), :command_version, :slots, :software_version,"
    " cast(:warm as text[]), cast(:models as jsonb))"
)
LEAVE = text("select worker_leave(:id)")
CLAIM = text(
    "select * from job_claim(:claim_id, :worker_id, :queue, cast(:engines as text[]), :command_version,"
    " :lease_seconds, cast(:job_id as uuid), cast(:delivery as bigint))"
)
CLAIM_MANY = text(
    "select * from job_claim_many(cast(:claim_ids as uuid[]), :worker_id, :queue, cast(:engines as text[]),"
    " :command_version, :lease_seconds)"
)
# Of the first job's workspace, in the order of claims, past what workers that hold nothing could begin at once. A job
# that has failed or was lost is done alone, where it harms no other; what an earlier answer gave is found again.
ALIKE = text(
    """
    with first as (select * from jobs where id = :id and worker_id = :worker_id and state = 'running'),
    idle as (
        select count(*) as hands from workers w cross join first f
        where w.queue = f.queue and w.state = 'ready' and w.id <> :worker_id and f.needs = any(w.knows)
          and w.last_seen_at > clock_timestamp() - make_interval(secs => :seen_seconds)
          and not exists (select from jobs where worker_id = w.id and state = 'running')
    )
    (select j.id, j.claim_id, j.payload from jobs j
     where j.worker_id = :worker_id and j.state = 'running' and j.claim_id = any(cast(:claim_ids as uuid[])))
    union all
    (select a.id, null, a.payload from first f cross join lateral (
         select j.id, j.payload from jobs j
         where j.queue = f.queue and j.workspace_id = f.workspace_id and j.state = 'dispatched' and j.kind = f.kind
           and j.needs = f.needs and j.affinity is not distinct from f.affinity and j.cancel_requested_at is null
           and j.lost + j.attempts = 0 and (j.start_before is null or j.start_before > clock_timestamp())
         order by j.dispatched_at, j.priority desc, j.id limit :limit offset (select hands from idle)
     ) a where f.lost + f.attempts = 0)
    """
)
TAKE_MANY = f"select {CLAIMED_COLUMNS} from job_take($1, $2, $3, $4, $5, $6)"  # noqa: S608 - names of columns
FINISH_MANY = "select id from job_finish_many($1, $2, $3, $4) as id"
BEAT = text("select is_cancelled, is_draining from job_heartbeat(:id, :epoch, :claim_id, :lease_seconds)")
GIVE_UP = text("select job_give_up_lease(:id, :epoch, :claim_id, :message)")
# Looked up row by row: a join with a function is planned by a guess of its rows.
PICK = text(
    "select p.job_id, p.delivery, p.workspace_id,"
    " (select extract(epoch from clock_timestamp() - j.run_at) from jobs j where j.id = p.job_id) as waited_seconds"
    " from job_pick(:queue, :lookahead, :seen_seconds, :limit) p"
)
RETURN = text("select job_id, delivery, queue, workspace_id from job_return_deliveries(:older_seconds, :limit)")
REAP = text("select 1 from job_reap(:limit)")
DOOMED = text("select * from job_doomed(:limit, :kinds, :passed_over)")
PRUNE = text("select job_prune(:days, :limit)")
PRUNE_EVENTS = text("select event_prune(:days, :limit)")
PRUNE_IDLE = text("select idle_prune(:days, :limit)")
# A heartbeat that is forgotten in a crash costs a lease; waiting for the disk at each costs more.
RELAXED = text("set local synchronous_commit = off")


class PostgresClaims:
    """Hands jobs to workers under a lease and a fence."""

    def __init__(self, database: PostgresDatabase, calls: PostgresCalls) -> None:
        self._database = database
        self.calls = calls

    async def see(self, worker: Worker) -> bool:
        parameters = {
            "id": worker.id,
            "queue": str(worker.queue),
            "engines": list(worker.engines),
            "command_version": worker.command_version,
            "slots": worker.slots,
            "software_version": worker.software_version,
            "warm": list(worker.warm),
            "models": None if worker.models is None else json.dumps(worker.models),
        }
        async with self._database.work() as work:
            await work.session.execute(RELAXED)
            return bool(await work.session.scalar(SEE, parameters))

    async def leave(self, worker_id: str) -> None:
        async with self._database.work() as work:
            await work.session.execute(LEAVE, {"id": worker_id})

    async def claim(
        self,
        worker: Worker,
        *,
        claim_id: UUID,
        lease_seconds: float,
        job_id: JobId | None = None,
        delivery: int | None = None,
    ) -> ClaimedJob | None:
        statement = CLAIM.bindparams(
            claim_id=claim_id,
            worker_id=worker.id,
            queue=str(worker.queue),
            engines=list(worker.engines),
            command_version=worker.command_version,
            lease_seconds=lease_seconds,
            job_id=job_id,
            delivery=delivery,
        )
        async with self._database.work() as work:
            row = (await work.session.scalars(select(JobRow).from_statement(statement))).one_or_none()
            if row is None:
                return None
            await before_commit(work.session, Commit.CLAIM, row.id, row.kind)
            return to_claimed_job(row)

    async def find_alike(
        self, worker: Worker, job: ClaimedJob, *, claim_ids: Sequence[UUID], limit: int
    ) -> Sequence[AlikeJob]:
        parameters = {
            "id": job.id,
            "worker_id": worker.id,
            "claim_ids": list(claim_ids),
            "seen_seconds": SEEN_SECONDS,
            "limit": limit,
        }
        async with self._database.work() as work:
            await work.session.execute(BY_INDEX)
            rows = await work.session.execute(ALIKE, parameters)
            return [AlikeJob(JobId(row.id), row.payload, row.claim_id) for row in rows]

    async def claim_many(
        self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
    ) -> Sequence[ClaimedJob]:
        statement = CLAIM_MANY.bindparams(
            claim_ids=list(claim_ids),
            worker_id=worker.id,
            queue=str(worker.queue),
            engines=list(worker.engines),
            command_version=worker.command_version,
            lease_seconds=lease_seconds,
        )
        async with self._database.work() as work:
            rows = (await work.session.scalars(select(JobRow).from_statement(statement))).all()
            for row in rows:
                await before_commit(work.session, Commit.CLAIM, row.id, row.kind)
            return [to_claimed_job(row) for row in rows]

    async def take_many(
        self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
    ) -> Sequence[ClaimedJob]:
        about = claim_ids, worker.id, str(worker.queue), worker.engines, worker.command_version, lease_seconds
        rows = await self.calls.rows(TAKE_MANY, *about, commit=Commit.CLAIM, about=lambda row: (row["id"], row["kind"]))
        return [to_claimed_job(ClaimedRow(*row)) for row in rows]

    async def finish_many(self, finishes: Sequence[Finish]) -> Collection[JobId]:
        columns = (
            [each.fence.job_id for each in finishes],
            [each.fence.epoch for each in finishes],
            [each.fence.claim_id for each in finishes],
            [each.worked_seconds for each in finishes],
        )
        rows = await self.calls.rows(FINISH_MANY, *columns, commit=Commit.FINISH, about=lambda row: (row["id"],))
        return {JobId(row["id"]) for row in rows}

    async def find_claimed(self, worker_id: str, claim_ids: Sequence[UUID]) -> Sequence[ClaimedJob]:
        held = select(JobRow).where(
            col(JobRow.worker_id) == worker_id,
            col(JobRow.state) == JobState.RUNNING,
            col(JobRow.claim_id).in_(claim_ids),
        )
        async with self._database.work() as work:
            return [to_claimed_job(row) for row in await work.session.scalars(held)]

    async def beat(self, fence: Fence, *, lease_seconds: float) -> Heartbeat:
        async with self._database.work() as work:
            await work.session.execute(RELAXED)
            parameters = fence_parameters(fence) | {"lease_seconds": lease_seconds}
            row = (await work.session.execute(BEAT, parameters)).one_or_none()
        if row is None:
            raise fence_lost(fence)
        return Heartbeat(is_cancelled=row.is_cancelled, is_draining=row.is_draining)

    async def give_up(self, fence: Fence, message: str) -> None:
        async with self._database.work() as work:
            if not await work.session.scalar(GIVE_UP, fence_parameters(fence) | {"message": message[:2000]}):
                raise fence_lost(fence)

    async def find_held(self, fence: Fence) -> ClaimedJob:
        async with self._database.work() as work:
            row = await work.session.get(JobRow, fence.job_id)
        if row is None or (row.epoch, row.claim_id) != (fence.epoch, fence.claim_id):
            raise fence_lost(fence)
        return to_claimed_job(row)


class PostgresDispatches:
    """Moves jobs towards workers and back; `lookahead` jobs may wait dispatched for each, but no more than its slots.

    Who has several slots takes jobs by the set: the jobs process because they are short, a GPU worker for a batch. With
    a large `lookahead` a full set waits for each.
    """

    def __init__(self, database: PostgresDatabase, *, lookahead: int = 1, seen_seconds: float = SEEN_SECONDS) -> None:
        self._database = database
        self._lookahead = lookahead
        self._seen_seconds = seen_seconds

    async def pick(self, queue: Queue, *, limit: int) -> Sequence[Delivery]:
        parameters = {
            "queue": str(queue),
            "lookahead": self._lookahead,
            "seen_seconds": self._seen_seconds,
            "limit": limit,
        }
        async with self._database.work() as work:
            rows = await work.session.execute(PICK, parameters)
            picked = [
                Delivery(JobId(r.job_id), r.delivery, queue, WorkspaceId(r.workspace_id), float(r.waited_seconds or 0))
                for r in rows
            ]
            if picked:
                await before_commit(work.session, Commit.PICK, *(each.job_id for each in picked))
            return picked

    async def return_deliveries(self, *, older_seconds: float, limit: int) -> Sequence[Delivery]:
        parameters = {"older_seconds": older_seconds, "limit": limit}
        async with self._database.work() as work:
            rows = await work.session.execute(RETURN, parameters)
            return [Delivery(JobId(r.job_id), r.delivery, Queue(r.queue), WorkspaceId(r.workspace_id)) for r in rows]

    async def reap(self, *, limit: int) -> int:
        async with self._database.work() as work:
            return len((await work.session.execute(REAP, {"limit": limit})).all())

    async def list_doomed(
        self, *, limit: int, kinds: Sequence[str] | None = None, passed_over: Sequence[JobId] = ()
    ) -> Sequence[EndedJob]:
        known = None if kinds is None else list(kinds)
        statement = DOOMED.bindparams(limit=limit, kinds=known, passed_over=list(passed_over))
        async with self._database.work() as work:
            rows = await work.session.scalars(select(JobRow).from_statement(statement))
            return [to_doomed_job(row) for row in rows]

    async def prune(self, *, days: int, limit: int) -> int:
        async with self._database.work() as work:
            return await work.session.scalar(PRUNE, {"days": days, "limit": limit}) or 0

    async def prune_events(self, *, days: int, limit: int) -> int:
        async with self._database.work() as work:
            return await work.session.scalar(PRUNE_EVENTS, {"days": days, "limit": limit}) or 0

    async def prune_idle(self, *, days: int, limit: int) -> int:
        async with self._database.work() as work:
            return await work.session.scalar(PRUNE_IDLE, {"days": days, "limit": limit}) or 0
