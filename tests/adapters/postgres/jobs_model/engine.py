"""The job engine's SQL functions, called one by one on plain connections; the clock is the test's."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from adapters.postgres.job_rows import enqueue_parameters
from domain.jobs.errors import FenceLost
from domain.jobs.models import Fence, NewJob, Worker
from tests.adapters.postgres.jobs_model.clock import START, install_clock
from tests.adapters.postgres.jobs_model.model import SEEN_SECONDS

Answer = TypeVar("Answer")
LEASE_SECONDS = 60.0

EMPTY = """
delete from jobs;
delete from workers;
delete from workspaces;
update queue_controls set virtual_time = 0, is_paused = false;
"""
ADD_SPACE = "insert into workspaces (id, name, created_at, weight, running_max) values ($1, 'Studio', now(), $2, $3)"
ENQUEUE = "select job_enqueue($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb)"
SEE = "select worker_see($1, $2, $3::text[], $4, $5, 'test')"
PICK = "select job_id, delivery from job_pick('cpu', $1, $2, $3)"
CLAIM = "select id, epoch, delivery from job_claim($1, $2, $3, $4::text[], $5, $6, $7, $8)"
TAKE = "select id, epoch, delivery from job_take($1, $2, $3, $4::text[], $5, $6)"
FINISH_MANY = "select job_finish_many($1, $2, $3, $4)"
BEAT = "select is_cancelled from job_heartbeat($1, $2, $3, $4)"
HOLDS = "select job_holds($1, $2, $3)"
FINISH = "select job_finish($1, $2, $3, $4, '{}')"
FAIL = "select job_fail($1, $2, $3, 'UNAVAILABLE', 'It is away.', $4)"
RELEASE = "select job_release($1, $2, $3)"
GIVE_UP_LEASE = "select job_give_up_lease($1, $2, $3, 'It crashed.')"
REAP = "select count(*) from job_reap(100)"
DOOMED = "select id from job_doomed(100)"
BURY = "select count(*) from job_bury($1)"
RETURN_DELIVERIES = "select job_id from job_return_deliveries($1, 100)"
CANCEL = "select job_cancel($1, $2, 'Not wanted.')"
CANCEL_SUBJECT = "select job_id from job_cancel_subject($1, $2, 'Not wanted.')"
PAUSE = "select queue_pause('ada', 'It overheats.', 'cpu')"
RESUME = "select queue_resume('ada', 'It is cool.', 'cpu')"
SET_STATE = "select worker_set_state('ada', 'A new driver.', $1, $2)"
REQUEUE = "select job_requeue('ada', 'The store is back.', $1)"
SET_ASIDE = "select job_set_aside('ada', 'It is poison.', $1)"
RECORD_STEP = (
    "insert into step_results (workspace_id, digest, result) values ($1, $2, jsonb_build_object('epoch', $3::bigint))"
    " on conflict do nothing"
)


def fence_arguments(fence: Fence) -> tuple[UUID, int, UUID]:
    return fence.job_id, fence.epoch, fence.claim_id


def claim_arguments(worker: Worker, claim_id: UUID, job_id: UUID | None, delivery: int | None) -> tuple[object, ...]:
    about = worker.id, str(worker.queue), list(worker.engines), worker.command_version
    return claim_id, *about, LEASE_SECONDS, job_id, delivery


def take_arguments(worker: Worker, *claim_ids: UUID) -> tuple[object, ...]:
    about = worker.id, str(worker.queue), list(worker.engines), worker.command_version
    return claim_ids, *about, LEASE_SECONDS


def see_arguments(worker: Worker) -> tuple[object, ...]:
    return worker.id, str(worker.queue), list(worker.engines), worker.command_version, worker.slots


class Engine:
    """Two connections as the jobs' role and two as the owner, driven by a loop of their own."""

    def __init__(self, owner_url: str, system_url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self.owner = self.run(asyncpg.connect(owner_url))
        self.run(install_clock(self.owner))
        self.first = self.run(asyncpg.connect(system_url))
        self.second = self.run(asyncpg.connect(system_url))
        self.third = self.run(asyncpg.connect(owner_url))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        for connection in (self.owner, self.first, self.second, self.third):
            self.run(connection.close())
        self._loop.close()

    def empty(self) -> None:
        self.run(self.owner.execute(EMPTY))
        self.set_clock(START)

    def set_clock(self, now: datetime) -> None:
        self.as_owner("update chaos_clock.instant set at = $1", now)

    def as_owner(self, statement: str, *arguments: object) -> None:
        self.run(self.owner.execute(statement, *arguments))

    def value(self, statement: str, *arguments: object) -> Any:
        return self.run(self.first.fetchval(statement, *arguments))

    def rows(self, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.run(self.first.fetch(statement, *arguments))]

    def enqueue(self, new: NewJob) -> bool:
        return self.value(ENQUEUE, *enqueue_parameters(new).values())

    def pick_twice(self, *, lookahead: int, limit: int) -> list[tuple[UUID, int]]:
        """Two pickers at once: the second asks while the first has not committed."""
        arguments = lookahead, SEEN_SECONDS, limit

        async def both() -> list[Any]:
            async with self.first.transaction():
                picked = await self.first.fetch(PICK, *arguments)
                return picked + await self.second.fetch(PICK, *arguments)

        return [tuple(row.values()) for row in self.run(both())]

    def commit_step(self, workspace_id: UUID, digest: str, fence: Fence) -> bool:
        """What a worker does at the end of a step: its effect and the check of its fence in one transaction."""

        async def commit() -> None:
            async with self.first.transaction():
                await self.first.execute(RECORD_STEP, workspace_id, digest, fence.epoch)
                if not await self.first.fetchval(HOLDS, *fence_arguments(fence)):
                    raise FenceLost("Another holds the job.")

        try:
            self.run(commit())
        except FenceLost:
            return False
        return True
