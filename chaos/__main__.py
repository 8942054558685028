"""`python -m chaos [--seeds N] [--first K]`: attack a lab with a seeded mix of faults; exits with 1 on a violation."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from bootstrap.container import Container
from chaos.invariants import RECOVERED_SECONDS, SKIPPED
from chaos.rig import HARNESS, JOBS, Rig
from chaos.seed import Course, Outcome, Seed
from chaos.storage_check import sweep_violations
from chaos.vendor import Vendor

DUMPS = Path("chaos-dumps")


@asynccontextmanager
async def lab(*, mutant: str = "", taking: Collection[str] = ()) -> AsyncGenerator[tuple[Rig, Vendor, Container]]:
    """A rig that is up, its vendor, and the product's own code behind the harness's proxies.

    The jobs processes of `taking` take their own jobs, more than they have hands for, so that some go back; the others
    have them dispatched, so that hints are attacked too.
    """
    vendor = Vendor()
    await vendor.start()
    with tempfile.TemporaryDirectory(prefix="lab-chaos-", ignore_cleanup_errors=True) as folder:
        async with Rig.opened(Path(folder) / "lab") as rig:
            rig.vendor_url = vendor.url
            rig.add_all(mutant=mutant)
            rig.take(*taking)
            rig.take_far_ahead(*taking)
            await rig.start()
            async with rig.container(owner=HARNESS) as services:
                yield rig, vendor, services
    await vendor.stop()


async def run_seeds(first: int, seeds: int, *, is_talkative: bool) -> tuple[list[Outcome], list[str]]:
    """Answer what came of each seed, and what two sweeps have found after the last."""
    outcomes: list[Outcome] = []
    began = time.monotonic()
    async with lab(taking=JOBS[1:]) as (rig, vendor, services):
        print(f"the lab is up after {time.monotonic() - began:.1f} s", flush=True)
        for number in range(first, first + seeds):
            seed = Seed(rig, vendor, services, seed=number, course=Course())
            if is_talkative:
                print("\n".join(map(str, seed.faults)), flush=True)
            outcome = await seed.run(DUMPS)
            outcomes.append(outcome)
            print("\n".join([outcome.line(), *(f"  {each}" for each in outcome.violations)]), flush=True)
        rig.end_all()
        left = await sweep_violations(services, rig)
    print("\n".join([f"two sweeps: {len(left)} violations", *left]), flush=True)
    return outcomes, left


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--talk", action="store_true", help="print each seed's faults beforehand")
    given = parser.parse_args()
    outcomes, left = asyncio.run(run_seeds(given.first, given.seeds, is_talkative=given.talk))
    faults = Counter(fault.name for outcome in outcomes for fault in outcome.faults)
    broken = len(left) + sum(len(outcome.violations) for outcome in outcomes)
    print("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(faults.items())))
    for name, reason in SKIPPED.items():
        print(f"not looked at: {name}: {reason}")
    jobs, slowest = sum(outcome.jobs for outcome in outcomes), max(outcome.recovery_seconds for outcome in outcomes)
    stood_still = max(outcome.standstill_seconds for outcome in outcomes)
    print(f"slowest recovery {slowest:.1f} s, longest standstill {stood_still:.1f} s of {RECOVERED_SECONDS:.1f} s")
    print(f"failed seeds leave a dump in {DUMPS}/")
    print(f"{len(outcomes)} seeds, {faults.total()} faults, {jobs} jobs, {broken} violations")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
