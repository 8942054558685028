"""Every fault that the attack knows, as data: what it is done to, for how long, how often it is chosen.

A seed is a repeatable sequence of `Fault`s. How each is done stands in `chaos.deeds_outside`, `chaos.deeds_inside` and
`chaos.deeds_operators`,
under the same name. Not among them, and why: a full disk
and `iptables` (root), a clock of PostgreSQL that jumps (it is the machine's), failover to a standby (one PostgreSQL is
embedded). Clocks of workers that are wrong are no fault of a seed: two workers have them all the time (`chaos.rig`).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.rig import HARNESS, JOBS, LEASE_SECONDS, WORKERS

ALL_PROCESSES = ("api", *JOBS, *WORKERS)
ON_POSTGRES = tuple(f"{owner}.postgres" for owner in ("api", *JOBS, HARNESS))
ON_VALKEY = tuple(f"{owner}.valkey" for owner in ("api", *JOBS, *WORKERS))
ON_STORAGE = tuple(f"{owner}.storage" for owner in JOBS)
ON_CONTROL = tuple(f"{owner}.control" for owner in WORKERS)
ON_NETWORK = (*ON_POSTGRES, *ON_VALKEY, *ON_STORAGE, *ON_CONTROL)
ENDINGS = (
    "job_claim",
    "job_finish",
    "job_fail",
    "job_pick",
    "job_reap",
    "job_release",
    "step_results",
    "event_append",
)
# Only those that do not have their jobs dispatched take them by themselves, and each alone is a transaction of its own.
ALONE = ("job_take",)
COMMITS = (
    *(f"{owner}.{sql}" for owner in JOBS for sql in ENDINGS),
    f"{HARNESS}.job_enqueue",
    f"{HARNESS}.job_cancel",
    "api.",
)


@dataclass(frozen=True)
class Fault:
    """One fault of a seed: when, what, to whom, for how long."""

    at: float
    name: str
    target: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.at:5.2f} s  {self.name} {self.target} {self.seconds:.2f} s"


@dataclass(frozen=True)
class Kind:
    """What may be chosen for a fault: `weight` is how often, `shortest` and `longest` for how long."""

    weight: float
    targets: Sequence[str]
    shortest: float = 0.0
    longest: float = 0.0


KINDS: Mapping[str, Kind] = {
    "kill9": Kind(10, (*WORKERS, *WORKERS, *JOBS, "api"), 0.0, 0.5),
    "kill9_child": Kind(6, tuple(WORKERS)),
    "pause": Kind(10, (*JOBS, *JOBS, *WORKERS), LEASE_SECONDS * 1.2, LEASE_SECONDS * 2),
    "pause_child": Kind(3, tuple(WORKERS), 0.5, LEASE_SECONDS * 1.5),
    "drain": Kind(4, (*WORKERS, *JOBS)),
    "cut": Kind(8, ON_NETWORK),
    "refuse": Kind(6, ON_NETWORK, 0.3, 1.5),
    "half_open": Kind(8, ON_NETWORK, 0.5, LEASE_SECONDS * 1.5),
    "slow": Kind(6, ON_NETWORK, 0.5, 2.0),
    "trickle": Kind(3, (*ON_STORAGE, *ON_CONTROL), 0.5, 1.5),
    "lose_commit": Kind(20, (*COMMITS, *(f"{owner}.{sql}" for owner in JOBS[1:] for sql in ALONE)), 0.5, 2.0),
    "slow_commits": Kind(8, COMMITS, 0.5, 2.0),
    "terminate_backends": Kind(5, ("all", "one")),
    "crash_postgres": Kind(2, ("postgres",), 0.0, 0.5),
    "use_up_connections": Kind(2, ("lab_system",), 0.5, 1.5),
    "flush_valkey": Kind(6, ("valkey",)),
    "kill_valkey": Kind(4, ("kept", "emptied"), 0.1, 1.0),
    "fill_valkey": Kind(3, ("valkey",), 0.5, 1.5),
    "kill_storage": Kind(3, ("storage",), 0.1, 1.0),
    "storage_503": Kind(4, ON_STORAGE, 0.3, 1.5),
    "forge_hints": Kind(8, ("stale", "doubled", "unknown", "pickle", "strange")),
    "claim_void": Kind(6, JOBS),
    "deaf_subscriber": Kind(3, ("api",), 1.0, 3.0),
    "herd": Kind(4, ("10", "20")),
    "picks_meet": Kind(3, ("internal",), 1.0, 2.0),
    "pause_queue": Kind(5, ("internal", "cpu"), 0.5, LEASE_SECONDS * 1.5),
    "rest_worker": Kind(5, ("internal", "cpu", "gpu"), 0.5, LEASE_SECONDS * 1.5),
    "retry_ended": Kind(5, ("1", "3")),
    "set_aside": Kind(5, ("1", "2"), 0.1, 1.5),
    "vendor_loses_answers": Kind(4, ("vendor",), 0.5, 2.0),
}


def plan_faults(seed: int, *, seconds: float, count: int, kinds: Mapping[str, Kind] = KINDS) -> Sequence[Fault]:
    """The faults of a seed, in order of time: the same for the same seed."""
    chance = random.Random(seed)
    names, weights = list(kinds), [kind.weight for kind in kinds.values()]
    faults: list[Fault] = []
    for name in chance.choices(names, weights, k=count + (chance.randrange(4) if count else 0)):
        kind = kinds[name]
        lasts = chance.uniform(kind.shortest, kind.longest)
        faults.append(Fault(chance.uniform(0.1, seconds), name, chance.choice(list(kind.targets)), lasts))
    return sorted(faults, key=lambda fault: fault.at)
