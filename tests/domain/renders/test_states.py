from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

import pytest

from domain.identifiers import ObjectId
from domain.renders.budgets import Budget, Cost
from domain.renders.errors import BudgetTooSmall, RenderMoveRefused, ShotMoveRefused
from domain.renders.models import Film, Probe, Render
from domain.renders.shots import RenderShot
from domain.renders.states import RenderState, Rung, ShotState
from tests.builders_renders import NOW, a_render, a_shot

OBJECT = ObjectId(UUID(int=1))
FILM = Film("digest", OBJECT, OBJECT, OBJECT, Probe(320, 180, 36, 12, 1000))

RENDER_EVENTS: Mapping[str, Callable[[Render], Render]] = {
    "start": lambda render: render.start(NOW),
    "join": lambda render: render.join(NOW),
    "finish": lambda render: render.finish(FILM, NOW),
    "fail": lambda render: render.fail("broken", NOW),
    "cancel": lambda render: render.cancel(NOW),
    "retry": lambda render: render.retry(NOW),
    "reopen": lambda render: render.reopen(NOW),
}
QUEUED, FILMING, JOINING, FINISHED, FAILED, CANCELED = RenderState
RENDER_MOVES: Mapping[tuple[RenderState, str], RenderState] = {
    (QUEUED, "start"): FILMING,
    (QUEUED, "fail"): FAILED,
    (QUEUED, "cancel"): CANCELED,
    (FILMING, "join"): JOINING,
    (FILMING, "fail"): FAILED,
    (FILMING, "cancel"): CANCELED,
    (FILMING, "reopen"): FILMING,
    (JOINING, "finish"): FINISHED,
    (JOINING, "fail"): FAILED,
    (JOINING, "cancel"): CANCELED,
    (JOINING, "reopen"): FILMING,
    (FINISHED, "reopen"): FILMING,
    (FAILED, "retry"): FILMING,
    (FAILED, "reopen"): FILMING,
}


@pytest.mark.parametrize("state", list(RenderState))
@pytest.mark.parametrize("event", list(RENDER_EVENTS))
def test_a_render_moves_only_along_its_table(state: RenderState, event: str) -> None:
    render = replace(a_render(), state=state)
    expected = RENDER_MOVES.get((state, event))
    if expected is None:
        with pytest.raises(RenderMoveRefused):
            RENDER_EVENTS[event](render)
    else:
        assert RENDER_EVENTS[event](render).state is expected


SHOT_EVENTS: Mapping[str, Callable[[RenderShot], RenderShot]] = {
    "start": RenderShot.start,
    "keyframe_made": RenderShot.keyframe_made,
    "animate": RenderShot.animate,
    "clip_made": RenderShot.clip_made,
    "accept": RenderShot.accept,
    "try_again": lambda shot: shot.try_again(Rung.NEW_SEED),
    "fall_back": lambda shot: shot.fall_back(1),
    "fail": lambda shot: shot.fail("broken"),
    "cancel": RenderShot.cancel,
    "retry": lambda shot: shot.retry(with_new_seed=True),
    "reroll": RenderShot.reroll,
}
S = ShotState
SHOT_MOVES: Mapping[tuple[ShotState, str], ShotState] = {
    (S.WAITING, "start"): S.MAKING_KEYFRAME,
    (S.MAKING_KEYFRAME, "keyframe_made"): S.JUDGING_KEYFRAME,
    (S.JUDGING_KEYFRAME, "animate"): S.ANIMATING,
    (S.JUDGING_KEYFRAME, "try_again"): S.MAKING_KEYFRAME,
    (S.JUDGING_KEYFRAME, "fall_back"): S.ANIMATING,
    (S.ANIMATING, "clip_made"): S.JUDGING_CLIP,
    (S.JUDGING_CLIP, "accept"): S.TAKEN,
    (S.JUDGING_CLIP, "try_again"): S.MAKING_KEYFRAME,
    (S.JUDGING_CLIP, "fall_back"): S.ANIMATING,
    (S.FAILED, "retry"): S.WAITING,
    (S.TAKEN, "reroll"): S.WAITING,
    (S.FAILED, "reroll"): S.WAITING,
    **{(state, "fail"): S.FAILED for state in ShotState if not state.is_final},
    **{(state, "cancel"): S.CANCELED for state in ShotState if not state.is_final},
}


@pytest.mark.parametrize("state", list(ShotState))
@pytest.mark.parametrize("event", list(SHOT_EVENTS))
def test_a_shot_moves_only_along_its_table(state: ShotState, event: str) -> None:
    shot = replace(a_shot(), state=state, take_number=1, last_take=1)
    expected = SHOT_MOVES.get((state, event))
    if expected is None:
        with pytest.raises(ShotMoveRefused):
            SHOT_EVENTS[event](shot)
    else:
        assert SHOT_EVENTS[event](shot).state is expected


def test_a_new_seed_is_a_new_take_and_a_fall_back_an_old_one() -> None:
    judging = replace(a_shot(), state=S.JUDGING_KEYFRAME, take_number=2, last_take=2)
    again = judging.try_again(Rung.OTHER_REFERENCES)
    assert (again.take_number, again.rung) == (3, Rung.OTHER_REFERENCES)
    fallen = judging.fall_back(1)
    assert (fallen.take_number, fallen.last_take, fallen.rung) == (1, 2, Rung.BEST_OF)


def test_a_rerolled_shot_begins_where_no_take_was_yet() -> None:
    taken = replace(a_shot(), state=S.TAKEN, take_number=1, last_take=3)
    rerolled = taken.reroll().start()
    assert (rerolled.take_number, rerolled.first_take, rerolled.rerolls, rerolled.retries) == (4, 4, 0, 1)


def test_a_retry_after_a_breakdown_keeps_the_seeds() -> None:
    broken = replace(a_shot(), state=S.FAILED, take_number=2, last_take=2)
    assert broken.retry(with_new_seed=False).start().take_number == 1
    assert broken.retry(with_new_seed=True).start().take_number == 3


def test_a_result_for_another_take_or_state_is_not_awaited() -> None:
    shot = replace(a_shot(), state=S.ANIMATING, take_number=2)
    assert shot.is_at(2, S.ANIMATING)
    assert not shot.is_at(1, S.ANIMATING)
    assert not shot.is_at(2, S.JUDGING_CLIP)


def test_a_retried_render_forgets_that_it_failed() -> None:
    retried = a_render().fail("broken", NOW).retry(NOW)
    assert (retried.failure, retried.finished_at) == ("", None)


def test_a_reopened_render_keeps_its_film_until_there_is_another() -> None:
    finished = a_render().start(NOW).join(NOW).finish(FILM, NOW)
    assert finished.reopen(NOW).film == FILM


def test_a_budget_is_not_passed_by_what_is_planned() -> None:
    render = a_render(budget=Budget(credits_max=10)).commit(Cost(3.0, 8))
    assert render.can_afford(Cost(1.0, 2))
    assert not render.can_afford(Cost(1.0, 3))
    with pytest.raises(BudgetTooSmall):
        render.commit(Cost(1.0, 3))


def test_a_budget_in_seconds_allows_exactly_its_seconds() -> None:
    budget = Budget(seconds_max=0.3)
    assert budget.allows(Cost(0.1 + 0.2))
    assert not budget.allows(Cost(0.31))
