"""What a render may cost and what it has cost: seconds of film made, and credits of the engine."""

from dataclasses import dataclass

from domain.errors import Invalid
from domain.renders.errors import BudgetTooSmall


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of film to be made and credits to be paid for them."""

    seconds: float = 0.0
    credits: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.seconds + other.seconds, self.credits + other.credits)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(max(0.0, self.seconds - other.seconds), max(0, self.credits - other.credits))


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits that a render never passes; an absent one does not limit."""

    seconds_max: float | None = None
    credits_max: int | None = None

    def __post_init__(self) -> None:
        if self.seconds_max is not None and self.seconds_max <= 0:
            raise Invalid("A budget in seconds is above zero.", field="budget")
        if self.credits_max is not None and self.credits_max < 0:
            raise Invalid("A budget in credits is not below zero.", field="budget")

    def allows(self, cost: Cost) -> bool:
        # A hair of slack: sums of tenths of seconds are not exact in binary.
        is_short_enough = self.seconds_max is None or cost.seconds <= self.seconds_max + 1e-6
        return is_short_enough and (self.credits_max is None or cost.credits <= self.credits_max)

    def check(self, cost: Cost) -> None:
        """Raise BudgetTooSmall when the cost is above a limit."""
        if not self.allows(cost):
            raise BudgetTooSmall(
                f"This needs {cost.seconds:.1f} s of film and {cost.credits} credits, more than the budget allows.",
                field="budget",
            )
