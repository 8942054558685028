"""The identity ladder: with what each further take of a round is made, as a pure value.

The rung of a take follows from its place in its round and from its frozen cast alone, so that a walk over the same
results ends at the same place. The last rung that a shot has is tried over and over, each time with another seed, until
the tries or the budget are spent. Rungs add up: stronger references are heeded in the order of the rung before, and
adapters speak up beside them. Another engine begins anew: as if it had been asked first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.characters.views import View
from domain.renders.snapshot import CutOut
from domain.renders.states import Rung

# Stronger than any engine's own default; nearer to 1 a picture is copied rather than heeded.
STRONGER_SCALE = 0.9
# Adapters are trained to speak at 1; far above it they spoil the picture before they help the likeness.
STRONGER_ADAPTER_SCALE = 1.3
_STRONGER = frozenset({Rung.STRONGER_REFERENCES, Rung.STRONGER_ADAPTER})
_TURNED = _STRONGER | {Rung.OTHER_REFERENCES}


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs that an engine has, from the first take on."""

    rungs: tuple[Rung, ...]

    def for_shot(self, *, has_adapters: bool, has_other_engine: bool) -> "Ladder":
        """The rungs that can change anything for a shot: whose cast has adapters, that another engine can make."""
        helps = {Rung.STRONGER_ADAPTER: has_adapters, Rung.OTHER_ENGINE: has_other_engine}
        return Ladder(tuple(rung for rung in self.rungs if helps.get(rung, True)))

    def rung_at(self, place: int) -> Rung:
        """The rung of the take at that place of its round, counted from 0."""
        return self.rungs[min(max(place, 0), len(self.rungs) - 1)]


def references_of(rung: Rung, cut_outs: Sequence[CutOut], *, wanted: View, most: int) -> Sequence[CutOut]:
    """The references that a take heeds, the leading one first.

    Where others are wanted, those lead whose view is nearest to the wanted one; of those equally near, the second half
    of a character's pictures comes first, so that both the leading one and, where there are more than an engine is
    given, the subset are others. The picture that led before does not lead again, however near. Of one picture there
    is no other.
    """
    if rung not in _TURNED or len(cut_outs) < 2:
        return cut_outs[:most]
    turn = (len(cut_outs) + 1) // 2
    turned = [*cut_outs[turn:], *cut_outs[:turn]]
    nearest, second, *rest = sorted(turned, key=lambda each: each.view.steps_to(wanted))
    leading = [second, nearest] if nearest == cut_outs[0] else [nearest, second]
    return [*leading, *rest][:most]


def reference_scale_of(rung: Rung) -> float | None:
    """How strongly references are heeded, 0 to 1; None leaves it to the engine."""
    return STRONGER_SCALE if rung in _STRONGER else None


def adapter_scale_of(rung: Rung) -> float | None:
    """How strongly adapters speak, 0 to 2; None leaves it at what they were trained for, 1."""
    return STRONGER_ADAPTER_SCALE if rung is Rung.STRONGER_ADAPTER else None
