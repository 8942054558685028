"""What must hold after a cell: the job ended as the table says, each effect is there once, nothing is left over."""

from collections import Counter
from collections.abc import Mapping

import asyncpg
import psutil

from chaos.cells.scene import STEPS_COUNT, Scene
from chaos.cells.stage import Stage, until
from chaos.cells.table import OUTCOMES, Fault, Host, Outcome, Work
from chaos.cells.violation import require
from chaos.deeds_inside import mark_of_pickles
from chaos.moves import ENDS
from domain.jobs.models import CancelOutcome

WANTED: Mapping[Work, set[tuple[str, str | None]]] = {
    Work.STEPS: {("StepsEnded", None), *(("StepDone", str(number)) for number in range(STEPS_COUNT))},
    Work.FLAKY: {("FlakyEnded", None)},
    Work.MAKE: {("Made", None)},
}
ROWS = "select * from jobs where id = any($1)"
EVENTS = "select number, name from events where stream_kind = 'job' and stream_id = $1 order by number"
EFFECTS = "select name, data ->> 'step' as step from events where stream_kind = 'storyboard' and stream_id = $1"
DIGESTS = "select count(*) from step_results where workspace_id = $1 and digest like '%' || $2 || '%'"
KEYS = "select key from objects where workspace_id = $1"


async def judge(scene: Scene) -> None:
    """Raise Violation unless all is as it must be."""
    outcome = OUTCOMES[scene.cell.word]
    if not outcome.states:
        require(not await scene.ids(), "what was not committed is there")
        return
    rows = {row["id"]: row for row in await scene.stage.database.fetch(ROWS, await scene.ids())}
    for row in rows.values():
        await judge_events(scene, row)
    if scene.place.work is Work.WRITE:
        (row,) = rows.values()
        judge_row(row, outcome)
        return
    job, waiting = rows[scene.job_id], rows[scene.waiting_id]
    judge_row(job, outcome)
    await judge_cancel(scene, job)
    judge_fan_in(job, waiting)
    await judge_effects(scene, job)
    await judge_objects(scene)


def judge_row(row: asyncpg.Record, outcome: Outcome) -> None:
    told = ", ".join(f"{name} {row[name]}" for name in ("state", "attempts", "lost", "error_code", "error_message"))
    require(row["state"] in outcome.states, f"it ended as {told}")
    require(outcome.attempts is None or row["attempts"] in outcome.attempts, f"failures miscounted: {told}")
    require(outcome.lost is None or row["lost"] in outcome.lost, f"losses miscounted: {told}")


async def judge_cancel(scene: Scene, job: asyncpg.Record) -> None:
    """Who was told that the job is canceled, or will be, was told the truth."""
    if scene.canceled is CancelOutcome.CANCELED:
        require(job["state"] == "canceled", f"it was said to be canceled and is {job['state']}")
    if scene.canceled is CancelOutcome.CANCELLATION_REQUESTED:
        names = {each["name"] for each in await scene.stage.database.fetch(EVENTS, scene.job_id)}
        require("JobCancelRequested" in names, f"it was said to be canceled soon, and is told as {sorted(names)}")


def ends_process(scene: Scene) -> bool:
    """Whether the cell's fault ends the process that comes to the point."""
    if scene.cell.fault is Fault.RAISE:
        return scene.place.is_part_of_process
    return scene.cell.fault in {Fault.KILL9, Fault.EXIT} and scene.place.host is not Host.CHILD


def judge_processes(scene: Scene, hurt: str) -> None:
    """No process but the one that was hurt ended, and that one by no fault that ends none; nobody executed bytes."""
    for process in scene.stage.rig.processes:
        process.note_own_end()
        codes = [code for code in process.own_ends if code]
        process.own_ends.clear()
        is_wanted = process.name == hurt and ends_process(scene)
        require(not codes or is_wanted, f"{process.name} ended by itself with {codes}; {process.last_words}")
    require(not mark_of_pickles(scene.stage.rig).exists(), "bytes from Redis were executed")


def judge_fan_in(job: asyncpg.Record, waiting: asyncpg.Record) -> None:
    if job["state"] != "succeeded":
        require(waiting["state"] == "aborted", f"what waited for it is {waiting['state']}")
        return
    require(waiting["state"] == "succeeded", f"what waited for it is {waiting['state']}")
    require(waiting["started_at"] >= job["finished_at"], "what waited for it started before its end")


async def judge_events(scene: Scene, row: asyncpg.Record) -> None:
    """Dense and ordered, with one end, which is the last."""
    events = await scene.stage.database.fetch(EVENTS, row["id"])
    numbers, names = [each["number"] for each in events], [each["name"] for each in events]
    require(numbers == list(range(1, row["event_number"] + 1)), f"the events have gaps or doubles: {numbers}")
    require([name in ENDS for name in names] == [False] * (len(names) - 1) + [True], f"events {names}")
    lost, failed = names.count("JobLost"), names.count("JobRetried")
    counted = (row["lost"], row["attempts"])
    require((lost, failed) == counted, f"counted {counted}, told {names}")


async def judge_effects(scene: Scene, job: asyncpg.Record) -> None:
    """Each effect once where the job succeeded, never twice in any case."""
    told = await scene.stage.database.fetch(EFFECTS, scene.job_id)
    effects = Counter((each["name"], each["step"]) for each in told)
    require(max(effects.values(), default=0) <= 1, f"done twice: {dict(effects)}")
    if job["state"] == "succeeded":
        wanted = WANTED[scene.place.work]
        require(set(effects) == wanted, f"effects {sorted(map(str, effects))}")
        digests = await scene.stage.database.fetchval(DIGESTS, scene.workspace_id, str(scene.job_id))
        require(digests == {Work.STEPS: STEPS_COUNT, Work.MAKE: 1}.get(scene.place.work, 0), f"{digests} step results")
    else:
        require(not {name for name, _ in effects} & {"StepsEnded", "Made", "FlakyEnded"}, f"effects {dict(effects)}")


async def judge_objects(scene: Scene) -> None:
    """Whatever a row refers to is in the storage."""
    for row in await scene.stage.database.fetch(KEYS, scene.workspace_id):
        require(await scene.stage.services.store.head(row["key"]) is not None, f"the bytes of {row['key']} are missing")


async def judge_children(stage: Stage, before: Mapping[str, list[int]]) -> None:
    """A child that its worker does not have any more has ended with it."""
    now = stage.children()
    for name, pids in before.items():
        for pid in set(pids) - set(now[name]):

            async def is_gone(pid: int = pid) -> bool:
                return not lives(pid)

            await until(is_gone, f"{name} has left its child {pid} behind", seconds=5)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
