"""Old and new processes side by side: what one does not know is left to the other, and nothing is charged for it."""

from collections.abc import Sequence
from dataclasses import replace

import httpx

from bootstrap.clock import new_id
from contracts import protocol
from contracts.commands import COMMAND_VERSION, KeyframeMade
from domain.jobs.models import ClaimedJob, JobState, NewJob, Queue
from jobs.context import JobContext
from jobs.registry import Registry
from tests.builders_jobs import Bench, job, worker
from tests.builders_served import served_model
from tests.gpu_worker.conftest import keyframe_job
from tests.jobs.conftest import Engine, desk_of, post

INFO = protocol.WorkerInfo(
    worker_id="worker-1", queue="cpu", engines=["tiny"], command_version=COMMAND_VERSION + 1, software_version="new"
)


async def claim(
    client: httpx.AsyncClient, info: protocol.WorkerInfo = INFO, *, claim_id: str | None = None
) -> protocol.Claimed | None:
    request = protocol.ClaimRequest(worker=info, claim_id=claim_id or str(new_id()))
    response = await post(client, protocol.CLAIM_PATH, request)
    return protocol.ClaimAnswer.model_validate_json(response.content).claimed


async def dispatched(bench: Bench, new: NewJob, *, version: int = 1) -> NewJob:
    await bench.enqueue(new)
    await bench.claims.see(replace(worker("newer", engines=["tiny"]), command_version=version))
    assert [each.job_id for each in await bench.dispatches.pick(new.queue, limit=1)] == [new.id]
    return new


async def test_an_old_process_runs_what_it_knows_and_leaves_the_rest(engine: Engine, bench: Bench) -> None:
    ran: list[tuple[str, int]] = []

    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        ran.append((claimed.kind, claimed.version))

    old, new = Registry(), Registry()
    old.task("tests.work")(run)
    new.task("tests.work", version=2)(run)
    new.task("tests.other")(run)
    workspace_id = await bench.add_workspace()
    known, newer = (job(workspace_id, queue=Queue.INTERNAL, version=version) for version in (1, 2))
    other = job(workspace_id, queue=Queue.INTERNAL, kind="tests.other")
    async with Engine(engine.container, old).running():
        await bench.enqueue(newer, other, known)
        assert (await bench.ended(known.id)).state == "succeeded"
    assert [await bench.state(each.id) for each in (newer, other)] == [JobState.QUEUED] * 2
    async with Engine(engine.container, new).running():
        rows = [await bench.ended(each.id) for each in (newer, other)]
    assert [(row.state, row.attempts, row.epoch) for row in rows] == [("succeeded", 0, 1)] * 2
    assert sorted(ran) == [("tests.other", 1), ("tests.work", 1), ("tests.work", 2)]


async def test_an_old_desk_never_hands_over_a_command_that_it_cannot_read(engine: Engine, bench: Bench) -> None:
    new = keyframe_job(await bench.add_workspace())
    command = new.payload["command"]
    assert isinstance(command, dict)
    new = replace(new, payload={"command": {**command, "version": COMMAND_VERSION + 1, "novelty": True}})
    await dispatched(bench, new, version=COMMAND_VERSION + 1)
    async with desk_of(engine) as client:
        assert await claim(client) is None
    row = await bench.row(new.id)
    assert (row.state, row.attempts, row.epoch) == ("dispatched", 0, 0)


async def test_an_old_process_does_not_end_a_job_whose_slice_it_does_not_know(engine: Engine, bench: Bench) -> None:
    told: list[str] = []
    await dispatched(bench, replace(keyframe_job(await bench.add_workspace()), kind="tests.novelty"))
    async with desk_of(engine) as client:
        claimed = await claim(client)
        assert claimed is not None
        result = KeyframeMade(figures=0, engine_version="1")
        request = protocol.FinishRequest(fence=claimed.fence, result=result, outputs=[], worked_seconds=1)
        path = protocol.FINISH_PATH.format(job_id=claimed.job_id)
        assert (await post(client, path, request)).status_code == 503

        @engine.registry.on_finished("tests.novelty")
        async def made(work: object, ended: object, now: object) -> None:
            told.append("made")

        assert (await post(client, path, request)).status_code == 200
    assert told == ["made"]


async def test_an_old_reaper_does_not_bury_what_it_does_not_know(engine: Engine, bench: Bench) -> None:
    held = await bench.start(job(await bench.add_workspace(), kind="tests.novelty"))
    await bench.as_owner("update jobs set lost = lost_max - 1")
    await bench.expire(held.fence)
    await engine.reaper.reap()
    assert await bench.state(held.id) is JobState.RUNNING
    engine.registry.nothing_follows("tests.novelty")
    await engine.reaper.reap()
    assert await bench.state(held.id) is JobState.DEAD


async def test_only_a_worker_that_speaks_of_warmth_is_told_the_affinity(engine: Engine, bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    async with desk_of(engine) as client:
        await dispatched(bench, replace(keyframe_job(workspace_id), affinity="lora-1"))
        cold = await claim(client)
        await dispatched(bench, replace(keyframe_job(workspace_id), affinity="lora-1"))
        warm = await claim(client, INFO.model_copy(update={"warm": ["lora-1"]}))
    assert cold is not None
    assert warm is not None
    assert (cold.affinity, "affinity" in cold.model_dump_json()) == (None, False)
    assert warm.affinity == "lora-1"


async def test_models_are_kept_as_the_worker_told_them_last(engine: Engine, bench: Bench) -> None:
    told: list[Sequence[str]] = []
    async with desk_of(engine) as client:
        for models in ([served_model("wan"), served_model("ltx")], [served_model("ltx")], None):
            assert await claim(client, INFO.model_copy(update={"models": models})) is None
            async with bench.container.work() as work:
                served = await work.model_families.served(["diffusion", "animatic"])
            assert served["animatic"] == []
            told.append([family.name for family in served["diffusion"]])
    assert told == [["ltx", "wan"], ["ltx"], []]


def test_a_worker_without_models_says_what_an_older_jobs_process_understands() -> None:
    said = protocol.ClaimRequest(worker=INFO, claim_id="1").model_dump_json()
    assert "models" not in said


async def test_a_poison_job_dies_and_its_neighbours_do_not(engine: Engine, bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    poison, *neighbours = jobs = [job(workspace_id) for _ in range(3)]
    await bench.enqueue(*jobs)
    hands = worker("process", slots=3)
    for _ in range(8):
        await bench.claims.see(hands)
        await bench.dispatch(slots=3)
        held = [each for _ in range(3) if (each := await bench.claim(hands))]
        if poison.id in {each.id for each in held}:
            for each in held:
                await bench.expire(each.fence)
        for each in held:
            if poison.id not in {other.id for other in held}:
                async with bench.container.system_work(workspace_id) as work:
                    await work.held_jobs.finish(each.fence, worked_seconds=1, result={})
        await engine.reaper.reap()
    assert await bench.state(poison.id) is JobState.DEAD
    rows = [await bench.row(each.id) for each in neighbours]
    assert [(row.state, row.lost) for row in rows] == [("succeeded", 2)] * 2
