"""What is done to the lab while a process stands at the point, one deed a fault."""

import asyncio
import os
import pickle
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from arq.utils import timestamp_ms

from adapters.redis.delivery import arq_id, open_arq
from chaos.cells.scene import Scene
from chaos.cells.stage import until
from chaos.cells.table import ONCE, OUTCOMES, Fault, Host
from chaos.cells.violation import require
from chaos.deeds_inside import Trap, mark_of_pickles
from chaos.rig import LEASE_SECONDS
from contracts.protocol import HINT_FUNCTION, hint_queue_name
from domain.jobs.models import Delivery
from failpoints.orders import Firing

LONGER_THAN_A_LEASE = LEASE_SECONDS * 1.25
AWAY_SECONDS = 0.4
TERMINATE = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'character-lab'"

Act = Callable[[Scene, Firing], Awaitable[None]]


async def act(scene: Scene, firing: Firing) -> None:
    """Do what the cell's fault is, and what ends it."""
    await ACTS[scene.cell.fault](scene, firing)


async def pass_a_lease(scene: Scene) -> None:
    """Let the lease run out: until the job is lost where it must be, or for long enough where it must not."""
    if OUTCOMES[scene.cell.word].lost == ONCE:
        await until(scene.has_been_lost, "the job was not lost")
    else:
        await asyncio.sleep(LONGER_THAN_A_LEASE)


async def see_it_end(scene: Scene, firing: Firing) -> None:
    """The process has ended itself; its successor comes at once."""
    if scene.place.host is Host.CHILD:
        return
    process = scene.stage.rig[firing.process]

    async def is_gone() -> bool:
        return not process.is_running or process.pid != firing.pid

    await until(is_gone, f"{firing.process} did not end")
    process.start()


async def see_what_breaks(scene: Scene, firing: Firing) -> None:
    """A part of the process that breaks ends the process; nothing else does."""
    if scene.place.is_part_of_process:
        await see_it_end(scene, firing)


async def go_on(_scene: Scene, _firing: Firing) -> None:
    """A connection that breaks ends no process."""


async def go_on_later(scene: Scene, firing: Firing) -> None:
    try:
        await pass_a_lease(scene)
    finally:
        os.kill(firing.pid, signal.SIGCONT)


async def let_go_later(scene: Scene, _firing: Firing) -> None:
    await pass_a_lease(scene)
    scene.let_go()


async def flush(scene: Scene, _firing: Firing) -> None:
    redis = scene.stage.rig.servers.redis()
    await redis.flushall()
    await redis.aclose()
    scene.let_go()


async def restart_redis(scene: Scene, _firing: Firing) -> None:
    await asyncio.to_thread(scene.stage.rig.servers.kill_redis)
    scene.let_go()
    await scene.stage.rig.servers.start_redis()


async def terminate(scene: Scene, _firing: Firing) -> None:
    await scene.stage.database.execute(TERMINATE)
    scene.let_go()


async def restart_storage(scene: Scene, _firing: Firing) -> None:
    await asyncio.to_thread(scene.stage.rig.servers.kill_storage)
    scene.let_go()
    await asyncio.sleep(AWAY_SECONDS)
    await scene.stage.rig.servers.start_storage()


async def enqueue(scene: Scene, hints: Mapping[str, Delivery]) -> None:
    """Put hints into Redis under names of our own, past what the product does against doubles."""
    url = f"redis://127.0.0.1:{scene.stage.rig.servers.stack.redis_port}/0"
    async with open_arq(url) as pool:
        for name, hint in hints.items():
            queue = hint_queue_name(hint.queue)
            await pool.enqueue_job(HINT_FUNCTION, str(hint.job_id), hint.number, _job_id=name, _queue_name=queue)


async def double(scene: Scene, _firing: Firing) -> None:
    hint = await scene.delivery()
    await enqueue(scene, {f"{arq_id(hint)}.copy{number}": hint for number in range(2)})
    scene.let_go()


async def forge(scene: Scene, _firing: Firing) -> None:
    hint = await scene.delivery()
    numbers = (hint.number - 1, hint.number + 1, hint.number + 7)
    await enqueue(scene, {f"{hint.job_id}.forged{number}": replace(hint, number=number) for number in numbers})
    redis = scene.stage.rig.servers.redis()
    await redis.set("arq:job:malice", pickle.dumps(Trap(mark_of_pickles(scene.stage.rig))))
    await redis.zadd(hint_queue_name(scene.queue), {"malice": timestamp_ms()})
    await redis.aclose()
    scene.let_go()


async def cancel(scene: Scene, _firing: Firing) -> None:
    """Cancel the job; where what is held holds its row, the cancel comes after it."""
    asked = asyncio.create_task(ask_to_cancel(scene))
    await asyncio.wait([asked], timeout=AWAY_SECONDS)
    if not asked.done() or not scene.place.is_in_task:
        scene.let_go()
    await asked


async def ask_to_cancel(scene: Scene) -> None:
    async with scene.stage.services.work(scene.workspace_id) as work:
        scene.canceled = await work.jobs.cancel(scene.job_id, "The cell wants it.")


async def drain(scene: Scene, firing: Firing) -> None:
    """Stop the process gracefully; what it is held in is cancelled, where it is the work on the job itself."""
    process = scene.stage.rig[firing.process]
    process.send(signal.SIGTERM)
    if not scene.place.is_in_task:
        await asyncio.sleep(AWAY_SECONDS)
        scene.let_go()
    code = await process.term()
    require(code == 0, f"{firing.process} ended with {code} when it was asked to stop")
    process.start()


ACTS: Mapping[Fault, Act] = {
    Fault.KILL9: see_it_end,
    Fault.EXIT: see_it_end,
    Fault.RAISE: see_what_breaks,
    Fault.DISCONNECT: go_on,
    Fault.STOP: go_on_later,
    Fault.DELAY: let_go_later,
    Fault.FLUSH: flush,
    Fault.RESTART: restart_redis,
    Fault.TERMINATE: terminate,
    Fault.STORAGE: restart_storage,
    Fault.DUPLICATE: double,
    Fault.STALE: forge,
    Fault.CANCEL: cancel,
    Fault.DRAIN: drain,
}
