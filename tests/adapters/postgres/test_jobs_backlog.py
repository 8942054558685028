"""The pick reads as much as it gives out, whatever waits behind: its plans go by the partial indexes."""

import pytest

from bootstrap.container import Container
from tests.builders_jobs import Bench, job, worker

PAGES = "explain (analyze, buffers, format json) select * from job_pick('cpu', 0, 3600, 16)"
FLOOD = """
    insert into jobs (id, workspace_id, kind, queue, engine, command_version, run_at)
    select uuidv7(), w.id, 'tests.flood', 'cpu', %s, 1, now() + %s * interval '1 day'
    from workspaces w, generate_series(1, %s)
"""


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def pages_of_a_pick(bench: Bench) -> int:
    """Pick four jobs and answer how many pages were touched; what was picked is given back."""
    await bench.claims.see(worker("hands", slots=4))
    for _ in range(3):
        await bench.dispatches.pick(worker().queue, limit=0)  # notes of what has come are taken before
    await bench.as_owner("select worker_see('hands', 'cpu', '{tiny}', 1, 4, 'test')")
    plan = await bench.as_owner_answer(PAGES)
    await bench.as_owner("update jobs set state = 'queued' where state = 'dispatched'")
    assert isinstance(plan, list)
    plan = plan[0]["Plan"]
    assert plan["Actual Rows"] == 4
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def test_a_pick_reads_no_more_when_thousands_wait(bench: Bench) -> None:
    for _ in range(20):
        await bench.enqueue(job(await bench.add_workspace(), payload={"command": {"engine": "tiny", "version": 1}}))
    await bench.as_owner(FLOOD % ("'tiny'", 0, 2))
    few = await pages_of_a_pick(bench)
    await bench.as_owner(FLOOD % ("'tiny'", 0, 150))
    await bench.as_owner(FLOOD % ("'unknown'", 0, 150))
    await bench.as_owner(FLOOD % ("'tiny'", 1, 500))
    many = await pages_of_a_pick(bench)
    assert many < 1.5 * few + 100
    await bench.as_owner("analyze jobs")
    assert await pages_of_a_pick(bench) < 1.5 * few + 100


async def test_a_pick_passes_over_no_backlog_that_has_ended(bench: Bench) -> None:
    """Its statistics are of the time when all of it waited, as they are until the next analyze."""
    await bench.enqueue(job(await bench.add_workspace(), payload={"command": {"engine": "tiny", "version": 1}}))
    await bench.as_owner(FLOOD % ("'tiny'", 0, 4000))
    await bench.as_owner("analyze jobs")
    few = await pages_of_a_pick(bench)
    await bench.as_owner("update jobs set state = 'succeeded', finished_at = now() where kind = 'tests.flood'")
    await bench.as_owner(FLOOD.replace("tests.flood", "tests.fresh") % ("'tiny'", 0, 20))
    await pages_of_a_pick(bench)  # which lets go of the indexes' dead entries
    assert await pages_of_a_pick(bench) < 1.5 * few + 100
