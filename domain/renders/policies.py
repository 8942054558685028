"""The identity ladder: what is done when the gate has spoken."""

from collections.abc import Iterable
from enum import StrEnum

from domain.renders.engines import Engine
from domain.renders.judgements import Judgement
from domain.renders.settings import IdentityPolicy, RenderSettings
from domain.renders.shots import RenderShot, Take
from domain.renders.states import Rung


class Decision(StrEnum):
    """What becomes of a take that was judged."""

    GO_ON = "go_on"
    NEW_SEED = "new_seed"
    FALL_BACK = "fall_back"
    FAIL = "fail"


def decide(
    judgement: Judgement, *, shot: RenderShot, settings: RenderSettings, maker: Engine, can_afford_another: bool
) -> Decision:
    """Go on with a take that passes; else try another seed while there are tries and budget; else settle or fail.

    `maker` made the take's keyframe: where it pastes references, they are to be seen in the clip, too.
    """
    is_passed = judgement.is_passed(copies_are_normal=maker.capabilities.pastes_references)
    if is_passed or shot.rung is Rung.BEST_OF:
        return Decision.GO_ON
    if shot.rerolls < settings.rerolls_max and can_afford_another:
        return Decision.NEW_SEED
    return Decision.FAIL if settings.identity_policy is IdentityPolicy.STRICT else Decision.FALL_BACK


def best_of(takes: Iterable[Take]) -> Take:
    """The take that came nearest, of those that were filmed where any was; of equals the earliest.

    A clip that was refused is known and paid for; one of a better keyframe would be neither.
    """
    judged = [
        (take.clip is not None, take.judgement.rank, -take.number, take) for take in takes if take.judgement is not None
    ]
    return max(judged, key=lambda entry: entry[:3])[3]
