"""Faults of processes and of the network between them and the stores: how each is done and undone."""

import asyncio
import os
import signal
from contextlib import suppress

import psutil

from chaos.attack import Attack
from chaos.faults import Fault
from chaos.proxy import CommitHold
from chaos.rig import JOBS
from chaos.watch import orphans_end
from domain.jobs.models import Priority

SLOW_SECONDS = 0.15
SLOW_COMMIT_SECONDS = 0.3
TRICKLE_BYTES = 8_000.0
BACKLOG_JOBS, URGENT_JOBS = 6, 2
LASTING_SECONDS, SHORT_SECONDS = 3.5, 0.4
# Time for the first picks of the backlog to be committed, and for another picker to be rung and to choose.
MARKED_SECONDS, MEETING_SECONDS = 0.4, 0.8


async def kill9(attack: Attack, fault: Fault) -> None:
    process = attack.rig[fault.target]
    children = process.kill9()
    await asyncio.sleep(fault.seconds)
    if not process.is_running:
        process.start()
    for broken in await orphans_end(attack.rig, fault.target, children):
        attack.watch.complain(broken, broken)


async def kill9_child(attack: Attack, fault: Fault) -> bool:
    pids = attack.rig[fault.target].child_pids()
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)


async def pause(attack: Attack, fault: Fault) -> None:
    process = attack.rig[fault.target]
    process.stop()
    await asyncio.sleep(fault.seconds)
    process.cont()


async def pause_child(attack: Attack, fault: Fault) -> bool:
    children = [psutil.Process(pid) for pid in attack.rig[fault.target].child_pids()]
    with suppress(psutil.NoSuchProcess):
        for child in children:
            child.suspend()
        await asyncio.sleep(fault.seconds)
        for child in children:
            child.resume()
    return bool(children)


async def drain(attack: Attack, fault: Fault) -> bool:
    process = attack.rig[fault.target]
    if not process.is_running:
        return False
    await process.term()
    if not process.is_running:
        process.start()
    return True


async def cut(attack: Attack, fault: Fault) -> None:
    attack.proxy(fault.target).cut()


async def refuse(attack: Attack, fault: Fault) -> None:
    proxy = attack.proxy(fault.target)
    proxy.is_refusing = True
    proxy.cut()
    await asyncio.sleep(fault.seconds)
    proxy.is_refusing = False


async def half_open(attack: Attack, fault: Fault) -> None:
    proxy = attack.proxy(fault.target)
    proxy.is_swallowing = True
    await asyncio.sleep(fault.seconds)
    proxy.is_swallowing = False


async def slow(attack: Attack, fault: Fault) -> None:
    proxy = attack.proxy(fault.target)
    proxy.delay_seconds = SLOW_SECONDS
    await asyncio.sleep(fault.seconds)
    proxy.delay_seconds = 0.0


async def trickle(attack: Attack, fault: Fault) -> None:
    proxy = attack.proxy(fault.target)
    proxy.bytes_per_second = TRICKLE_BYTES
    await asyncio.sleep(fault.seconds)
    proxy.bytes_per_second = 0.0


async def lose_commit(attack: Attack, fault: Fault) -> bool:
    """Let the next commits of transactions that run this SQL and move something arrive, and their answers not."""
    owner, sql = fault.target.split(".", 1)
    proxy = attack.rig.network.proxy(owner, "postgres")
    trap = proxy.lose_commits(sql, times=2)
    attack.traps.append(trap)
    with suppress(TimeoutError):
        async with asyncio.timeout(fault.seconds):
            await trap.sprung.wait()
    return trap.sprung.is_set()


async def slow_commits(attack: Attack, fault: Fault) -> None:
    """Commits of such transactions take their time, as on a disk that is busy: their locks are held meanwhile."""
    owner, sql = fault.target.split(".", 1)
    delays = attack.rig.network.proxy(owner, "postgres").commit_delays
    delays[sql] = SLOW_COMMIT_SECONDS
    await asyncio.sleep(fault.seconds)
    delays.pop(sql, None)


async def picks_meet(attack: Attack, fault: Fault) -> None:
    """Urgent jobs arrive while a pick is on its way to its COMMIT: another picker must not hand them out beside it.

    The workspace may run two at once: one lasts through it all, the others come and go, so that the pick that is held
    gives out the second.
    """
    await attack.workload.backlog(1, Priority.BULK, seconds=LASTING_SECONDS)
    await attack.workload.backlog(BACKLOG_JOBS, Priority.BULK, seconds=SHORT_SECONDS)
    await asyncio.sleep(MARKED_SECONDS)
    hold = CommitHold("job_pick")
    for owner in JOBS:
        attack.rig.network.proxy(owner, "postgres").hold_commit(hold)
    try:
        async with asyncio.timeout(fault.seconds):
            await hold.held.wait()
        await attack.workload.backlog(URGENT_JOBS, Priority.INTERACTIVE, seconds=SHORT_SECONDS)
        await asyncio.sleep(MEETING_SECONDS)
    finally:
        hold.release()
