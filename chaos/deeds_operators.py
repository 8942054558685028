"""What operators do in the middle of it all, by the product's own operations: every move leaves a note of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

from chaos.attack import Attack
from chaos.faults import Fault
from chaos.workload import ORDER, insist
from domain.errors import Conflict, NotFound
from domain.identifiers import JobId
from domain.jobs.models import Queue
from domain.jobs.operations import WorkerState

PATIENCE_SECONDS = 10.0
# Who was killed is still listed for a day.
ALIVE_SECONDS = 3.0
ENDED = "select id from jobs where workspace_id = any($1) and state in ('failed', 'dead', 'aborted') limit 100"
UNFINISHED = "select id from jobs where workspace_id = any($1) and finished_at is null limit 100"


async def pause_queue(attack: Attack, fault: Fault) -> None:
    operations, queue = attack.workload.operations, Queue(fault.target)
    await order(lambda: operations.pause_queue(ORDER, queue))
    await asyncio.sleep(fault.seconds)
    await order(lambda: operations.resume_queue(ORDER, queue))


async def rest_worker(attack: Attack, fault: Fault) -> bool:
    """Drain a worker of the queue for a while: it hands back what takes too long, idles, and then goes on."""
    workers = await insist(attack.workload.operations.list_workers, seconds=PATIENCE_SECONDS)
    alive = [each.id for each in workers if each.queue == fault.target and each.last_seen_seconds < ALIVE_SECONDS]
    if not alive:
        return False
    chosen = alive[0]

    def become(state: WorkerState) -> Awaitable[None]:
        return attack.workload.operations.set_worker_state(ORDER, chosen, state)

    await order(lambda: become(WorkerState.DRAINING))
    await asyncio.sleep(fault.seconds)
    await order(lambda: become(WorkerState.READY))
    return True


async def retry_ended(attack: Attack, fault: Fault) -> bool:
    """Take up again some that have ended without success."""
    chosen = await some_jobs(attack, ENDED, count=int(fault.target))
    await retry(attack, chosen)
    return bool(chosen)


async def set_aside(attack: Attack, fault: Fault) -> bool:
    """Take some out as poison, whatever they are at, and give them back with a reason a little later."""
    chosen = await some_jobs(attack, UNFINISHED, count=int(fault.target))
    for job_id in chosen:
        await order(partial(attack.workload.operations.set_job_aside, ORDER, job_id))
    await asyncio.sleep(fault.seconds)
    await retry(attack, chosen)
    return bool(chosen)


async def retry(attack: Attack, job_ids: Sequence[JobId]) -> None:
    for job_id in job_ids:
        await order(partial(attack.workload.operations.retry_job, ORDER, job_id))


async def order(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask until it is answered; what is refused, because things have moved on, is no fault."""
    with suppress(Conflict, NotFound):
        await insist(ask, seconds=PATIENCE_SECONDS)


async def some_jobs(attack: Attack, statement: str, *, count: int) -> list[JobId]:
    connection = await attack.rig.servers.connect()
    try:
        rows = await connection.fetch(statement, [user.workspace_id for user in attack.workload.users])
    finally:
        await connection.close()
    return [JobId(each["id"]) for each in attack.workload.choose(rows, count)]
