"""Where renders stand in the queues, as clients read it and hear it."""

import json
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import event

from api.queues import SharedQueues
from api.server import LabServer
from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.jobs.models import Queue
from domain.jobs.queue_look import QueueLook
from domain.renders.queueing import RenderQueueState
from tests.api.asking import ask_as
from tests.api.test_streams import events_of, streaming
from tests.builders_film_crew import Crew, furnish
from tests.builders_jobs import Bench, worker
from tests.builders_studio import Member, member

QUEUES = """
{
  renders(first: 50) {
    nodes {
      queue {
        state position waitingJobs runningJobs estimatedWaitSeconds estimatedRemainingSeconds estimatedEndAt basis
        workers
      }
    }
  }
}
"""
KINDS = ("renders.start_render@1", "renders.judge_keyframe@1", "renders.judge_clip@1", "renders.join_film@1")


async def studio(container: Container) -> tuple[Member, Crew]:
    viewer = await member(container, role=Role.VIEWER)
    return viewer, await furnish(container, viewer.lab.workspace_id)


async def hire(bench: Bench) -> None:
    """A jobs process and a worker that knows the engine."""
    await bench.claims.see(worker("jobs", queue=Queue.INTERNAL, slots=1, engines=KINDS))
    await bench.claims.see(worker("hands", queue=Queue.CPU, slots=1, engines=("animatic",)))


async def test_a_list_of_renders_costs_as_many_statements_as_one(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container)
    sent: list[str] = []
    engine = container.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    counts: list[int] = []
    for renders in (1, 4):
        for _ in range(renders):
            await crew.order()
        sent.clear()
        answer = await ask_as(http, viewer.token, QUEUES)
        assert all(node["queue"]["waitingJobs"] == 1 for node in answer["data"]["renders"]["nodes"])
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_render_knows_its_turn_and_its_end(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container)
    await hire(Bench(container))
    for _ in range(2):
        await crew.order()
    second, first = (node["queue"] for node in (await ask_as(http, viewer.token, QUEUES))["data"]["renders"]["nodes"])
    assert (first["state"], first["position"], first["waitingJobs"], first["workers"]) == ("WAITING", 0, 1, 1)
    assert (first["estimatedWaitSeconds"], second["estimatedWaitSeconds"], second["position"]) == (0.0, 1.0, 1)
    assert second["estimatedRemainingSeconds"] >= first["estimatedRemainingSeconds"] > 3.0
    assert (first["basis"], first["estimatedEndAt"] is not None) == ("DECLARED", True)


@pytest.mark.parametrize("state", ["PAUSED", "NO_WORKER", "DONE"])
async def test_nothing_is_promised_where_nothing_can_be_told(
    http: httpx.AsyncClient, container: Container, state: str
) -> None:
    viewer, crew = await studio(container)
    bench = Bench(container)
    await (crew.film() if state == "DONE" else crew.order())
    if state == "PAUSED":
        await hire(bench)
        await bench.as_owner("update queue_controls set is_paused = true where queue = 'cpu'")
    found = (await ask_as(http, viewer.token, QUEUES))["data"]["renders"]["nodes"][0]["queue"]
    told = (found["estimatedWaitSeconds"], found["estimatedRemainingSeconds"], found["estimatedEndAt"])
    assert (found["state"], told) == (state, (None, None, None))


async def test_a_watcher_hears_when_a_job_ahead_is_done(container: Container) -> None:
    _, crew = await studio(container)
    bench = Bench(container)
    await hire(bench)
    await crew.order()
    watched = await crew.order()
    shared = SharedQueues(container, tell_seconds=0.05)
    async with aclosing(shared.watch(crew.workspace_id, watched.id)) as news:
        before = await anext(news)
        await bench.dispatches.pick(Queue.INTERNAL, limit=1)
        ahead = await bench.claim(worker("jobs", queue=Queue.INTERNAL, engines=KINDS))
        assert ahead is not None
        async with container.system_work(crew.workspace_id) as work:
            await work.held_jobs.finish(ahead.fence, worked_seconds=1.0, result={})
        await bench.dispatches.pick(Queue.INTERNAL, limit=1)
        after = await anext(news)
        while after.position != 0:
            after = await anext(news)
    assert (before.state, before.position) == (RenderQueueState.WAITING, 1)


async def test_who_comes_after_everybody_has_left_is_told_as_well(container: Container) -> None:
    _, crew = await studio(container)
    render = await crew.order()
    shared = SharedQueues(container, tell_seconds=0.05)
    for _ in range(2):
        async with aclosing(shared.watch(crew.workspace_id, render.id)) as news:
            assert (await anext(news)).state is RenderQueueState.NO_WORKER


class BrokenLooks:
    """Looks at queues that end in a bug of ours."""

    async def latest(self) -> Mapping[Queue, QueueLook]:
        raise RuntimeError("A bug.")


async def test_a_bug_in_the_round_is_told_to_those_who_wait_for_it(container: Container) -> None:
    _, crew = await studio(container)
    render = await crew.order()
    shared = SharedQueues(replace(container, queue_looks=BrokenLooks()))
    async with aclosing(shared.watch(crew.workspace_id, render.id)) as news:
        with pytest.raises(RuntimeError, match="A bug"):
            await anext(news)


@pytest.mark.parametrize("field", ["queue { state waitingJobs }", "...Standing"])
async def test_the_queue_is_told_to_those_who_ask_for_it(server: LabServer, container: Container, field: str) -> None:
    viewer, crew = await studio(container)
    render = await crew.order()
    asked = f"subscription ($id: ID!) {{ renderProgress(id: $id) {{ cursor event {{ name }} {field} }} }}"
    fragment = " fragment Standing on RenderProgress { queue { state waitingJobs } }" if field[0] == "." else ""
    async with streaming(server, asked + fragment, token=viewer.token, id=f"render_{render.id}") as response:
        events = (event async for event in events_of(response) if "event" in event)
        seen = [json.loads((await anext(events))["data"])["data"]["renderProgress"] for _ in range(2)]
    told = {"cursor": None, "event": None, "queue": {"state": "NO_WORKER", "waitingJobs": 1}}
    assert told in seen
    assert [each["event"] for each in seen if each != told] == [{"name": "RenderRequested"}]
