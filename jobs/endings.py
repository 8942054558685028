"""How jobs end: the state of the job and what its slice makes of it, in one transaction."""

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.events import Json
from domain.identifiers import ObjectId
from domain.jobs.errors import FenceLost
from domain.jobs.models import ClaimedJob, EndedJob, FinishedJob, JobState
from domain.jobs.policies import Failure, RetryPolicy
from domain.media.models import StoredObject
from jobs.registry import Registry


class NotFailed(Exception):
    """The job did not end as failed after all, so its slice must not be told so."""


class Endings:
    """Ends jobs for the runner, the control application and the reaper."""

    def __init__(self, services: Container, registry: Registry, policy: RetryPolicy | None = None) -> None:
        self._services = services
        self._registry = registry
        self._policy = policy or RetryPolicy(first_seconds=services.settings.jobs.retry_first_seconds)

    @property
    def known_kinds(self) -> Sequence[str]:
        """The kinds of jobs that this process can end; others are left to processes of another version."""
        return self._registry.known_kinds()

    def _require_known(self, kind: str) -> None:
        if not self._registry.knows(kind):
            raise Unavailable(f"This version of the jobs process knows no {kind}; another one will end the job.")

    async def finish(
        self,
        job: ClaimedJob,
        *,
        result: Mapping[str, Json],
        outputs: Mapping[str, StoredObject],
        worked_seconds: float,
    ) -> Sequence[str]:
        """End a worker's job with success; answer the keys of outputs whose bytes the workspace has under another key.

        Raises FenceLost, ObjectBeingSwept, Unavailable for a kind that this process does not know, and whatever the
        slice's handler raises.
        """
        self._require_known(job.kind)
        surplus: list[str] = []
        async with self._services.system_work(job.workspace_id) as work:
            is_first = await work.held_jobs.is_held(job.fence)
            if is_first:
                objects: dict[str, ObjectId] = {}
                for name, output in sorted(outputs.items()):
                    kept = await work.objects.reserve(output)
                    objects[name] = kept.id
                    surplus += [output.key] if kept.key != output.key else []
                if handler := self._registry.finished.get(job.kind):
                    finished = finished_job(job, result, objects, worked_seconds)
                    await handler(work, finished, self._services.now())
            await work.held_jobs.finish(job.fence, worked_seconds=worked_seconds, result=result)
        if is_first:
            self._services.metrics.succeeded(job, worked_seconds=worked_seconds)
        return surplus

    async def fail(self, job: ClaimedJob, failure: Failure) -> JobState:
        """Queue the job again after its delay, or end it and tell its slice.

        Raises FenceLost, and Unavailable for a kind that this process does not know.
        """
        self._require_known(job.kind)
        state = await self._fail(job, failure)
        self._services.metrics.failed(job, state)
        return state

    async def _fail(self, job: ClaimedJob, failure: Failure) -> JobState:
        delay = self._policy.delay_seconds(
            failure,
            attempts=job.attempts,
            attempts_max=job.attempts_max,
            chance=random.random(),  # noqa: S311 - spreads retries
        )
        if delay is None and job.kind in self._registry.failed:
            try:
                return await self._fail_for_good(job, failure)
            except NotFailed:
                pass  # A cancel came in between: the job ends as cancelled, without its slice being told of a failure.
        async with self._services.system_work(job.workspace_id) as work:
            return await work.held_jobs.fail(job.fence, failure, retry_seconds=delay)

    async def _fail_for_good(self, job: ClaimedJob, failure: Failure) -> JobState:
        ended = EndedJob(
            id=job.id,
            workspace_id=job.workspace_id,
            kind=job.kind,
            payload=job.payload,
            subject_id=job.subject_id,
            state=JobState.FAILED,
            failure_code=failure.code,
            failure_message=failure.message,
        )
        async with self._services.system_work(job.workspace_id) as work:
            if await work.held_jobs.is_held(job.fence):
                await self._registry.failed[job.kind](work, ended, self._services.now())
            state = await work.held_jobs.fail(job.fence, failure, retry_seconds=None)
            if state is not JobState.FAILED:
                raise NotFailed
            return state

    async def release(self, job: ClaimedJob) -> JobState:
        """Hand the job back with nothing charged; raises FenceLost."""
        async with self._services.system_work(job.workspace_id) as work:
            state = await work.held_jobs.release(job.fence)
        self._services.metrics.released(job, state)
        return state

    async def hand_back(self, worker_id: str, claim_ids: Sequence[UUID]) -> None:
        """Release what the worker was given under these ids and never began."""
        for job in await self._services.claims.find_claimed(worker_id, claim_ids):
            with suppress(FenceLost):
                await self.release(job)

    async def bury(self, ended: EndedJob) -> bool:
        """End a job that was lost too often or could not start in time, and tell its slice; False if it is not so."""
        try:
            async with self._services.system_work(ended.workspace_id) as work:
                if handler := self._registry.failed.get(ended.kind):
                    await handler(work, ended, self._services.now())
                if not await work.held_jobs.bury(ended.id):
                    raise NotFailed
        except NotFailed:
            return False
        self._services.metrics.set_aside(ended.state)
        return True


def finished_job(
    job: ClaimedJob, result: Mapping[str, Json], objects: Mapping[str, ObjectId], worked_seconds: float
) -> FinishedJob:
    return FinishedJob(
        id=job.id,
        workspace_id=job.workspace_id,
        kind=job.kind,
        payload=job.payload,
        subject_id=job.subject_id,
        result=result,
        objects=objects,
        worked_seconds=worked_seconds,
    )
