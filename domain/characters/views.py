"""From which view a picture shows a character: how much of the figure is seen, and which way its face looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Framing(StrEnum):
    """How much of the figure a picture shows, from near to far."""

    HEAD = "head"
    BUST = "bust"
    HALF = "half"
    FULL = "full"


class Facing(StrEnum):
    """Which way the face looks, as whoever sees the picture has it."""

    LEFT = "left"
    FRONT = "front"
    RIGHT = "right"


# How far an unknown view counts as being off: a step, neither near nor far.
UNKNOWN_STEPS = 1
_FRAMINGS, _FACINGS = tuple(Framing), tuple(Facing)


@dataclass(frozen=True, slots=True)
class View:
    """How a picture shows its figure; None is unknown, or of a wanted view: whatever there is."""

    framing: Framing | None = None
    facing: Facing | None = None

    def steps_to(self, wanted: "View") -> int:
        """How far this is from a wanted view: one for each size of framing between, and each turn of the head."""
        return _steps(_FRAMINGS, self.framing, wanted.framing) + _steps(_FACINGS, self.facing, wanted.facing)


def _steps(order: Sequence[StrEnum], seen: StrEnum | None, wanted: StrEnum | None) -> int:
    if wanted is None:
        return 0
    return UNKNOWN_STEPS if seen is None else abs(order.index(seen) - order.index(wanted))


UNKNOWN = View()
