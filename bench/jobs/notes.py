"""What the handlers of one session noted."""

from collections import defaultdict
from dataclasses import dataclass, field

from bench.jobs.peers.driver import Plan


@dataclass(slots=True)
class Notes:
    """Nanoseconds by mark and job; a job that was started more than once has several."""

    times: dict[str, dict[int, list[int]]] = field(
        default_factory=lambda: defaultdict[str, dict[int, list[int]]](lambda: defaultdict(list))
    )

    def add(self, line: str) -> None:
        mark, number, at = line.split()
        self.times[mark][int(number)].append(int(at))

    def done(self, plan: Plan) -> int:
        """How many different jobs of the plan have ended."""
        return sum(number in self.times["e"] for number in range(plan.first, plan.first + plan.count))

    def begun(self, plan: Plan) -> int:
        return sum(number in self.times["s"] for number in range(plan.first, plan.first + plan.count))

    def doubled(self, plan: Plan) -> int:
        """How many jobs of the plan have ended more than once."""
        return self._more_than_once("e", plan)

    def begun_again(self, plan: Plan) -> int:
        return self._more_than_once("s", plan)

    def first(self, mark: str, plan: Plan) -> dict[int, int]:
        found = self.times[mark]
        return {n: found[n][0] for n in range(plan.first, plan.first + plan.count) if n in found}

    def _more_than_once(self, mark: str, plan: Plan) -> int:
        found = self.times[mark]
        return sum(len(found.get(n, [])) > 1 for n in range(plan.first, plan.first + plan.count))
