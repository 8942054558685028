"""How the identity ladder raises the pass rate when failures are injected: `python -m bench.ladder`.

A simulation without pixels: it shows what the ladder's order does to failures of known causes, and what that costs in
takes. How often a real engine fails for which cause is assumed here, not measured; `CAUSES` says what is assumed. Every
shot's cast has an adapter in use, and there is another engine, which pastes pictures and so seldom fails.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bootstrap.engines import DIFFUSION
from domain.renders.ladder import Ladder
from domain.renders.states import Rung

SHOTS, SEED = 20_000, 7
SEEDS_ALONE = Ladder((Rung.FIRST_SEED, Rung.NEW_SEED))
FULL = DIFFUSION.ladder
REROLLS = (0, 1, 2, 3, 4, 5)
# How often a take by another engine passes, whatever the cause: of its own shots nearly all do.
OTHER_ENGINE = 0.9


@dataclass(frozen=True)
class Cause:
    """Why takes of a shot fail: the chance that one passes, before and from the rung that mends the cause."""

    name: str
    chance: float
    mended_by: Rung | None = None
    chance_mended: float = 0.0

    def chance_at(self, rung: Rung) -> float:
        if rung is Rung.OTHER_ENGINE:
            return OTHER_ENGINE
        if self.mended_by is None or FULL.rungs.index(rung) < FULL.rungs.index(self.mended_by):
            return self.chance
        return self.chance_mended


CAUSES = (
    Cause("an unlucky seed", 0.7),
    Cause("the leading picture misleads", 0.1, Rung.OTHER_REFERENCES, 0.7),
    Cause("references heeded too little", 0.1, Rung.STRONGER_REFERENCES, 0.7),
    Cause("the adapter speaks too low", 0.1, Rung.STRONGER_ADAPTER, 0.7),
    Cause("this engine cannot", 0.02),
)
WORKLOADS = {"seeds alone fail": (1.0, 0.0, 0.0, 0.0, 0.0), "mixed causes": (0.55, 0.2, 0.1, 0.1, 0.05)}


def film(ladder: Ladder, shares: Sequence[float], rerolls_max: int) -> tuple[float, float]:
    """Answer the share of shots with a take that passes, and takes a shot."""
    chance = random.Random(SEED)  # noqa: S311 - a simulation, the same every time
    passed = takes = 0
    for _ in range(SHOTS):
        cause = chance.choices(CAUSES, shares)[0]
        for place in range(rerolls_max + 1):
            takes += 1
            if chance.random() < cause.chance_at(ladder.rung_at(place)):
                passed += 1
                break
    return passed / SHOTS, takes / SHOTS


def main() -> None:
    for cause in CAUSES:
        mended = f", {cause.chance_mended:.0%} from {cause.mended_by.name} on" if cause.mended_by else ""
        print(f"assumed: {cause.name}: a take passes in {cause.chance:.0%}{mended}")
    print(f"assumed: another engine: a take passes in {OTHER_ENGINE:.0%}, whatever the cause")
    print(f"{SHOTS} shots each\n")
    print("| workload | rerollsMax | seeds alone: passed | takes a shot | ladder: passed | takes a shot |")
    print("| --- | --- | --- | --- | --- | --- |")
    for workload, shares in WORKLOADS.items():
        for rerolls in REROLLS:
            alone, full = film(SEEDS_ALONE, shares, rerolls), film(FULL, shares, rerolls)
            cells = (f"{alone[0]:.1%}", f"{alone[1]:.2f}", f"{full[0]:.1%}", f"{full[1]:.2f}")
            print(f"| {workload} | {rerolls} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
