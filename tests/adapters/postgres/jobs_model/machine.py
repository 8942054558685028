"""The engine's SQL and the model side by side under any sequence of calls, from hypothesis."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.identifiers import JobId, WorkspaceId
from domain.jobs.lifecycle import Move
from domain.jobs.models import Fence, JobState, NewJob, Priority, Queue, Worker
from tests.adapters.postgres.jobs_model import engine as sql
from tests.adapters.postgres.jobs_model.clock import START
from tests.adapters.postgres.jobs_model.engine import LEASE_SECONDS, Engine, claim_arguments, fence_arguments
from tests.adapters.postgres.jobs_model.invariants import VIOLATIONS
from tests.adapters.postgres.jobs_model.model import Model, ModelJob, ModelSpace, seconds
from tests.adapters.postgres.jobs_model.observing import assert_equal
from tests.adapters.postgres.jobs_model.operating import pause, requeue, set_aside
from tests.adapters.postgres.jobs_model.picking import active, is_mixed, pick, take, window

JOBS_MAX = 12
SPACES = (ModelSpace(UUID(int=1), 1.0, 2), ModelSpace(UUID(int=2), 2.0, 3))
WORKERS = (
    Worker(id="drawer", queue=Queue.CPU, software_version="test", engines=["draw"], slots=2),
    Worker(id="new-drawer", queue=Queue.CPU, software_version="test", engines=["draw"], command_version=2),
    Worker(id="filmer", queue=Queue.CPU, software_version="test", engines=["film"], command_version=2),
    Worker(id="stranger", queue=Queue.GPU, software_version="test", engines=["draw", "film"], command_version=2),
)
ASIDE_STATES = (JobState.BLOCKED, JobState.QUEUED, JobState.DISPATCHED, JobState.RUNNING, JobState.SUCCEEDED)
SUBJECTS = (None, UUID(int=71), UUID(int=72))
COMMANDS = ((None, 1), (None, 1), (None, 1), ("draw", 1), ("draw", 2), ("film", 2))
anything = st.integers(0, 11)
space = st.sampled_from(SPACES)
worker = st.sampled_from(WORKERS)


def plain(number: int, workspace: ModelSpace) -> NewJob:
    return NewJob(
        id=JobId(UUID(int=100 + number)),
        workspace_id=WorkspaceId(workspace.id),
        kind="tests.work",
        queue=Queue.CPU,
        payload={},
        deadline_seconds=100,
        estimated_seconds=4,
    )


class Machine(RuleBasedStateMachine):
    """What every rule needs: the two sides, and the fences that were ever given out."""

    def __init__(self, engine: Engine, made: Counter[tuple[JobState, Move]]) -> None:
        super().__init__()
        engine.empty()
        self.engine = engine
        self.model = Model(START, spaces={each.id: each for each in SPACES}, made=made)
        self.fences: list[Fence] = []
        self.claimed_by: dict[UUID, Worker] = {}
        self.floor = 0.0
        for each in SPACES:
            engine.as_owner(sql.ADD_SPACE, each.id, each.weight, each.running_max)

    def job_id(self, index: int) -> UUID:
        return list(self.model.jobs)[index % len(self.model.jobs)]

    def job_in(self, state: JobState, index: int) -> UUID:
        """A job in this state, if there is any."""
        found = [job_id for job_id, job in self.model.jobs.items() if job.state is state]
        return found[index % len(found)] if found else self.job_id(index)

    def fence(self, index: int) -> Fence:
        """Every other time one that holds, if there is any; else one of any age, or one whose job another holds."""
        held = [fence for fence in self.fences if self.model.held(fence)]
        others = {fence.job_id for fence in held}
        stale = [fence for fence in self.fences if fence not in held and fence.job_id in others]
        fences = held if held and index % 2 else stale if stale and index % 4 else self.fences
        return fences[-1 - index // 2 % len(fences)]

    def new_claim_id(self) -> UUID:
        return UUID(int=1000 + len(self.fences))

    @initialize()
    def begin(self) -> None:
        for each in WORKERS:
            self.engine.value(sql.SEE, *sql.see_arguments(each))
            self.model.workers[each.id] = each, self.model.now

        for number, workspace in enumerate((SPACES[0], SPACES[0], SPACES[1], SPACES[0])):
            waits_for = [JobId(each) for each in self.model.jobs][:1] if number == 3 else []
            start_before = self.model.now + seconds(50) if number == 1 else None
            self.write_down(replace(plain(number, workspace), waits_for=waits_for, start_before=start_before))
        command = replace(plain(4, SPACES[1]), payload={"command": {"engine": "draw", "version": 2}})
        self.write_down(command, "draw", 2)

    def write_down(self, new: NewJob, engine: str | None = None, version: int = 1) -> None:
        assert self.engine.enqueue(new) is self.model.enqueue(new, engine=engine, version=version)

    def take(self, by: Worker, claim_id: UUID, job_id: UUID | None, delivery: int | None) -> None:
        arguments = claim_arguments(by, claim_id, job_id, delivery)
        answered = self.engine.rows(sql.CLAIM, *arguments)
        job = self.model.claim(by, claim_id=claim_id, lease_seconds=LEASE_SECONDS, job_id=job_id, delivery=delivery)
        note_claim(self, by, claim_id, answered, job)

    @rule(by=worker)
    def show_up(self, by: Worker) -> None:
        assert self.engine.value(sql.SEE, *sql.see_arguments(by)) is (by.id in self.model.draining)
        self.model.workers[by.id] = by, self.model.now

    @rule(lookahead=st.integers(0, 1), limit=st.sampled_from((1, 2, 200, 200)))
    def pick_twice(self, lookahead: int, limit: int) -> None:
        before, room = active(self.model), window(self.model, lookahead)
        picked = self.engine.pick_twice(lookahead=lookahead, limit=limit)
        # Among workers of several kinds, what draining ones still hold takes no place from the others.
        assert is_mixed(self.model) or before + len(picked) <= max(before, room)
        assert picked == pick(self.model, lookahead=lookahead, limit=limit)

    def keep_busy(self) -> None:
        """Hypothesis leaves rules out: whoever reports sees to it that there is something to report on."""
        if any(self.model.held(fence) for fence in self.fences):
            return
        if len(self.model.jobs) < JOBS_MAX:
            self.write_down(plain(len(self.model.jobs), SPACES[1]))
        self.show_up(WORKERS[0])
        self.pick_twice(lookahead=1, limit=200)
        self.take(WORKERS[0], self.new_claim_id(), None, None)

    @invariant()
    def both_sides_are_equal(self) -> None:
        assert_equal(self.engine, self.model)

    @invariant()
    def the_doomed_are_listed(self) -> None:
        doomed = {job_id for job_id, job in self.model.jobs.items() if job.is_doomed(self.model.now)}
        assert {job_id for (job_id,) in self.engine.rows(sql.DOOMED)} == doomed

    @invariant()
    def nothing_is_violated(self) -> None:
        assert self.engine.rows(VIOLATIONS) == []

    @invariant()
    def fair_time_goes_forward(self) -> None:
        assert self.model.floor >= self.floor
        self.floor = self.model.floor


def note_claim(
    machine: Machine, by: Worker, claim_id: UUID, answered: list[tuple[Any, ...]], job: ModelJob | None
) -> None:
    assert answered == ([(job.new.id, job.epoch, job.delivery)] if job else [])
    if job:
        machine.fences.append(Fence(JobId(job.new.id), job.epoch, claim_id))
        machine.claimed_by[claim_id] = by


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
        new = replace(
            plain(len(self.model.jobs), space),
            payload={"command": {"engine": engine, "version": version}} if engine else {},
            subject_id=odd.draw(st.sampled_from(SUBJECTS)),
            priority=priority,
            idempotency_key=odd.draw(st.sampled_from((None, None, "once"))),
            attempts_max=odd.draw(st.integers(1, 3)),
            estimated_seconds=odd.draw(st.sampled_from((1, 4, 16))),
            run_at=now + seconds(delay) if delay else None,
            start_before=now + seconds(patience) if patience else None,
            waits_for=[JobId(self.job_id(each)) for each in waits],
        )
        self.write_down(new, engine, version)

    @precondition(with_jobs)
    @rule(index=anything)
    def enqueue_again(self, index: int) -> None:
        """A mutation that is repeated after its answer was lost."""
        new = replace(self.model.jobs[self.job_id(index)].new, priority=Priority.BULK)
        assert self.engine.enqueue(new) is False

    @precondition(with_jobs)
    @rule(index=anything, is_stranger=st.sampled_from((False, False, False, True)))
    def cancel(self, index: int, is_stranger: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """One time in four one that is held, and one that waits for another, if there is any."""
        held = [fence.job_id for fence in self.fences if self.model.held(fence)]
        blocked = [job.new.id for job in self.model.jobs.values() if job.state is JobState.BLOCKED]
        likely = {1: held, 3: blocked}.get(index % 4)
        job_id = likely[-1] if likely else self.job_id(index)
        workspace_id = UUID(int=3) if is_stranger else self.model.jobs[job_id].new.workspace_id
        assert self.engine.value(sql.CANCEL, workspace_id, job_id) == self.model.cancel(workspace_id, job_id)

    @precondition(with_jobs)
    @rule(subject_id=st.sampled_from(SUBJECTS[1:]), space=space)
    def cancel_subject(self, subject_id: UUID, space: ModelSpace) -> None:
        answered = self.engine.rows(sql.CANCEL_SUBJECT, space.id, subject_id)
        assert {job_id for (job_id,) in answered} == self.model.cancel_subject(space.id, subject_id)


class Working(Submitting):
    """What workers do, with fences of every age."""

    @rule(by=worker)
    def ask(self, by: Worker) -> None:
        self.take(by, self.new_claim_id(), None, None)

    @precondition(with_jobs)
    @rule(by=worker, index=anything, late=st.sampled_from((0, 1, -1)))
    def answer_a_delivery(self, by: Worker, index: int, late: int) -> None:
        """Every other time of a job that is dispatched, if there is any."""
        dispatched = [job for job in self.model.jobs.values() if job.state is JobState.DISPATCHED]
        job = dispatched[-1] if dispatched and index % 2 else self.model.jobs[self.job_id(index)]
        self.take(by, self.new_claim_id(), job.new.id, job.delivery - late)

    @precondition(with_fences)
    @rule(index=anything)
    def ask_again(self, index: int) -> None:
        """The same claim by the same worker, whose answer may have been lost."""
        claim_id = self.fence(index).claim_id
        self.take(self.claimed_by[claim_id], claim_id, None, None)

    def report(self, statement: str, expected: Callable[[Fence], Any], index: int, *more: object) -> None:
        self.keep_busy()
        if not self.fences:
            return
        fence = self.fence(index)
        assert self.engine.value(statement, *fence_arguments(fence), *more) == expected(fence)

    @rule(index=anything, worked=st.sampled_from((0.0, 2.0, 64.0)))
    def finish(self, index: int, worked: float) -> None:
        self.report(sql.FINISH, lambda fence: self.model.finish(fence, worked), index, worked)

    @precondition(with_fences)
    @rule(indexes=st.lists(anything, min_size=1, max_size=3), worked=st.sampled_from((0.0, 2.0)))
    def finish_together(self, indexes: Sequence[int], worked: float) -> None:
        """Among them, where there is any, the fence of an earlier claim of a job that runs."""
        self.keep_busy()
        stale = [each for each in self.fences if not self.model.held(each)]
        running = [each for each in stale if self.model.jobs[each.job_id].state is JobState.RUNNING]
        fences = list({each.job_id: each for each in (*map(self.fence, indexes), *running[-1:])}.values())
        columns = zip(*map(fence_arguments, fences), strict=True)
        answered = self.engine.rows(sql.FINISH_MANY, *columns, [worked] * len(fences))
        assert {job_id for (job_id,) in answered} == self.model.finish_many(fences, worked)

    @rule(index=anything, retry=st.sampled_from((None, 0.0, 8.0)))
    def fail(self, index: int, retry: float | None) -> None:
        self.report(sql.FAIL, lambda fence: self.model.fail(fence, retry), index, retry)

    @rule(index=anything)
    def release(self, index: int) -> None:
        self.report(sql.RELEASE, self.model.release, index)

    @rule(index=anything)
    def beat(self, index: int) -> None:
        self.report(sql.BEAT, lambda fence: self.model.beat(fence, LEASE_SECONDS), index, LEASE_SECONDS)

    @rule(index=anything)
    def give_up_lease(self, index: int) -> None:
        self.report(sql.GIVE_UP_LEASE, self.model.give_up_lease, index)

    @rule(index=anything, digest=st.sampled_from(("keyframe", "clip")))
    def commit_step(self, index: int, digest: str) -> None:
        self.keep_busy()
        if not self.fences:
            return
        fence = self.fence(index)
        workspace_id = self.model.jobs[fence.job_id].new.workspace_id
        assert self.engine.commit_step(workspace_id, digest, fence) is self.model.commit_step(fence, digest)

    @rule(by=worker)
    def leave(self, by: Worker) -> None:
        """One that drains is remembered, and drains still when it comes again."""
        self.engine.value("select worker_leave($1)", by.id)
        if by.id not in self.model.draining:
            self.model.workers.pop(by.id, None)


class JobMachine(Working):
    """What dispatcher, reaper, time and the switch of the queue do."""

    @rule(older=st.sampled_from((0.0, 15.0)))
    def return_deliveries(self, older: float) -> None:
        """Overdue ones, or all of them as after Redis was flushed."""
        answered = self.engine.rows(sql.RETURN_DELIVERIES, older)
        assert {job_id for (job_id,) in answered} == set(self.model.return_deliveries(older))

    @rule(by=worker, is_quiet=st.sampled_from((False, True, True)))
    def take_past_the_dispatcher(self, by: Worker, is_quiet: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Mostly where no dispatcher has given anything out."""
        if is_quiet:
            self.return_deliveries(0.0)
        claim_id = self.new_claim_id()
        answered = self.engine.rows(sql.TAKE, *sql.take_arguments(by, claim_id))
        note_claim(self, by, claim_id, answered, take(self.model, by, claim_id=claim_id, lease_seconds=LEASE_SECONDS))

    @rule(times=st.integers(1, 3))
    def lose_workers(self, times: int) -> None:
        """The same job often, as the oldest is picked first."""
        for _ in range(times):
            self.give_up_lease(1)
            self.reap()
        self.bury(1)

    @rule(amount=st.sampled_from((0, 61)))
    def come_back_late(self, amount: int) -> None:
        """What the reaper finds after a pause, once and again."""
        self.pick_twice(lookahead=1, limit=200)
        self.advance_the_clock(amount)
        self.reap()
        self.bury(1)

    @rule()
    def reap(self) -> None:
        assert self.engine.value(sql.REAP) == self.model.reap()

    @precondition(with_jobs)
    @rule(index=anything)
    def bury(self, index: int) -> None:
        """Every other time one that is doomed, if there is any."""
        doomed = [job_id for job_id, job in self.model.jobs.items() if job.is_doomed(self.model.now)]
        job_id = doomed[0] if doomed and index % 2 else self.job_id(index)
        assert self.engine.value(sql.BURY, job_id) == self.model.bury(job_id)

    @rule(amount=st.sampled_from((1, 4, 4, 20, 61, 61, 170, 700)))
    def advance_the_clock(self, amount: int) -> None:
        self.model.now += seconds(amount)
        self.engine.set_clock(self.model.now)

    @rule(is_paused=st.sampled_from((False, False, True)))
    def pause_or_resume(self, is_paused: bool) -> None:  # noqa: FBT001 - hypothesis names it
        if is_paused:
            assert self.engine.value(sql.PAUSE) == pause(self.model)
        else:
            assert self.engine.value(sql.RESUME) is True
            self.model.is_paused = False


class Operated(JobMachine):
    """What operators do in between."""

    @rule(by=worker, state=st.sampled_from(("ready", "ready", "draining")))
    def drain_or_go_on(self, by: Worker, state: str) -> None:
        before = "draining" if by.id in self.model.draining else "ready"
        assert self.engine.value(sql.SET_STATE, by.id, state) == (before if by.id in self.model.workers else None)
        self.model.draining.discard(by.id)
        if state == "draining" and by.id in self.model.workers:
            self.model.draining.add(by.id)

    @precondition(with_jobs)
    @rule(index=anything, wanted=st.sampled_from(ASIDE_STATES), is_reaped=st.sampled_from((True, True, False)))
    def set_aside(self, index: int, wanted: JobState, is_reaped: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """One in the wanted state, if there is any; the reaper comes at once or later."""
        if wanted is JobState.RUNNING:
            self.keep_busy()
        elif wanted is JobState.BLOCKED:
            self.keep_one_blocked()
        job_id = self.job_in(wanted, index)
        answered = self.engine.value(sql.SET_ASIDE, job_id)
        claim_id = self.engine.value("select claim_id from jobs where id = $1", job_id)
        assert answered == set_aside(self.model, job_id, claim_id=claim_id)
        if is_reaped:
            assert self.engine.value(sql.BURY, job_id) == self.model.bury(job_id)

    def keep_one_blocked(self) -> None:
        open_jobs = [job_id for job_id, job in self.model.jobs.items() if not job.state.is_final]
        if open_jobs and len(self.model.jobs) < JOBS_MAX:
            awaited = self.model.jobs[open_jobs[-1]].new
            space = next(each for each in SPACES if each.id == awaited.workspace_id)
            self.write_down(replace(plain(len(self.model.jobs), space), waits_for=[awaited.id]))

    @precondition(with_jobs)
    @rule(index=anything, wanted=st.sampled_from((JobState.FAILED, JobState.ABORTED, JobState.DEAD)))
    def requeue(self, index: int, wanted: JobState) -> None:
        if wanted is JobState.FAILED:
            self.fail(1, None)
        job_id = self.job_in(wanted, index)
        assert self.engine.value(sql.REQUEUE, job_id) == requeue(self.model, job_id)


def machine_on(
    engine: Engine, made: Counter[tuple[JobState, Move]] | None = None, *, kind: type[JobMachine] = JobMachine
) -> type[JobMachine]:
    """Answer what hypothesis wants, a machine without arguments; `made` counts the moves that were made."""
    counted = Counter[tuple[JobState, Move]]() if made is None else made

    class BoundMachine(kind):
        def __init__(self) -> None:
            super().__init__(engine, counted)

    return BoundMachine
