"""The engine's SQL and the model side by side under any sequence of calls, from hypothesis."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import Fence, NewJob, Priority, Queue, Worker
from tests.adapters.postgres.jobs_model import engine as sql
from tests.adapters.postgres.jobs_model.clock import START
from tests.adapters.postgres.jobs_model.engine import LEASE_SECONDS, Engine, claim_arguments, fence_arguments
from tests.adapters.postgres.jobs_model.invariants import VIOLATIONS
from tests.adapters.postgres.jobs_model.model import Model, ModelSpace, seconds
from tests.adapters.postgres.jobs_model.observing import assert_equal
from tests.adapters.postgres.jobs_model.picking import active, pick, window

JOBS_MAX = 12
SPACES = (ModelSpace(UUID(int=1), 1.0, 2), ModelSpace(UUID(int=2), 2.0, 3))
WORKERS = (
    Worker(id="drawer", queue=Queue.CPU, software_version="test", engines=["draw"], slots=2),
    Worker(id="new-drawer", queue=Queue.CPU, software_version="test", engines=["draw"], command_version=2),
    Worker(id="filmer", queue=Queue.CPU, software_version="test", engines=["film"], command_version=2),
    Worker(id="stranger", queue=Queue.GPU, software_version="test", engines=["draw", "film"], command_version=2),
)
SUBJECTS = (None, UUID(int=71), UUID(int=72))
COMMANDS = ((None, 1), (None, 1), (None, 1), ("draw", 1), ("draw", 2), ("film", 2))
anything = st.integers(0, 11)
space = st.sampled_from(SPACES)
worker = st.sampled_from(WORKERS)


class Machine(RuleBasedStateMachine):
    """What every rule needs: the two sides, and the fences that were ever given out."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        engine.empty()
        self.engine = engine
        self.model = Model(START, spaces={each.id: each for each in SPACES})
        self.fences: list[Fence] = []
        self.floor = 0.0
        for each in SPACES:
            engine.as_owner(sql.ADD_SPACE, each.id, each.weight, each.running_max)

    def job_id(self, index: int) -> UUID:
        return list(self.model.jobs)[index % len(self.model.jobs)]

    def fence(self, index: int) -> Fence:
        """Mostly the latest ones."""
        return self.fences[-1 - index % len(self.fences)]

    def new_claim_id(self) -> UUID:
        return UUID(int=1000 + len(self.fences))

    @initialize()
    def begin(self) -> None:
        for each in WORKERS[:1]:
            self.engine.value(sql.SEE, *sql.see_arguments(each))
            self.model.workers[each.id] = each, self.model.now

    @invariant()
    def both_sides_are_equal(self) -> None:
        assert_equal(self.engine, self.model)

    @invariant()
    def nothing_is_violated(self) -> None:
        assert self.engine.rows(VIOLATIONS) == []

    @invariant()
    def fair_time_goes_forward(self) -> None:
        assert self.model.floor >= self.floor
        self.floor = self.model.floor


def with_jobs(machine: Machine) -> bool:
    return bool(machine.model.jobs)


def with_fences(machine: Machine) -> bool:
    return bool(machine.fences)


class Submitting(Machine):
    """What the business asks for."""

    @precondition(lambda self: len(self.model.jobs) < JOBS_MAX)
    @rule(space=space, priority=st.sampled_from(Priority), waits=st.lists(anything, max_size=2), odd=st.data())
    def enqueue(self, space: ModelSpace, priority: Priority, waits: Sequence[int], odd: st.DataObject) -> None:
        engine, version = odd.draw(st.sampled_from(COMMANDS))
        delay = odd.draw(st.sampled_from((None, None, None, 5, 40)))
        patience = odd.draw(st.sampled_from((None, None, None, 3, 50)))
        now = self.model.now
        new = NewJob(
            id=JobId(UUID(int=100 + len(self.model.jobs))),
            workspace_id=WorkspaceId(space.id),
            kind="tests.work",
            queue=Queue.CPU,
            payload={"command": {"engine": engine, "version": version}} if engine else {},
            subject_id=odd.draw(st.sampled_from(SUBJECTS)),
            priority=priority,
            idempotency_key=odd.draw(st.sampled_from((None, None, "once"))),
            attempts_max=odd.draw(st.integers(1, 3)),
            deadline_seconds=100,
            estimated_seconds=odd.draw(st.sampled_from((1, 4, 16))),
            run_at=now + seconds(delay) if delay else None,
            start_before=now + seconds(patience) if patience else None,
            waits_for=[JobId(self.job_id(each)) for each in waits] if self.model.jobs else [],
        )
        assert self.engine.enqueue(new) is self.model.enqueue(new, engine=engine, version=version)

    @precondition(with_jobs)
    @rule(index=anything)
    def enqueue_again(self, index: int) -> None:
        """A mutation that is repeated after its answer was lost."""
        new = replace(self.model.jobs[self.job_id(index)].new, priority=Priority.BULK)
        assert self.engine.enqueue(new) is False

    @precondition(with_jobs)
    @rule(index=anything, space=space)
    def cancel(self, index: int, space: ModelSpace) -> None:
        job_id = self.job_id(index)
        assert self.engine.value(sql.CANCEL, space.id, job_id) == self.model.cancel(space.id, job_id)

    @precondition(with_jobs)
    @rule(subject_id=st.sampled_from(SUBJECTS[1:]), space=space)
    def cancel_subject(self, subject_id: UUID, space: ModelSpace) -> None:
        answered = self.engine.rows(sql.CANCEL_SUBJECT, space.id, subject_id)
        assert {job_id for (job_id,) in answered} == self.model.cancel_subject(space.id, subject_id)


class Working(Submitting):
    """What workers do, with fences of every age."""

    def take(self, by: Worker, claim_id: UUID, job_id: UUID | None, delivery: int | None) -> None:
        arguments = claim_arguments(by, claim_id, job_id, delivery)
        answered = self.engine.rows(sql.CLAIM, *arguments)
        job = self.model.claim(by, claim_id=claim_id, lease_seconds=LEASE_SECONDS, job_id=job_id, delivery=delivery)
        assert answered == ([(job.new.id, job.epoch, job.delivery)] if job else [])
        if job:
            self.fences.append(Fence(JobId(job.new.id), job.epoch, claim_id))

    @rule(by=worker)
    def ask(self, by: Worker) -> None:
        self.take(by, self.new_claim_id(), None, None)

    @precondition(with_jobs)
    @rule(by=worker, index=anything, late=st.sampled_from((0, 0, 0, 1, -1)))
    def answer_a_delivery(self, by: Worker, index: int, late: int) -> None:
        job = self.model.jobs[self.job_id(index)]
        self.take(by, self.new_claim_id(), job.new.id, job.delivery - late)

    @precondition(with_fences)
    @rule(by=worker, index=anything)
    def ask_again(self, by: Worker, index: int) -> None:
        """The same claim, whose answer may have been lost."""
        self.take(by, self.fence(index).claim_id, None, None)

    def report(self, statement: str, expected: Callable[[Fence], Any], index: int, *more: object) -> None:
        fence = self.fence(index)
        assert self.engine.value(statement, *fence_arguments(fence), *more) == expected(fence)

    @precondition(with_fences)
    @rule(index=anything, worked=st.sampled_from((0.0, 2.0, 64.0)))
    def finish(self, index: int, worked: float) -> None:
        self.report(sql.FINISH, lambda fence: self.model.finish(fence, worked), index, worked)

    @precondition(with_fences)
    @rule(index=anything, retry=st.sampled_from((None, 0.0, 8.0)))
    def fail(self, index: int, retry: float | None) -> None:
        self.report(sql.FAIL, lambda fence: self.model.fail(fence, retry), index, retry)

    @precondition(with_fences)
    @rule(index=anything)
    def release(self, index: int) -> None:
        self.report(sql.RELEASE, self.model.release, index)

    @precondition(with_fences)
    @rule(index=anything)
    def beat(self, index: int) -> None:
        self.report(sql.BEAT, lambda fence: self.model.beat(fence, LEASE_SECONDS), index, LEASE_SECONDS)

    @precondition(with_fences)
    @rule(index=anything)
    def give_up_lease(self, index: int) -> None:
        self.report(sql.GIVE_UP_LEASE, self.model.give_up_lease, index)

    @precondition(with_fences)
    @rule(index=anything, digest=st.sampled_from(("keyframe", "clip")))
    def commit_step(self, index: int, digest: str) -> None:
        fence = self.fence(index)
        workspace_id = self.model.jobs[fence.job_id].new.workspace_id
        assert self.engine.commit_step(workspace_id, digest, fence) is self.model.commit_step(fence, digest)

    @rule(by=worker)
    def show_up(self, by: Worker) -> None:
        assert self.engine.value(sql.SEE, *sql.see_arguments(by)) is False
        self.model.workers[by.id] = by, self.model.now

    @rule(by=worker)
    def leave(self, by: Worker) -> None:
        self.engine.value("select worker_leave($1)", by.id)
        self.model.workers.pop(by.id, None)


class JobMachine(Working):
    """What dispatcher, reaper, operator and time do."""

    @rule(lookahead=st.integers(0, 1), limit=st.sampled_from((1, 2, 200, 200)))
    def pick_twice(self, lookahead: int, limit: int) -> None:
        before, room = active(self.model), window(self.model, lookahead)
        picked = self.engine.pick_twice(lookahead=lookahead, limit=limit)
        assert before + len(picked) <= max(before, room)
        assert picked == pick(self.model, lookahead=lookahead, limit=limit)

    @rule(older=st.sampled_from((0.0, 15.0)))
    def return_deliveries(self, older: float) -> None:
        """Overdue ones, or all of them as after Redis was flushed."""
        answered = self.engine.rows(sql.RETURN_DELIVERIES, older)
        assert {job_id for (job_id,) in answered} == set(self.model.return_deliveries(older))

    @rule()
    def reap(self) -> None:
        assert self.engine.value(sql.REAP) == self.model.reap()

    @rule()
    def list_doomed(self) -> None:
        doomed = {job_id for job_id, job in self.model.jobs.items() if job.is_doomed(self.model.now)}
        assert {job_id for (job_id,) in self.engine.rows(sql.DOOMED)} == doomed

    @precondition(with_jobs)
    @rule(index=anything)
    def bury(self, index: int) -> None:
        job_id = self.job_id(index)
        assert self.engine.value(sql.BURY, job_id) == self.model.bury(job_id)

    @rule(amount=st.sampled_from((1, 4, 20, 61, 61, 61, 170, 700)))
    def advance_the_clock(self, amount: int) -> None:
        self.model.now += seconds(amount)
        self.engine.set_clock(self.model.now)

    @rule(is_paused=st.booleans())
    def pause_or_resume(self, is_paused: bool) -> None:  # noqa: FBT001 - hypothesis names it
        self.model.is_paused = is_paused
        self.engine.as_owner("update queue_controls set is_paused = $1", is_paused)


def machine_on(engine: Engine) -> type[JobMachine]:
    """Answer what hypothesis wants: a machine without arguments."""

    class BoundMachine(JobMachine):
        def __init__(self) -> None:
            super().__init__(engine)

    return BoundMachine
