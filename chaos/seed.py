"""One seed: users at work, faults in their repeatable order, healing, and the questions whether anything was lost."""

import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
from redis.exceptions import RedisError

from bootstrap.container import Container
from chaos import deeds_inside, deeds_operators, deeds_outside
from chaos.attack import Attack
from chaos.faults import KINDS, Fault, Kind, plan_faults
from chaos.history import History, read_history
from chaos.invariants import standstills, violations
from chaos.plans import Plan
from chaos.process import size_of, words_of
from chaos.record import read_records
from chaos.rig import Rig
from chaos.storage_check import storage_violations
from chaos.subscribers import Subscriber
from chaos.vendor import Vendor
from chaos.watch import Watch
from chaos.workload import Workload
from domain.errors import Unavailable
from jobs.worker import end_tasks

DEEDS = (deeds_outside, deeds_inside, deeds_operators)
ATTACK_SECONDS = 4.0
FAULTS = 12
# Within this all work ends after the healing; that it never stands still for long is an invariant.
RECOVERY_SECONDS = 60.0
LISTEN_SECONDS = 20.0
EXPECTED = (
    Unavailable,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    RedisError,
    OSError,
    httpx.HTTPError,
    TimeoutError,
)
OPEN_WORK = """
select (select count(*) from jobs where workspace_id = any($1) and finished_at is null)
     + (select count(*) from renders where workspace_id = any($1) and state not in ('finished', 'failed', 'canceled'))
"""
CAP = "update workspaces set running_max = $2 where id = $1"
SESSIONS = """
select pid, usename, state, wait_event, clock_timestamp() - xact_start as open, pg_blocking_pids(pid) as blocked_by,
       client_port, left(query, 120) as query
from pg_stat_activity where datname = current_database() and xact_start is not null order by xact_start
"""
LAST = "select xid::text || '-' || id from events where workspace_id = $1 order by xid desc, id desc limit 1"


@dataclass(frozen=True)
class Course:
    """How a seed goes: the workload, the faults that may be chosen, and how many."""

    plan: Plan = field(default_factory=Plan)
    kinds: Mapping[str, Kind] | None = None
    faults: int = FAULTS
    seconds: float = ATTACK_SECONDS
    recovery_seconds: float = RECOVERY_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What came of one seed."""

    seed: int
    faults: Sequence[Fault]
    jobs: int
    recovery_seconds: float
    standstill_seconds: float
    seconds: float
    commits_lost: int
    violations: Sequence[str]

    def line(self) -> str:
        return (
            f"seed {self.seed}: {len(self.faults)} faults, {self.jobs} jobs, {self.commits_lost} commits unanswered,"
            f" recovered in {self.recovery_seconds:.1f} s, stood still for {self.standstill_seconds:.1f} s,"
            f" {self.seconds:.1f} s in all,"
            f" {len(self.violations)} violations"
        )


class Seed:
    """Runs one seed on a rig that is up; leaves it up and whole."""

    def __init__(self, rig: Rig, vendor: Vendor, services: Container, *, seed: int, course: Course) -> None:
        self._rig = rig
        self._seed = seed
        self._course = course
        self._chance = random.Random(seed)
        self._vendor = vendor
        self._workload = Workload(services, api_url=rig.api_url, chance=self._chance)
        kinds = course.kinds or KINDS
        self.faults = plan_faults(seed, seconds=course.seconds, count=course.faults, kinds=kinds)
        self.happened: Sequence[Fault] = ()
        self._subscribers: list[Subscriber] = []
        self._sessions: list[str] = []
        self._logged = {each.name: size_of(each.log) for each in rig.processes}
        self._healed_at = datetime.now(UTC)

    async def run(self, dumps: Path) -> Outcome:
        """Attack, heal, wait, look; a seed with violations leaves a dump."""
        began = time.monotonic()
        await self._workload.sign_up(self._seed)
        await self._set_caps()
        forged: set[str] = set()
        watch = Watch(self._rig, self._workload.users, forged=forged)
        attack = Attack(self._rig, self._vendor, self._workload, watch, forged)
        self._subscribers = self._new_subscribers()
        background = [asyncio.create_task(each.listen_for_ever()) for each in self._subscribers]
        background += [asyncio.create_task(each) for each in watch.looks_for_ever()]
        try:
            recovery_seconds = await self._attack_and_heal(attack)
            await self._hear_the_rest()
        finally:
            await end_tasks(background)
            await self._workload.close()
        history = await self._read()
        found = [
            *fallen(background),
            *ended_by_themselves(self._rig),
            *executed(self._rig),
            *watch.broken,
            *violations(history),
            *storage_violations(history, self._rig),
        ]
        outcome = Outcome(
            seed=self._seed,
            faults=self.happened,
            jobs=len(history.jobs),
            recovery_seconds=recovery_seconds,
            standstill_seconds=max(seconds for _, seconds in standstills(history)),
            seconds=time.monotonic() - began,
            commits_lost=attack.commits_lost,
            violations=found,
        )
        if found:
            plan = [f"{fault}{'' if fault in self.happened else '  (not, or not wholly)'}" for fault in self.faults]
            besides = [*plan, "", *self._sessions, "", *self._words()]
            await asyncio.to_thread(dump, dumps, outcome, history, besides)
        return outcome

    def _new_subscribers(self) -> list[Subscriber]:
        users = self._workload.users
        fickle = [
            Subscriber(self._rig.api_url, str(user.workspace_id), user.token, self._chance, has_socket=has_socket)
            for user, has_socket in ((users[0], True), (users[0], False), (users[1], True), (users[2], True))
        ]
        steady = Subscriber(self._rig.api_url, str(users[1].workspace_id), users[1].token, self._chance, is_steady=True)
        return [*fickle, steady]

    async def _attack_and_heal(self, attack: Attack) -> float:
        working = asyncio.create_task(self._workload.run(self._course.plan, seconds=self._course.seconds))
        happened = await asyncio.gather(*(self._do(attack, fault) for fault in self.faults))
        self.happened = [fault for fault, was_done in zip(self.faults, happened, strict=True) if was_done]
        await attack.heal()
        healed, self._healed_at = time.monotonic(), datetime.now(UTC)
        attack.watch.disturbed()
        for subscriber in self._subscribers:
            subscriber.is_calm = True
        await asyncio.wait({working}, timeout=self._course.recovery_seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, healed + self._course.recovery_seconds - time.monotonic())):
                while await self._open_work():  # noqa: ASYNC110 - other processes end it
                    await asyncio.sleep(0.1)
        if await self._open_work():
            self._sessions = await self._database_sessions()
        if not working.done():
            attack.watch.complain("work", "I1 liveness: the users' own work has not ended after the healing")
        await end_tasks([working])
        if not working.cancelled() and (broken := working.exception()):
            attack.watch.complain("users", f"I1 liveness: the users' own work broke: {broken!r}")
        return time.monotonic() - healed

    async def _do(self, attack: Attack, fault: Fault) -> bool:
        """Answer whether the fault happened: there may be nothing to hurt, or another fault took away what it needs."""
        await asyncio.sleep(fault.at)
        attack.watch.disturbed()
        do = next(getattr(deeds, fault.name) for deeds in DEEDS if hasattr(deeds, fault.name))
        try:
            return await do(attack, fault) is not False
        except EXPECTED:
            return False
        finally:
            attack.watch.disturbed()

    async def _set_caps(self) -> None:
        connection = await self._rig.servers.connect()
        try:
            for user in self._workload.users:
                await connection.execute(CAP, user.workspace_id, user.running_max)
        finally:
            await connection.close()

    async def _open_work(self) -> int:
        ids = [user.workspace_id for user in self._workload.users]
        connection = await self._rig.servers.connect()
        try:
            return int(await connection.fetchval(OPEN_WORK, ids))
        finally:
            await connection.close()

    async def _database_sessions(self) -> list[str]:
        """What each session of the database is at: who waits for whom, when something does not end."""
        connection = await self._rig.servers.connect()
        try:
            return [str(dict(row)) for row in await connection.fetch(SESSIONS)]
        finally:
            await connection.close()

    def _words(self) -> list[str]:
        """What each process has logged since the seed began."""
        words = {each.name: words_of(each.log, since=self._logged[each.name]) for each in self._rig.processes}
        return [f"{name} | {line}" for name, lines in words.items() for line in lines]

    async def _hear_the_rest(self) -> None:
        """Give every subscriber the time to hear the last event of its workspace."""
        connection = await self._rig.servers.connect()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTEN_SECONDS):
                    for subscriber in self._subscribers:
                        while subscriber.last_heard != await connection.fetchval(LAST, subscriber.workspace_id):  # noqa: ASYNC110
                            await asyncio.sleep(0.05)
        finally:
            await connection.close()

    async def _read(self) -> History:
        connection = await self._rig.servers.connect()
        try:
            return await read_history(
                connection,
                users=self._workload.users,
                subscribers=self._subscribers,
                deeds=await asyncio.to_thread(read_records, self._rig.records),
                vendor=self._vendor,
                healed_at=self._healed_at,
            )
        finally:
            await connection.close()


def fallen(tasks: Sequence[asyncio.Task[None]]) -> list[str]:
    """What broke of the harness itself: what did not look saw nothing."""
    return [f"harness: {task.exception()!r}" for task in tasks if not task.cancelled() and task.exception()]


def executed(rig: Rig) -> list[str]:
    mark = deeds_inside.mark_of_pickles(rig)
    if not mark.exists():
        return []
    mark.unlink()
    return ["I4 hints: bytes from Valkey were executed"]


def ended_by_themselves(rig: Rig) -> list[str]:
    """Processes that a fault drove to their end: another one takes up what they leave, and nothing else shows it."""
    found: list[str] = []
    for process in rig.processes:
        process.note_own_end()
        found += [f"processes: {process.name} ended by itself with {code}" for code in process.own_ends]
        process.own_ends.clear()
    return found


def dump(folder: Path, outcome: Outcome, history: History, besides: Sequence[str]) -> None:
    """Keep what a look back needs: the faults, what is broken, every job, event and deed."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [outcome.line(), *outcome.violations, "", *besides, ""]
    lines += [str(job) for job in history.jobs.values()]
    lines += [
        f"{e.cursor} {e.at:%H:%M:%S.%f} {e.stream_kind} {e.stream_id} {e.number} {e.name} {e.data}"
        for e in history.events
    ]
    lines += [json.dumps(deed) for deed in history.deeds if deed.get("job", "") in history.jobs]
    (folder / f"seed-{outcome.seed}.txt").write_text("\n".join(lines) + "\n")
