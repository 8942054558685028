"""What the engine's moves take while the backlog grows from a thousand jobs to millions: it should not matter.

One database grows from row to row of the table: waiting jobs, ended ones, workspaces, jobs that nobody here can do, and
postponed ones. Times are round trips over a Unix socket that do not wait for the disk; the peer is the first row. Below
the table are the plans of the statements inside one pick, as EXPLAIN ANALYZE has them, before the largest backlogs.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
from rich.console import Console
from rich.table import Table

from adapters.postgres.migrations import migrate
from bootstrap.embedded import DATABASE, EmbeddedPostgres

ROUNDS, SLOTS, PICKED_MAX = 100, 8, 200
FIRST, FULL = 1000, 1_000_000
PICK = "select job_id, delivery from job_pick('cpu', 1, 3600, $1)"
CLAIM = "select id, epoch, claim_id from job_claim(uuidv7(), 'hands', 'cpu', '{animatic}', 1, 60, $1, $2)"
EXPLAINED = """
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_nested_statements = on;
set auto_explain.log_analyze = on;
set auto_explain.log_buffers = on;
set auto_explain.log_timing = off;
set client_min_messages = log;
"""
HAND_BACK = "update jobs set state = 'queued' where state = 'dispatched'"
FINISH = "select job_finish($1, $2, $3, 5, '{}')"

# Filled past the triggers, which would take longer than what is measured; what they would have written is written too.
ADD_SPACES = "insert into workspaces (id, name, created_at) select uuidv7(), $1, now() from generate_series(1, $2::int)"
ADD_JOBS = """
insert into jobs (id, workspace_id, kind, queue, engine, command_version, needs, priority, is_due, run_at, state,
                  finished_at)
select uuidv7(), w.id, 'renders.animate_shot', 'cpu', $3, 1, $3 || '@1', (n % 3) * 10, $4, case when $4 then now() else
       now() + interval '1 day' end, $5, case when $5 = 'succeeded' then now() end
from generate_series(1, $2::int) n
join (select id, row_number() over (order by id) - 1 as place, count(*) over () as total from workspaces
      where name = $1) w on w.place = n % w.total
"""
ADD_ALIKE = """
insert into jobs (id, workspace_id, kind, queue, engine, command_version, priority)
select uuidv7(), workspace_id, kind, queue, engine, command_version, priority from jobs where id = any($1::uuid[])
"""
NOTE = """
insert into pick_notes (queue, workspace_id, needs)
select distinct j.queue, j.workspace_id, j.needs from jobs j join workspaces w on w.id = j.workspace_id
where w.name = $1 and j.state = 'queued' and j.is_due
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows to be added, evenly to all workspaces called `owners`, of which `spaces` are new."""

    name: str
    jobs: int
    spaces: int = 0
    owners: str = "tenants"
    engine: str = "animatic"
    is_due: bool = True
    state: str = "queued"


@dataclass(slots=True)
class Times:
    """Milliseconds of every call by the move's name, and the pages that one pick touched."""

    taken: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    pages: list[int] = field(default_factory=list[int])
    plans: list[str] = field(default_factory=list[str])

    async def of(self, move: str, call: Awaitable[list[asyncpg.Record]]) -> list[asyncpg.Record]:
        started = time.perf_counter()
        rows = await call
        self.taken.setdefault(move, []).append(1000 * (time.perf_counter() - started))
        return rows

    def shown(self, move: str) -> str:
        cuts = statistics.quantiles(self.taken[move], n=100)
        return f"{cuts[49]:.1f} / {cuts[98]:.1f}"


def backlogs(full: int) -> tuple[Backlog, ...]:
    return (
        Backlog(f"{FIRST:,} jobs of {FIRST // 25} workspaces", FIRST, FIRST // 25),
        Backlog(f"+ {full // 10:,} of the same", full // 10),
        Backlog(f"+ {full:,} of the same", full),
        Backlog(f"+ {full:,} that have ended", full, state="succeeded"),
        Backlog(f"+ {full // 100:,} workspaces with 5 each", full // 20, full // 100, owners="newcomers"),
        Backlog(f"+ {full:,} for an engine that is not here", full, engine="other"),
        Backlog(f"+ {full:,} postponed", full, is_due=False),
    )


async def fill(connection: asyncpg.Connection, backlog: Backlog) -> None:
    await connection.execute(ADD_SPACES, backlog.owners, backlog.spaces)
    await connection.execute("alter table jobs disable trigger user")
    parts = (backlog.owners, backlog.jobs, backlog.engine, backlog.is_due, backlog.state)
    await connection.execute(ADD_JOBS, *parts)
    await connection.execute("alter table jobs enable trigger user")
    await connection.execute(NOTE, backlog.owners)
    await connection.execute("select worker_see('hands', 'cpu', '{animatic}', 1, $1, 'bench')", SLOTS)
    while await connection.fetchval("select count(*) from pick_notes where queue = 'cpu'"):
        await connection.execute("select pick_take_notes('cpu', 1000)")


async def measure(connection: asyncpg.Connection) -> Times:
    """Give out, take and end jobs, round after round; for each a new one comes, so that as many wait as before."""
    times = Times()
    for _ in range(ROUNDS):
        picked = await times.of("pick", connection.fetch(PICK, PICKED_MAX))
        await times.of("reap", connection.fetch("select count(*) from job_reap(100)"))
        for delivery in picked:
            claimed = await times.of("claim", connection.fetch(CLAIM, *delivery))
            await times.of("finish", connection.fetch(FINISH, *claimed[0]))
        await connection.execute(ADD_ALIKE, [job_id for job_id, _ in picked])
    plan = json.loads(await connection.fetchval(f"explain (analyze, buffers, format json) {PICK}", PICKED_MAX))
    times.pages.append(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])
    await connection.execute(HAND_BACK)
    times.plans = await plans_of_pick(connection)
    await connection.execute(HAND_BACK)
    return times


async def plans_of_pick(connection: asyncpg.Connection) -> list[str]:
    """The statement texts and plans inside one pick, as they ran."""
    told: list[str] = []

    def hear(_connection: object, message: asyncpg.PostgresLogMessage) -> None:
        told.append(str(message))

    await connection.execute(EXPLAINED)
    connection.add_log_listener(hear)
    await connection.fetch(PICK, PICKED_MAX)
    connection.remove_log_listener(hear)
    await connection.execute("set auto_explain.log_min_duration = -1")
    return [plan.partition("Query Text:")[2].strip() for plan in told if "Query Text:" in plan]


async def run(url: str, full: int, show: Callable[[Backlog, Times], None]) -> None:
    await migrate(url)
    connection = await asyncpg.connect(url, command_timeout=600)
    await connection.execute("set synchronous_commit = off")
    for backlog in backlogs(full):
        await fill(connection, backlog)
        show(backlog, await measure(connection))
    await connection.close()


def main(full: int = FULL) -> None:
    moves = ("pick", "claim", "finish", "reap")
    table = Table("backlog", *moves, "pages a pick", title="the engine's moves, p50 / p99 ms, up to 16 jobs a pick")

    plans: list[str] = []

    def show(backlog: Backlog, times: Times) -> None:
        table.add_row(backlog.name, *map(times.shown, moves), str(times.pages[0]))
        if backlog.jobs >= full:
            plans.extend([f"== {backlog.name} ==", *times.plans])

    with TemporaryDirectory(prefix="lab-bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            asyncio.run(postgres.create_database())
            asyncio.run(run(postgres.url("postgres", DATABASE), full, show))
        finally:
            postgres.stop()
    Console().print(table)
    print("\n\n".join(plans))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
