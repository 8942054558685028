"""A shot of a render on its way to a take, and the takes made for it."""

from dataclasses import dataclass, replace

from domain.identifiers import ObjectId, RenderId, ShotId, TakeId, WorkspaceId
from domain.renders.errors import ShotMoveRefused
from domain.renders.judgements import Judgement, Verdict
from domain.renders.snapshot import FrozenShot
from domain.renders.states import Rung, ShotState


@dataclass(frozen=True, slots=True)
class RenderShot:
    """One shot of a render: which take it is at, and how that stands.

    `first_take` is where the seeds of this round begin: a re-roll raises it, and a later render of the same storyboard
    takes it over, so that a take once chosen stays. `last_take` is the highest number tried. `retries` counts how often
    a failed shot was taken up again; jobs of an earlier round carry an earlier count and are ignored.
    """

    render_id: RenderId
    workspace_id: WorkspaceId
    shot: FrozenShot
    state: ShotState = ShotState.WAITING
    first_take: int = 1
    take_number: int = 0
    last_take: int = 0
    rung: Rung = Rung.FIRST_SEED
    retries: int = 0
    failure: str = ""

    @property
    def rerolls(self) -> int:
        """How many seeds beyond the first were tried in this round."""
        return max(0, self.last_take - self.first_take)

    def is_at(self, take_number: int, state: ShotState) -> bool:
        """Whether a result of that take is still waited for; results that come late or twice are not."""
        return self.take_number == take_number and self.state is state

    def start(self) -> "RenderShot":
        return self._move(
            "started", ShotState.MAKING_KEYFRAME, {ShotState.WAITING}, take=self.first_take, rung=Rung.FIRST_SEED
        )

    def keyframe_made(self) -> "RenderShot":
        return self._move("given a keyframe", ShotState.JUDGING_KEYFRAME, {ShotState.MAKING_KEYFRAME})

    def animate(self) -> "RenderShot":
        return self._move("animated", ShotState.ANIMATING, {ShotState.JUDGING_KEYFRAME})

    def clip_made(self) -> "RenderShot":
        return self._move("given a clip", ShotState.JUDGING_CLIP, {ShotState.ANIMATING})

    def accept(self) -> "RenderShot":
        return self._move("taken", ShotState.TAKEN, {ShotState.JUDGING_CLIP})

    def try_again(self, rung: Rung) -> "RenderShot":
        """The gate said no: the next take begins, made as the rung says."""
        judging = {ShotState.JUDGING_KEYFRAME, ShotState.JUDGING_CLIP}
        return self._move("tried again", ShotState.MAKING_KEYFRAME, judging, take=self.last_take + 1, rung=rung)

    def fall_back(self, take_number: int) -> "RenderShot":
        """No seed passed: the best take so far is animated and will be marked."""
        judging = {ShotState.JUDGING_KEYFRAME, ShotState.JUDGING_CLIP}
        return self._move("settled", ShotState.ANIMATING, judging, take=take_number, rung=Rung.BEST_OF)

    def fail(self, reason: str) -> "RenderShot":
        return replace(self._move("failed", ShotState.FAILED, _UNFINISHED), failure=reason)

    def revive(self, state: ShotState) -> "RenderShot":
        """Put a failed shot back where its job left it: the same take of the same round is waited for again."""
        return replace(self._move("revived", state, {ShotState.FAILED}), failure="")

    def cancel(self) -> "RenderShot":
        return self._move("canceled", ShotState.CANCELED, _UNFINISHED)

    def retry(self, *, with_new_seed: bool) -> "RenderShot":
        """Take a failed shot up again: with a new seed where the gate refused the old ones, else where it broke."""
        moved = self._move("retried", ShotState.WAITING, {ShotState.FAILED})
        first = self.last_take + 1 if with_new_seed else self.first_take
        return replace(moved, first_take=first, last_take=first - 1, retries=self.retries + 1, failure="")

    def reroll(self) -> "RenderShot":
        """Make another take of a shot that has one, or failed, with a seed not used yet."""
        moved = self._move("re-rolled", ShotState.WAITING, {ShotState.TAKEN, ShotState.FAILED})
        return replace(moved, first_take=self.last_take + 1, retries=self.retries + 1, failure="")

    def _move(
        self,
        verb: str,
        state: ShotState,
        allowed: frozenset[ShotState] | set[ShotState],
        *,
        take: int | None = None,
        rung: Rung | None = None,
    ) -> "RenderShot":
        if self.state not in allowed:
            raise ShotMoveRefused(f"A shot that is {self.state.value.replace('_', ' ')} cannot be {verb}.")
        number = self.take_number if take is None else take
        return replace(
            self,
            state=state,
            take_number=number,
            last_take=max(self.last_take, number),
            rung=self.rung if rung is None else rung,
        )


_UNFINISHED = frozenset(state for state in ShotState if not state.is_final)


@dataclass(frozen=True, slots=True)
class Picture:
    """What a step made: a keyframe or a clip, and the label map of its figures."""

    object_id: ObjectId
    figures_id: ObjectId
    engine_version: str
    sampled_frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Take:
    """One attempt at one shot: seed, digests, what was made and how the gate judged it."""

    id: TakeId
    render_id: RenderId
    workspace_id: WorkspaceId
    shot_id: ShotId
    number: int
    seed: int
    engine: str
    keyframe_digest: str
    clip_digest: str
    keyframe: Picture | None = None
    clip: Picture | None = None
    keyframe_judgement: Judgement | None = None
    clip_judgement: Judgement | None = None
    rung: Rung = Rung.FIRST_SEED
    is_accepted: bool = False

    @property
    def object_ids(self) -> set[ObjectId]:
        """What the take holds, each once."""
        pictures = [picture for picture in (self.keyframe, self.clip) if picture is not None]
        return {object_id for picture in pictures for object_id in (picture.object_id, picture.figures_id)}

    @property
    def judgement(self) -> Judgement | None:
        """The last word of the gate: the clip's where there is one."""
        return self.clip_judgement or self.keyframe_judgement

    @property
    def verdict(self) -> Verdict | None:
        return self.judgement.verdict if self.judgement else None

    @property
    def score(self) -> float | None:
        return self.judgement.score if self.judgement else None
