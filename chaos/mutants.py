"""The engine with one of its guards taken out, eight times: the attack must see each, or it has gone blind.

`python -m chaos.mutants` breaks the running lab's own functions (as they stand in its database, so that a guard that
has moved is noticed) or starts its processes with a part replaced (`chaos.mutated`), and runs seeds until something is
found. The courses are chosen to meet the broken guard soon; the checks are those of every seed.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg

from bootstrap.container import Container
from chaos.__main__ import lab
from chaos.faults import KINDS, Kind
from chaos.plans import Plan
from chaos.rig import JOBS, LEASE_SECONDS, Rig
from chaos.seed import Course, Seed
from chaos.vendor import Vendor
from domain.jobs.models import Queue

SEEDS_MAX = 20
DUMPS = Path("chaos-dumps") / "mutants"
NOTHING = Plan(
    steps=0,
    flaky=0,
    broken=0,
    refused=0,
    plain=0,
    paid=0,
    orders=0,
    made=0,
    fan_in=0,
    renders=0,
    cancels=0,
    misbehaving=(),
)
FENCE = "epoch = a_epoch and claim_id = a_claim_id and "
FENCE_OF_MANY = "and j.epoch = asked.epoch and j.claim_id = asked.claim_id "
OF_THE_HARNESS = ("harness", "processes", "I1 liveness: the users' own work broke")
DEFINITION = "select pg_get_functiondef($1::regproc)"


@dataclass(frozen=True)
class Mutant:
    """What is broken: pieces of SQL functions, or (without any) what `chaos.mutated` replaces; and its course."""

    course: Course
    pieces: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


def course(wanted: Plan, *names: str, faults: int = 8, **kinds: Kind) -> Course:
    chosen = {name: KINDS[name] for name in names} | kinds
    return Course(plan=wanted, kinds=chosen, faults=faults, recovery_seconds=45.0)


PAUSES = Kind(4, JOBS, LEASE_SECONDS * 1.2, LEASE_SECONDS * 1.6)
LOST_FAILURES = Kind(1, tuple(f"{name}.job_fail" for name in JOBS), 0.5, 1.0)
STEPS = replace(NOTHING, steps=16, step_seconds=0.8)
MUTANTS: Mapping[str, Mutant] = {
    "fence_off": Mutant(
        course(STEPS, faults=3, pause=PAUSES),
        dict.fromkeys(("job_holds", "job_heartbeat", "job_finish", "job_fail", "job_release"), (FENCE, ""))
        | {"job_finish_many": (FENCE_OF_MANY, "")},
    ),
    "redelivery_off": Mutant(
        course(
            replace(
                NOTHING,
                misbehaving=("work 9", "work 9"),
                made_queues=(Queue.GPU,),
            ),
            faults=0,
        ),
        {"job_return_deliveries": ("where state = 'dispatched' and", "where false and")},
    ),
    "retry_not_idempotent": Mutant(
        course(
            replace(NOTHING, flaky=20),
            lose_commit=LOST_FAILURES,
        ),
        {"job_fail": (" and state = 'running' returning", " returning")},
    ),
    "no_advisory_lock": Mutant(
        course(NOTHING, "picks_meet", faults=2),
        {
            "job_pick": (
                "if not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0)) then",
                "if false then",
            )
        },
    ),
    "serial_cursor": Mutant(
        course(
            replace(NOTHING, steps=24, step_seconds=0.05, open_seconds=0.2),
            "cut",
            faults=3,
        )
    ),
    "claim_without_delivery": Mutant(
        course(
            replace(NOTHING, made=16, made_seconds=1.5),
            "claim_void",
        ),
        {"job_claim": ("and (a_delivery is null or delivery = a_delivery)", "")},
    ),
    "finish_without_state": Mutant(
        course(
            replace(NOTHING, flaky=24, flaky_seconds=0.6, failures_max=0),
            faults=4,
            pause=PAUSES,
            pause_queue=Kind(2, ("internal",), 2.0, 3.0),
        ),
        {"job_finish": (" and state = 'running' returning", " returning")},
    ),
    "hint_before_commit": Mutant(course(STEPS, "cut", faults=2)),
}


async def break_functions(connection: asyncpg.Connection, pieces: Mapping[str, tuple[str, str]]) -> list[str]:
    """Take the guard out of each function; answer the whole functions, to be put back. Raises LookupError."""
    whole: list[str] = []
    for name, (guard, instead) in pieces.items():
        definition = str(await connection.fetchval(DEFINITION, name))
        if guard not in definition:
            raise LookupError(f"{name} has no `{guard}` any more: the mutant must be written anew.")
        whole.append(definition)
        await connection.execute(definition.replace(guard, instead))
    return whole


async def start_mutated(rig: Rig, name: str) -> None:
    """Start API and jobs anew with the mutation inside, or (without a name) as they are."""
    for process in ("api", *JOBS):
        module = "jobs" if process in JOBS else "api"
        whole = ["chaos.jobs"] if process in JOBS else ["api"]
        rig[process].command = ["chaos.mutated", name, module] if name else whole
        rig[process].restart()
    await asyncio.gather(*(rig[process].ready() for process in ("api", *JOBS)))


async def hunt(lab_parts: tuple[Rig, Vendor, Container], name: str, *, seeds: int) -> tuple[int, Sequence[str]]:
    """Run the mutant's course until something is found; answer after how many seeds, and what."""
    rig, vendor, services = lab_parts
    for number in range(1, seeds + 1):
        outcome = await Seed(rig, vendor, services, seed=number, course=MUTANTS[name].course).run(DUMPS / name)
        # What broke of the attack itself has caught nothing.
        if found := [each for each in outcome.violations if not each.startswith(OF_THE_HARNESS)]:
            return number, found
    return seeds, ()


async def try_mutant(lab_parts: tuple[Rig, Vendor, Container], name: str) -> bool:
    rig, began, mutant = lab_parts[0], time.monotonic(), MUTANTS[name]
    connection = await rig.servers.connect()
    whole = await break_functions(connection, mutant.pieces)
    if not mutant.pieces:
        await start_mutated(rig, name)
    seeds, found = await hunt(lab_parts, name, seeds=SEEDS_MAX)
    for definition in whole:
        await connection.execute(definition)
    if not mutant.pieces:
        await start_mutated(rig, "")
    await connection.execute("delete from jobs where finished_at is null")
    await connection.close()
    by = ", ".join(sorted({each.split(":")[0] for each in found}))
    verdict = f"caught after {seeds} seeds by {by}" if found else f"NOT CAUGHT in {seeds} seeds"
    print(f"{name}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)
    return bool(found)


async def try_all(names: Sequence[str], *, is_control: bool) -> bool:
    async with lab() as parts:
        results: list[bool] = []
        for name in names:
            if is_control:
                _, found = await hunt(parts, name, seeds=1)
                print("\n".join([f"{name}: whole, {len(found)} violations", *found]), flush=True)
                results.append(not found)
            else:
                results.append(await try_mutant(parts, name))
    return all(results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(MUTANTS))
    parser.add_argument("--control", action="store_true", help="run each course once with nothing broken")
    given = parser.parse_args()
    is_good = asyncio.run(try_all(given.names, is_control=given.control))
    print(f"{len(given.names)} mutants, {'all is as it must be' if is_good else 'SOMETHING IS WRONG'}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
