"""A shot's way to a take over results as they come in."""

from dataclasses import replace

from domain.jobs.models import StepResult
from domain.renders.budgets import Budget, Cost
from domain.renders.crews import Crew
from domain.renders.engines import Engine
from domain.renders.judgements import UNCHECKED, Judgement, Verdict
from domain.renders.models import Render
from domain.renders.settings import IdentityPolicy, RenderSettings
from domain.renders.snapshot import FrozenEngine
from domain.renders.states import Rung, ShotState
from domain.renders.walk import Step, Walk, Wanted
from domain.storyboards.models import ShotContent
from tests.builders_renders import (
    ANIMATIC,
    DIFFUSION,
    SMALL,
    a_content,
    a_judgement,
    a_render,
    a_result,
    a_shot,
    a_snapshot,
    ids,
)

FULL = (Rung.FIRST_SEED, Rung.NEW_SEED, Rung.OTHER_REFERENCES, Rung.STRONGER_REFERENCES)
GOOD, BAD, WORSE = a_judgement(), a_judgement(Verdict.WRONG, 0.4), a_judgement(Verdict.MISSING, None)
COPY = a_judgement(Verdict.COPY, 0.99)


TWO_TAKES = replace(SMALL, rerolls_max=1)


class Filming:
    """A worker that does every step at once, and a gate that says what it is told, keyframes before clips."""

    def __init__(
        self,
        *verdicts: Judgement,
        settings: RenderSettings = SMALL,
        engine: Engine = ANIMATIC,
        budget: Budget | None = None,
        cast: bool = True,
        other: Engine | None = None,
    ) -> None:
        self.verdicts = list(verdicts)
        self.found: dict[str, StepResult] = {}
        self.done: list[str] = []
        content = a_content() if cast else a_content(cast=(), dialogue=())
        snapshot = replace(a_snapshot(), other_engine=FrozenEngine(other.name, other.version) if other else None)
        render = a_render(replace(settings, engine=engine.name), budget=budget, snapshot=snapshot)
        self.walk = self.a_walk(render, Crew(engine, other), content)

    def a_walk(self, render: Render, crew: Crew, content: ShotContent | None = None) -> Walk:
        shot = a_shot(content=content)
        new_ids = ids()
        return Walk(render=render, crew=crew, shot=shot, new_id=lambda: next(new_ids))

    def run(self) -> Walk:
        while wanted := self.once():
            judgement = self.verdicts.pop(0) if "judgement" in wanted.step else None
            self.done.append(f"{wanted.step.value} {wanted.take.number}")
            self.found[wanted.digest] = a_result(wanted.step, wanted.digest, judgement)
        return self.walk

    def once(self) -> Wanted | None:
        self.walk.found = self.found
        return self.walk.run()


def names(walk: Walk) -> list[str]:
    return [event.name for event in walk.events]


def test_a_good_take_is_keyframe_judgement_clip_judgement() -> None:
    filming = Filming(GOOD, GOOD)
    walk = filming.run()
    assert filming.done == ["keyframe 1", "keyframe_judgement 1", "clip 1", "clip_judgement 1"]
    assert walk.shot.state is ShotState.TAKEN
    assert walk.take.is_accepted
    assert names(walk) == ["KeyframeMade", "KeyframeJudged", "ClipMade", "ClipJudged", "TakeAccepted"]


def test_a_shot_whose_steps_are_all_done_is_taken_at_once_and_told_in_one_event() -> None:
    filming = Filming(GOOD, GOOD)
    filming.run()
    again = filming.a_walk(a_render(), Crew(ANIMATIC))
    again.found = filming.found
    assert again.run() is None
    assert again.shot.state is ShotState.TAKEN
    assert names(again) == ["TakeAccepted"]
    assert again.take.clip_digest == filming.walk.take.clip_digest


def test_a_walk_begun_anywhere_ends_at_the_same_place() -> None:
    filming = Filming(GOOD, GOOD)
    filming.run()
    assert filming.once() is None
    assert filming.walk.shot.state is ShotState.TAKEN


def test_a_wrong_character_is_tried_again_with_another_seed() -> None:
    filming = Filming(BAD, GOOD, GOOD)
    walk = filming.run()
    assert filming.done[:3] == ["keyframe 1", "keyframe_judgement 1", "keyframe 2"]
    assert (walk.shot.take_number, walk.take.rung) == (2, Rung.NEW_SEED)
    assert walk.takes[1].seed != walk.takes[2].seed
    assert "ShotRerolled" in names(walk)


def test_balanced_settles_for_the_best_take_and_marks_it() -> None:
    filming = Filming(WORSE, BAD, WORSE, BAD, settings=replace(SMALL, rerolls_max=2))
    walk = filming.run()
    assert walk.shot.state is ShotState.TAKEN
    assert (walk.take.number, walk.take.rung, walk.take.verdict) == (2, Rung.BEST_OF, Verdict.WRONG)
    assert filming.done[-2:] == ["clip 2", "clip_judgement 2"]


def test_strict_fails_the_shot_when_no_take_passes() -> None:
    settings = replace(SMALL, rerolls_max=1, identity_policy=IdentityPolicy.STRICT)
    walk = Filming(BAD, BAD, settings=settings).run()
    assert walk.shot.state is ShotState.FAILED
    assert "wrong" in walk.shot.failure
    assert names(walk)[-1] == "ShotFailed"


def test_a_clip_that_drifts_is_filmed_again_from_its_keyframe() -> None:
    filming = Filming(GOOD, BAD, GOOD, GOOD)
    walk = filming.run()
    assert filming.done[3:5] == ["clip_judgement 1", "keyframe 2"]
    assert (walk.shot.state, walk.take.number) == (ShotState.TAKEN, 2)


def test_when_all_clips_drift_the_best_is_kept_without_another_filming() -> None:
    filming = Filming(GOOD, BAD, GOOD, WORSE, settings=replace(SMALL, rerolls_max=1))
    walk = filming.run()
    assert (walk.take.number, walk.take.rung, walk.take.is_accepted) == (1, Rung.BEST_OF, True)
    assert filming.done[-1] == "clip_judgement 2"


def test_a_clip_that_was_refused_is_taken_before_a_keyframe_that_was_never_moved() -> None:
    filming = Filming(BAD, GOOD, WORSE, settings=TWO_TAKES)
    walk = filming.run()
    assert (walk.take.number, walk.take.rung, walk.take.verdict) == (2, Rung.BEST_OF, Verdict.MISSING)
    assert "clip 1" not in filming.done


DEAR_CLIPS = replace(ANIMATIC, credits_per_keyframe=1, credits_per_second=2)  # a shot of 3 s: 7 credits


def found_before(*verdicts: Judgement, settings: RenderSettings) -> Filming:
    """Another render's work: the same seeds and words."""
    filming = Filming(*verdicts, settings=settings, engine=DEAR_CLIPS)
    filming.run()
    return filming


def again(before: Filming, *verdicts: Judgement, committed: Cost, budget: Budget, settings: RenderSettings) -> Filming:
    filming = Filming(*verdicts, settings=settings, engine=DEAR_CLIPS, budget=budget)
    filming.found = dict(before.found)
    filming.walk.render = filming.walk.render.commit(committed)
    return filming


def test_what_was_quoted_for_a_take_after_a_known_refusal_is_not_charged_twice() -> None:
    strict = replace(TWO_TAKES, identity_policy=IdentityPolicy.STRICT)
    before = found_before(GOOD, BAD, settings=replace(strict, rerolls_max=0))
    filming = again(before, GOOD, GOOD, committed=Cost(3.0, 7), budget=Budget(credits_max=7), settings=strict)
    walk = filming.run()
    assert (walk.shot.state, walk.take.number) == (ShotState.TAKEN, 2)
    assert walk.render.committed == Cost(3.0, 7)


def test_a_clip_is_paid_for_though_its_keyframe_is_known() -> None:
    before = found_before(BAD, GOOD, GOOD, settings=TWO_TAKES)
    clips = {digest for number in (1, 2) for digest in (before.walk.digests_of(number).clip,)}
    judged = {before.walk.digests_of(1).keyframe_judgement}
    before.found = {digest: each for digest, each in before.found.items() if digest not in clips | judged}
    filming = again(before, GOOD, BAD, committed=Cost(3.0, 6), budget=Budget(credits_max=11), settings=TWO_TAKES)
    walk = filming.run()
    assert (walk.take.number, walk.take.rung) == (1, Rung.BEST_OF)
    assert walk.render.committed == Cost(3.0, 6)


def judged_anew(*, settings: RenderSettings) -> Filming:
    """Another render's first take, keyframe and clip, of which the gate has to be asked again."""
    before = found_before(GOOD, GOOD, settings=settings)
    digests = before.walk.digests_of(1)
    before.found = {digest: before.found[digest] for digest in (digests.keyframe, digests.clip)}
    return before


def test_a_known_clip_whose_keyframe_is_refused_now_pays_for_no_other() -> None:
    before = judged_anew(settings=TWO_TAKES)
    only_a_keyframe = Budget(credits_max=DEAR_CLIPS.credits_per_keyframe)
    filming = again(before, BAD, GOOD, GOOD, committed=Cost(), budget=only_a_keyframe, settings=TWO_TAKES)
    walk = filming.run()
    assert (walk.take.number, walk.take.rung) == (1, Rung.BEST_OF)
    assert filming.done == ["keyframe_judgement 1", "clip_judgement 1"]
    assert walk.render.committed == Cost()


def test_a_clip_that_was_not_planned_is_not_given_back() -> None:
    strict = replace(TWO_TAKES, identity_policy=IdentityPolicy.STRICT)
    before = judged_anew(settings=strict)
    filming = again(before, BAD, BAD, committed=Cost(3.0, 7), budget=Budget(), settings=strict)
    walk = filming.run()
    assert walk.shot.state is ShotState.FAILED
    assert walk.render.committed == Cost(3.0, 8)


def test_settling_for_a_known_clip_gives_back_the_one_that_was_planned() -> None:
    before = judged_anew(settings=TWO_TAKES)
    filming = again(before, BAD, WORSE, BAD, committed=Cost(), budget=Budget(), settings=TWO_TAKES)
    walk = filming.run()
    assert (walk.take.number, walk.take.rung) == (1, Rung.BEST_OF)
    assert walk.render.committed == Cost(0.0, 1)


def test_a_clip_that_will_not_be_made_is_given_back() -> None:
    strict = replace(SMALL, rerolls_max=0, identity_policy=IdentityPolicy.STRICT)
    filming = Filming(BAD, settings=strict, engine=DEAR_CLIPS)
    filming.walk.render = filming.walk.render.commit(Cost(3.0, 7))
    walk = filming.run()
    assert walk.shot.state is ShotState.FAILED
    assert walk.render.committed == Cost(0.0, 1)


def test_a_round_that_is_taken_up_again_pays_for_no_take_that_it_began() -> None:
    filming = Filming(GOOD, BAD, GOOD, GOOD, settings=TWO_TAKES, engine=DEAR_CLIPS, budget=Budget(credits_max=14))
    filming.walk.render = filming.walk.render.commit(Cost(3.0, 7))
    while (wanted := filming.once()) and wanted.take.number == 1:
        judgement = filming.verdicts.pop(0) if "judgement" in wanted.step else None
        filming.found[wanted.digest] = a_result(wanted.step, wanted.digest, judgement)
    filming.walk.shot = filming.walk.shot.fail("The keyframe's job broke.").retry(with_new_seed=False)
    walk = filming.run()
    assert (walk.shot.state, walk.take.number) == (ShotState.TAKEN, 2)
    assert walk.render.committed == Cost(6.0, 14)


def test_a_copy_is_normal_for_an_engine_that_pastes_its_references() -> None:
    assert Filming(COPY, COPY).run().take.number == 1


def test_a_copy_is_refused_from_an_engine_that_draws() -> None:
    assert Filming(COPY, GOOD, GOOD, engine=DIFFUSION).run().take.number == 2


def test_without_a_policy_nothing_is_judged() -> None:
    filming = Filming(settings=replace(SMALL, identity_policy=IdentityPolicy.OFF))
    walk = filming.run()
    assert filming.done == ["keyframe 1", "clip 1"]
    assert walk.take.judgement == UNCHECKED


def test_a_shot_without_cast_is_not_judged_when_the_engine_pastes() -> None:
    assert Filming(cast=False).run().take.verdict is Verdict.UNCHECKED


def test_a_reroll_that_the_budget_does_not_allow_is_not_made() -> None:
    filming = Filming(BAD, BAD, budget=Budget(credits_max=0))
    walk = filming.run()
    assert (walk.take.number, walk.take.rung) == (1, Rung.BEST_OF)
    assert Step.KEYFRAME.value + " 2" not in filming.done


def test_each_further_take_is_made_as_the_next_rung_says() -> None:
    engine = replace(DIFFUSION, capabilities=replace(DIFFUSION.capabilities, rungs=FULL))
    filming = Filming(BAD, BAD, BAD, GOOD, GOOD, settings=replace(SMALL, rerolls_max=3), engine=engine)
    walk = filming.run()
    assert [take.rung for _, take in sorted(walk.takes.items())] == list(FULL)
    assert len({take.keyframe_digest for take in walk.takes.values()}) == 4
    again = filming.a_walk(walk.render, Crew(engine))
    again.found = filming.found
    assert again.run() is None
    assert (again.shot.take_number, again.take.clip_digest) == (4, walk.take.clip_digest)


def test_the_best_of_a_ladder_is_animated_as_its_own_rung_made_it() -> None:
    engine = replace(DIFFUSION, capabilities=replace(DIFFUSION.capabilities, rungs=FULL))
    settings = replace(SMALL, rerolls_max=3)
    filming = Filming(WORSE, WORSE, WORSE, BAD, BAD, settings=settings, engine=engine)
    walk = filming.run()
    assert (walk.take.number, walk.take.rung) == (4, Rung.BEST_OF)
    assert walk.order_of(4).rung is Rung.STRONGER_REFERENCES
    assert walk.take.clip_digest == walk.digests_of(4).clip in filming.found


TRYING = replace(DIFFUSION, capabilities=replace(DIFFUSION.capabilities, rungs=(Rung.FIRST_SEED, Rung.OTHER_ENGINE)))
DEAR = replace(ANIMATIC, credits_per_keyframe=5)


def test_another_engine_makes_the_keyframe_and_the_own_one_moves_it() -> None:
    filming = Filming(BAD, COPY, COPY, settings=TWO_TAKES, engine=TRYING, other=DEAR)
    walk = filming.run()
    assert filming.done[2:] == ["keyframe 2", "keyframe_judgement 2", "clip 2", "clip_judgement 2"]
    assert (walk.take.number, walk.take.rung, walk.take.engine) == (2, Rung.OTHER_ENGINE, "animatic")
    assert walk.take.is_accepted  # that it pastes pictures is normal for that one
    assert walk.takes[1].engine == "diffusion"
    assert walk.render.committed == Cost(0.0, 5)
    assert "ShotRerolled" in names(walk)


def test_another_engine_that_the_budget_does_not_allow_is_not_asked() -> None:
    filming = Filming(BAD, BAD, settings=TWO_TAKES, engine=TRYING, other=DEAR, budget=Budget(credits_max=4))
    walk = filming.run()
    assert (walk.take.number, walk.take.rung, walk.take.engine) == (1, Rung.BEST_OF, "diffusion")


def test_an_engine_that_cannot_place_the_cast_is_not_asked() -> None:
    unable = replace(DEAR, capabilities=replace(DEAR.capabilities, cast_max=0))
    for other in (None, unable):
        walk = Filming(BAD, COPY, BAD, settings=TWO_TAKES, engine=TRYING, other=other).run()
        assert {take.engine for take in walk.takes.values()} == {"diffusion"}
        assert walk.order_of(2).rung is Rung.FIRST_SEED
