"""The order that is told is the order in which the pick takes jobs."""

from dataclasses import replace
from uuid import UUID

import pytest

from adapters.postgres.queue_looks import PostgresQueueLooks
from adapters.postgres.render_standings import PostgresRenderStandings
from bootstrap.container import Container
from domain.identifiers import RenderId
from domain.jobs.models import NewJob, Queue
from domain.jobs.queue_look import Ahead
from tests.builders_jobs import Bench, job, worker


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def positions(bench: Bench, jobs: list[NewJob]) -> dict[UUID, int]:
    """Where each job stands, with a subject of its own, as its own workspace is told."""
    look = (await PostgresQueueLooks(bench.container.system_database).look())[Queue.CPU]
    found: dict[UUID, int] = {}
    for each in jobs:
        async with bench.container.work(each.workspace_id) as work:
            standings = PostgresRenderStandings(work.session, workspace_id=each.workspace_id)
            asked = RenderId(each.subject_id or UUID(int=0))
            own = (await standings.queues_of_many([asked]))[asked][Queue.CPU]
        assert own.place is not None
        key = (max(own.fair_time, look.fair_time) + own.place.before.seconds / own.weight, -own.place.rank, each.id)
        found[each.id] = own.place.before.jobs + look.others_before(each.workspace_id, key).jobs
    return found


async def test_two_workspaces_are_told_the_order_in_which_they_are_picked(bench: Bench) -> None:
    light, heavy = await bench.add_workspace(weight=1), await bench.add_workspace(weight=3)
    jobs = [
        replace(job(space, subject_id=bench.container.new_id()), estimated_seconds=4.0 + number % 3)
        for space in (light, heavy)
        for number in range(6)
    ]
    await bench.enqueue(*jobs)
    await bench.claims.see(worker(slots=12))
    told = await positions(bench, jobs)
    picked = [each.job_id for each in await bench.dispatches.pick(Queue.CPU, limit=100)]
    assert sorted(told, key=lambda each: told[each]) == picked
    assert sorted(told.values()) == list(range(12))


async def test_what_workers_hold_and_who_they_are_is_seen(bench: Bench) -> None:
    space = await bench.add_workspace()
    await bench.enqueue(*(job(space) for _ in range(3)))
    assert len(await bench.dispatch(slots=2)) == 2
    look = (await PostgresQueueLooks(bench.container.system_database).look())[Queue.CPU]
    assert look.given == {space: Ahead(2, 10.0)}
    # A worker that has room for a batch is one pair of hands all the same.
    assert (look.slots("tests.work"), look.slots("another"), look.dispatched) == (1, 0, 2)
    assert [len(line.jobs) for line in look.lines] == [1]
