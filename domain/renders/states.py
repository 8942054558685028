"""Where renders and their shots stand; `docs/lifecycles.md` has every move."""

from enum import StrEnum


class RenderState(StrEnum):
    """A render films its shots, joins them and is finished; a failed one may be taken up again, a canceled one not."""

    QUEUED = "queued"
    FILMING = "filming"
    JOINING = "joining"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self in (RenderState.FINISHED, RenderState.FAILED, RenderState.CANCELED)


class ShotState(StrEnum):
    """What a shot of a render waits for; `taken` has a take that counts."""

    WAITING = "waiting"
    MAKING_KEYFRAME = "making_keyframe"
    JUDGING_KEYFRAME = "judging_keyframe"
    ANIMATING = "animating"
    JUDGING_CLIP = "judging_clip"
    TAKEN = "taken"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self in (ShotState.TAKEN, ShotState.FAILED, ShotState.CANCELED)


class Rung(StrEnum):
    """How far up the identity ladder a take came; `best_of` marks the best of those that failed."""

    FIRST_SEED = "first_seed"
    NEW_SEED = "new_seed"
    OTHER_REFERENCES = "other_references"
    STRONGER_REFERENCES = "stronger_references"
    STRONGER_ADAPTER = "stronger_adapter"
    OTHER_ENGINE = "other_engine"
    BEST_OF = "best_of"
