"""The way of a shot from its first seed to a take, as far as finished steps lead; the same for quote and render.

Invariant: a walk over the same results ends at the same place, however often and from wherever in the shot it is
begun. So a job that runs twice, or a process that dies between two jobs, changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from domain.events import Event
from domain.identifiers import TakeId
from domain.jobs.models import StepResult
from domain.renders.budgets import Cost
from domain.renders.crews import Crew
from domain.renders.digests import TakeDigests
from domain.renders.engines import Engine
from domain.renders.events import judged_event, shot_event, take_event
from domain.renders.judgements import UNCHECKED, Judgement
from domain.renders.models import Render
from domain.renders.planning import Order
from domain.renders.policies import Decision, best_of, decide
from domain.renders.results import read_clip, read_judgement, read_keyframe
from domain.renders.seeds import take_seed
from domain.renders.settings import IdentityPolicy, RenderSettings
from domain.renders.shots import RenderShot, Take
from domain.renders.states import ShotState


class Step(StrEnum):
    """The pieces of work that a take is made of."""

    KEYFRAME = "keyframe"
    KEYFRAME_JUDGEMENT = "keyframe_judgement"
    CLIP = "clip"
    CLIP_JUDGEMENT = "clip_judgement"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The step that a shot waits for: nobody has done it yet."""

    step: Step
    digest: str
    take: Take


def step_cost(step: Step, *, engine: Engine, seconds: float, settings: RenderSettings) -> Cost:
    """What doing the step of a shot of so many seconds costs; judging is free."""
    if step is Step.KEYFRAME:
        return engine.keyframe_cost()
    return engine.clip_cost(seconds, settings) if step is Step.CLIP else Cost()


def is_judged(*, has_cast: bool, engine: Engine, settings: RenderSettings) -> bool:
    """Whether the identity gate is asked about a shot at all."""
    is_nobody = not has_cast and engine.capabilities.pastes_references
    return not is_nobody and settings.identity_policy is not IdentityPolicy.OFF


@dataclass(slots=True)
class Walk:
    """One walk of one shot; `run` moves `render`, `shot` and `takes` and collects the events of it.

    `just_made` is the digest of the step that called for this walk: everything else that is found was done before.
    Who has a round of a shot begin (an order, a re-roll) commits the first work that is left to be done for it, so what
    is found on the way there is charged to nobody: quote and render end at the same place. A round that is taken up
    again has paid for the takes that it began.
    """

    render: Render
    crew: Crew
    shot: RenderShot
    new_id: Callable[[], UUID]
    just_made: str = ""
    found: Mapping[str, StepResult] = field(default_factory=dict[str, StepResult])
    takes: dict[int, Take] = field(default_factory=dict[int, Take])
    events: list[Event] = field(default_factory=list[Event])
    _digests: dict[int, TakeDigests] = field(default_factory=dict[int, TakeDigests])
    is_new: bool = False
    is_prepaid: bool = False

    def candidates(self) -> list[str]:
        """Every digest that this walk may ask for; `found` is to answer them."""
        first = min(self.shot.first_take, self.shot.take_number or self.shot.first_take)
        last = max(self.shot.first_take + self.render.settings.rerolls_max, self.shot.last_take)
        return [digest for number in range(first, last + 1) for digest in self.digests_of(number).all]

    def order_of(self, number: int) -> Order:
        """What is ordered for a take: its rung follows from its place in the round."""
        return Order(self.render, self.shot.shot, self.crew.rung_of(number, shot=self.shot, render=self.render))

    @property
    def take(self) -> Take:
        return self.takes[self.shot.take_number]

    def digests_of(self, number: int) -> TakeDigests:
        if number not in self._digests:
            self._digests[number] = TakeDigests.of(self.order_of(number), number)
        return self._digests[number]

    def run(self) -> Wanted | None:
        """Go on until a step is wanted that has no result; None once the shot is taken or failed."""
        steps = {
            ShotState.MAKING_KEYFRAME: self._keyframe,
            ShotState.JUDGING_KEYFRAME: self._keyframe_judgement,
            ShotState.ANIMATING: self._clip,
            ShotState.JUDGING_CLIP: self._clip_judgement,
        }
        self.is_new = self.shot.state is ShotState.WAITING
        self.is_prepaid = self.is_new and all(number < self.shot.first_take for number in self.takes)
        if self.is_new:
            self._begin_take(self.shot.start())
        while not self.shot.state.is_final:
            wanted = steps[self.shot.state]()
            if wanted is not None:
                return wanted
        if self.is_new:
            # Nothing was done: one event says so instead of five that sound like work.
            self.events = self.events[-1:]
        return None

    def _keyframe(self) -> Wanted | None:
        digest = self.digests_of(self.shot.take_number).keyframe
        result = self.found.get(digest)
        if result is None:
            return Wanted(Step.KEYFRAME, digest, self.take)
        self.shot = self.shot.keyframe_made()
        self._keep(replace(self.take, keyframe=read_keyframe(result)))
        self._tell("KeyframeMade", is_reused=digest != self.just_made)
        return None

    def _keyframe_judgement(self) -> Wanted | None:
        digest = self.digests_of(self.shot.take_number).keyframe_judgement
        judgement = self._judgement(digest, maker_of(self, self.shot.take_number))
        if judgement is None:
            return Wanted(Step.KEYFRAME_JUDGEMENT, digest, self.take)
        self._keep(replace(self.take, keyframe_judgement=judgement))
        self._decide("KeyframeJudged", judgement, self.shot.animate, is_filmed=False)
        return None

    def _clip(self) -> Wanted | None:
        digest = self.digests_of(self.shot.take_number).clip
        result = self.found.get(digest)
        if result is None:
            return Wanted(Step.CLIP, digest, self.take)
        self.shot = self.shot.clip_made()
        self._keep(replace(self.take, clip=read_clip(result)))
        self._tell("ClipMade", is_reused=digest != self.just_made)
        return None

    def _clip_judgement(self) -> Wanted | None:
        digest = self.digests_of(self.shot.take_number).clip_judgement
        judgement = self._judgement(digest, self.crew.own)
        if judgement is None:
            return Wanted(Step.CLIP_JUDGEMENT, digest, self.take)
        self._keep(replace(self.take, clip_judgement=judgement))
        self._decide("ClipJudged", judgement, self.shot.accept, is_filmed=True)
        if self.shot.state is ShotState.TAKEN:
            self._accept()
        return None

    def _judgement(self, digest: str, engine: Engine) -> Judgement | None:
        has_cast = bool(self.shot.shot.content.cast)
        if not is_judged(has_cast=has_cast, engine=engine, settings=self.render.settings):
            return UNCHECKED
        result = self.found.get(digest)
        return None if result is None else read_judgement(result.result)

    def _decide(self, event: str, judgement: Judgement, go_on: Callable[[], RenderShot], *, is_filmed: bool) -> None:
        another = price_of_another(self, is_filmed=is_filmed)
        can_afford = self.render.budget.allows(another) if self.is_prepaid else self.render.can_afford(another)
        maker = maker_of(self, self.shot.take_number)
        decision = decide(
            judgement,
            shot=self.shot,
            settings=self.render.settings,
            maker=maker,
            can_afford_another=can_afford,
        )
        is_passed = judgement.is_passed(copies_are_normal=maker.capabilities.pastes_references)
        self.events.append(judged_event(self.render, self.shot, event, judgement, is_passed=is_passed))
        match decision:
            case Decision.GO_ON:
                self.shot = go_on()
            case Decision.NEW_SEED:
                self.render = self.render if self.is_prepaid else self.render.commit(another)
                self._begin_take(self.shot.try_again(self.order_of(self.shot.last_take + 1).rung))
                self._tell("ShotRerolled", seed=self.take.seed, rung=self.shot.rung.value)
            case Decision.FALL_BACK:
                best = best_of([take for number, take in self.takes.items() if number >= self.shot.first_take])
                if self.digests_of(best.number).clip in self.found:
                    self.render = left_unfilmed(self, is_filmed=is_filmed)
                self.shot = self.shot.fall_back(best.number)
                self._keep(replace(self.take, rung=self.shot.rung))
            case Decision.FAIL:
                self.render = left_unfilmed(self, is_filmed=is_filmed)
                self.shot = self.shot.fail(f"No take passed the identity gate: {judgement.verdict.value}.")
                self._tell("ShotFailed", reason=self.shot.failure)

    def _accept(self) -> None:
        for number, take in self.takes.items():
            if take.is_accepted and number != self.shot.take_number:
                self.takes[number] = replace(take, is_accepted=False)
        self._keep(replace(self.take, is_accepted=True))
        accepted = take_event(self.render, self.shot, self.take, "TakeAccepted")
        scores = {"score": self.take.score, "verdict": self.take.verdict.value if self.take.verdict else None}
        self.events.append(replace(accepted, data={**accepted.data, **scores}))

    def _begin_take(self, shot: RenderShot) -> None:
        self.shot = shot
        number = shot.take_number
        if number in self.takes:
            return
        digests = self.digests_of(self.shot.take_number)
        self.takes[number] = Take(
            id=TakeId(self.new_id()),
            render_id=self.render.id,
            workspace_id=self.render.workspace_id,
            shot_id=shot.shot.id,
            number=number,
            seed=take_seed(self.render.seed, shot.shot.id, number),
            engine=maker_of(self, number).name,
            keyframe_digest=digests.keyframe,
            clip_digest=digests.clip,
            rung=shot.rung,
        )

    def _keep(self, take: Take) -> None:
        self.takes[take.number] = take

    def _tell(self, name: str, **data: str | int | bool) -> None:
        self.events.append(shot_event(self.render, self.shot, name, **data))


def maker_of(walk: Walk, number: int) -> Engine:
    """Who makes the keyframe of that take."""
    return walk.crew.maker_of(number, shot=walk.shot, render=walk.render)


def clip_cost(walk: Walk) -> Cost:
    return walk.crew.own.clip_cost(walk.shot.shot.content.seconds, walk.render.settings)


def is_clip_planned(walk: Walk, *, is_filmed: bool) -> bool:
    """Whether the clip of this take is paid for and still to come; who began the take paid for none that was found."""
    return not is_filmed and walk.digests_of(walk.shot.take_number).clip not in walk.found


def price_of_another(walk: Walk, *, is_filmed: bool) -> Cost:
    """What the next take costs: no step that is found, and no clip where that of this take is planned and not made.

    One that was begun before is paid for.
    """
    number = walk.shot.last_take + 1
    if number in walk.takes:
        return Cost()
    digests = walk.digests_of(number)
    price = Cost() if digests.keyframe in walk.found else maker_of(walk, number).keyframe_cost()
    is_paid = is_clip_planned(walk, is_filmed=is_filmed) or digests.clip in walk.found
    return price if is_paid else price + clip_cost(walk)


def left_unfilmed(walk: Walk, *, is_filmed: bool) -> Render:
    """Give back the clip that was planned for this take where it is not filmed, nor that of another in its stead."""
    if walk.is_new or not is_clip_planned(walk, is_filmed=is_filmed):
        return walk.render
    return walk.render.give_back(clip_cost(walk))
