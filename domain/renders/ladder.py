"""The identity ladder: with what each further take of a round is made, as a pure value.

The rung of a take follows from its place in its round alone, so that a walk over the same results ends at the same
place. The last rung of an engine is tried over and over, each time with another seed, until the tries or the budget are
spent. Rungs add up: stronger references are heeded in the order of the rung before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from domain.renders.states import Rung

Each = TypeVar("Each")

# Stronger than any engine's own default; nearer to 1 a picture is copied rather than heeded.
STRONGER_SCALE = 0.9
_TURNED = frozenset({Rung.OTHER_REFERENCES, Rung.STRONGER_REFERENCES})


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs that an engine has, from the first take on."""

    rungs: tuple[Rung, ...]

    def rung_at(self, place: int) -> Rung:
        """The rung of the take at that place of its round, counted from 0."""
        return self.rungs[min(max(place, 0), len(self.rungs) - 1)]


def references_of(rung: Rung, references: Sequence[Each], *, most: int) -> Sequence[Each]:
    """The references that a take heeds, the leading one first.

    Where others are wanted, the second half of a character's pictures leads, so that both the leading one and, where
    there are more than an engine is given, the subset are others. Of one picture there is no other.
    """
    turn = (len(references) + 1) // 2 if rung in _TURNED and len(references) > 1 else 0
    return [*references[turn:], *references[:turn]][:most]


def reference_scale_of(rung: Rung) -> float | None:
    """How strongly references are heeded, 0 to 1; None leaves it to the engine."""
    return STRONGER_SCALE if rung is Rung.STRONGER_REFERENCES else None
