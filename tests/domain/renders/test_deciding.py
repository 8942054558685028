"""Cancel, retry and re-roll on real stores."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.characters.errors import CharacterBeingFilmed
from domain.characters.use_cases.delete_character import delete_character
from domain.characters.use_cases.remove_reference_image import remove_reference_image
from domain.identifiers import ImageId, RenderId, ShotId
from domain.renders.budgets import Budget, Cost
from domain.renders.errors import (
    BudgetTooSmall,
    CharacterNotReady,
    RenderMoveRefused,
    RenderNotFound,
    RenderShotNotFound,
    ShotMoveRefused,
)
from domain.renders.judgements import Verdict
from domain.renders.models import Render
from domain.renders.settings import IdentityPolicy
from domain.renders.shots import Take
from domain.renders.states import RenderState, ShotState
from domain.renders.use_cases.deciding import Cancel, CancelOutcome, cancel_render, reroll_shot, retry_render
from domain.renders.walk import Step
from tests.builders_film_crew import Crew, add_picture, names_of, open_studio
from tests.builders_renders import NOW, SMALL, a_judgement

BAD = a_judgement(Verdict.WRONG, 0.3)
STRICT = replace(SMALL, identity_policy=IdentityPolicy.STRICT, rerolls_max=0)


@pytest.fixture
async def crew(container: Container) -> Crew:
    return await open_studio(container)


async def cancel(crew: Crew, render_id: RenderId) -> Cancel:
    async with crew.work() as work:
        return await cancel_render(work, render_id=render_id, now=NOW)


async def retry(crew: Crew, render_id: RenderId) -> Render:
    async with crew.work() as work:
        return await retry_render(work, render_id=render_id, engines=crew.engines, now=NOW)


async def reroll(crew: Crew, render_id: RenderId, shot_id: ShotId) -> Render:
    async with crew.work() as work:
        return await reroll_shot(work, render_id=render_id, shot_id=shot_id, engines=crew.engines, now=NOW)


async def accepted(crew: Crew, render_id: RenderId, shot_id: ShotId) -> list[Take]:
    async with crew.work() as work:
        takes = await work.renders.takes(render_id, [shot_id])
    return [take for take in takes if take.is_accepted]


async def test_a_canceled_render_films_nothing_more(crew: Crew) -> None:
    render = await crew.order()
    await crew.work_off(steps_max=4)
    assert (await cancel(crew, render.id)).outcome is CancelOutcome.CANCELED
    assert (await names_of(crew, render.id))[-1] == "RenderCanceled"
    async with crew.work() as work:
        states = {shot.state for shot in await work.renders.shots(render.id)}
        left = await work.session.scalar(text("select count(*) from jobs where state = 'queued'"))
    assert (states, left) == ({ShotState.CANCELED}, 0)


async def test_a_step_that_comes_after_the_cancel_changes_nothing(crew: Crew) -> None:
    render = await crew.order()
    await crew.work_off(steps_max=1)
    late = await crew.next_payload()
    await cancel(crew, render.id)
    before = await names_of(crew, render.id)
    await crew.do("renders.make_keyframe", late)
    assert await names_of(crew, render.id) == before
    assert (await crew.find(render.id)).state is RenderState.CANCELED


async def test_cancelling_answers_what_there_was_to_cancel(crew: Crew) -> None:
    assert (await cancel(crew, RenderId(crew.container.new_id()))).outcome is CancelOutcome.NOT_FOUND
    finished = await crew.film()
    assert (await cancel(crew, finished.id)).outcome is CancelOutcome.ALREADY_FINISHED
    render = await crew.order()
    assert (await cancel(crew, render.id)).outcome is CancelOutcome.CANCELED
    assert (await cancel(crew, render.id)).outcome is CancelOutcome.CANCELED
    assert (await names_of(crew, render.id)).count("RenderCanceled") == 1


async def test_a_shot_whose_worker_gives_up_fails_the_render_after_the_others_are_done(crew: Crew) -> None:
    crew.breaks = {Step.CLIP}
    render = await crew.film()
    assert render.state is RenderState.FAILED
    assert (await names_of(crew, render.id)).count("ShotFailed") == 3


async def test_a_retry_takes_up_failed_shots_alone_where_they_broke(crew: Crew) -> None:
    crew.breaks = {Step.CLIP}
    render = await crew.film()
    crew.breaks, crew.done = set(), []
    await retry(crew, render.id)
    await crew.work_off()
    assert (await crew.find(render.id)).state is RenderState.FINISHED
    assert sorted(crew.done) == sorted(
        ["join", *(f"{step} {number}/1" for number in (1, 2, 3) for step in ("clip", "clip_judgement"))]
    )


async def test_a_retry_leaves_its_shots_to_the_job_that_begins_them(crew: Crew) -> None:
    crew.breaks = {Step.CLIP}
    render = await crew.film()
    await retry(crew, render.id)
    async with crew.work() as work:
        states = {shot.state for shot in await work.renders.shots(render.id)}
    assert states == {ShotState.WAITING}
    assert await crew.next_payload() == {"render_id": str(render.id)}


async def test_a_retry_after_the_gate_refused_takes_new_seeds(crew: Crew) -> None:
    crew.gate = [BAD]
    render = await crew.film(STRICT)
    crew.done = []
    await retry(crew, render.id)
    await crew.work_off()
    assert (await crew.find(render.id)).state is RenderState.FINISHED
    assert crew.done[0] == "keyframe 1/2"
    assert len(crew.done) == 5


async def test_a_retry_films_the_best_of_refused_takes_where_its_filming_broke(crew: Crew) -> None:
    crew.gate, crew.breaks = [BAD] * 3, {Step.CLIP}
    render = await crew.order(replace(SMALL, rerolls_max=0), budget=Budget(credits_max=21))
    await crew.work_off()
    crew.breaks, crew.done = set(), []
    await retry(crew, render.id)
    await crew.work_off()
    after = await crew.find(render.id)
    assert (after.state, after.committed.credits) == (RenderState.FINISHED, 21)
    assert crew.done[0] == "clip 1/1"


async def test_a_rerolled_choice_outlives_a_trial_with_another_seed(crew: Crew) -> None:
    render = await crew.film()
    await reroll(crew, render.id, crew.storyboard.shots[0].id)
    await crew.work_off()
    await crew.film(replace(SMALL, seed=7))
    assert (await crew.quote()).stale == 0
    crew.done.clear()
    last = await crew.film()
    assert crew.done == []
    assert [take.number for take in await accepted(crew, last.id, crew.storyboard.shots[0].id)] == [2]


async def test_a_retry_without_its_cast_is_refused_and_changes_nothing(crew: Crew) -> None:
    crew.breaks = {Step.CLIP}
    render = await crew.film()
    assert crew.storyboard.cast
    async with crew.work() as work:
        await delete_character(work, character_id=crew.storyboard.cast[0], now=NOW)

    with pytest.raises(CharacterNotReady, match="who was deleted"):
        await retry(crew, render.id)

    assert (await crew.find(render.id)).state is RenderState.FAILED


async def test_who_is_being_filmed_is_not_deleted_until_the_render_is_over(crew: Crew) -> None:
    render = await crew.order()
    assert crew.storyboard.cast
    (hare,) = crew.storyboard.cast

    with pytest.raises(CharacterBeingFilmed, match=f"render_{render.id}"):
        async with crew.work() as work:
            await delete_character(work, character_id=hare, now=NOW)

    await cancel(crew, render.id)
    async with crew.work() as work:
        assert (await delete_character(work, character_id=hare, now=NOW)).id == hare


async def with_two_pictures(crew: Crew) -> tuple[ImageId, ImageId]:
    """Give the hare a second picture; answer both."""
    assert crew.storyboard.cast
    (hare,) = crew.storyboard.cast
    async with crew.work() as work:
        second = await add_picture(work, crew.workspace_id, hare, position=1)
        first, _ = await work.characters.images_of(hare)
    return first.id, second


async def remove(crew: Crew, image_id: ImageId) -> None:
    async with crew.work() as work:
        await remove_reference_image(work, image_id=image_id, now=NOW)


async def test_pictures_of_who_is_being_filmed_are_not_removed_until_the_render_is_over(crew: Crew) -> None:
    first, _ = await with_two_pictures(crew)
    render = await crew.order()

    with pytest.raises(CharacterBeingFilmed, match=f"render_{render.id}"):
        await remove(crew, first)

    await crew.work_off()
    await remove(crew, first)


async def test_who_has_lost_pictures_is_not_filmed_on_with_but_anew(crew: Crew) -> None:
    first, _ = await with_two_pictures(crew)
    crew.breaks = {Step.CLIP}
    failed = await crew.film()
    crew.breaks = set()
    finished = await crew.film()
    await remove(crew, first)

    with pytest.raises(CharacterNotReady, match="Pictures of 'Hare' that the render was ordered with were removed"):
        await retry(crew, failed.id)
    with pytest.raises(CharacterNotReady, match="Order a new one"):
        await reroll(crew, finished.id, crew.storyboard.shots[1].id)

    assert (await crew.find(finished.id)).film == finished.film
    (hare,) = (await crew.order()).snapshot.cast
    assert len(hare.cut_outs) == 1


async def test_only_a_failed_render_is_retried(crew: Crew) -> None:
    render = await crew.film()
    with pytest.raises(RenderMoveRefused):
        await retry(crew, render.id)
    with pytest.raises(RenderNotFound):
        await retry(crew, RenderId(crew.container.new_id()))


async def test_a_rerolled_shot_gets_another_take_and_the_film_is_joined_again(crew: Crew) -> None:
    render = await crew.film()
    shot_id, crew.done = crew.storyboard.shots[1].id, []
    reopened = await reroll(crew, render.id, shot_id)
    assert (reopened.state, reopened.film) == (RenderState.FILMING, render.film)
    await crew.work_off()
    finished = await crew.find(render.id)
    assert finished.film is not None
    assert finished.film != render.film
    assert crew.done == ["keyframe 2/2", "keyframe_judgement 2/2", "clip 2/2", "clip_judgement 2/2", "join"]
    assert [take.number for take in await accepted(crew, render.id, shot_id)] == [2]


async def test_a_chosen_take_stays_chosen_in_the_next_render(crew: Crew) -> None:
    render = await crew.film()
    shot_id = crew.storyboard.shots[1].id
    await reroll(crew, render.id, shot_id)
    await crew.work_off()
    crew.done = []
    again = await crew.film()
    assert crew.done == []
    assert [take.number for take in await accepted(crew, again.id, shot_id)] == [2]


async def test_a_reroll_to_a_take_that_another_render_made_costs_nothing(crew: Crew) -> None:
    first, second = await crew.film(), await crew.film()
    shot_id = crew.storyboard.shots[1].id
    await reroll(crew, first.id, shot_id)
    await crew.work_off()
    crew.done = []
    await reroll(crew, second.id, shot_id)
    await crew.work_off()
    finished = await crew.find(second.id)
    assert (crew.done, finished.state, finished.committed) == ([], RenderState.FINISHED, Cost())
    assert [take.number for take in await accepted(crew, second.id, shot_id)] == [2]


async def test_the_old_film_lets_its_objects_go_when_the_new_one_is_there(crew: Crew) -> None:
    render = await crew.film()
    assert render.film is not None
    await reroll(crew, render.id, crew.storyboard.shots[1].id)
    await crew.work_off()
    async with crew.work() as work:
        kept = await work.session.scalar(
            text("select reference_count from objects where id = :id"), {"id": render.film.video_id}
        )
    # The step that joined it still knows it, so that going back to the old take joins nothing again.
    assert kept == 1


async def test_a_reroll_while_joining_lets_the_old_join_come_to_nothing(crew: Crew) -> None:
    render = await crew.order()
    await crew.work_off(steps_max=13)
    joining = await crew.next_payload()
    assert (await crew.find(render.id)).state is RenderState.JOINING
    await reroll(crew, render.id, crew.storyboard.shots[0].id)
    await crew.do("renders.join_film", joining)
    assert (await crew.find(render.id)).film is None
    await crew.work_off()
    assert (await names_of(crew, render.id)).count("RenderFinished") == 1


async def test_what_cannot_be_rerolled_is_refused(crew: Crew) -> None:
    render = await crew.order(budget=Budget(credits_max=21))
    shot_id = crew.storyboard.shots[0].id
    with pytest.raises(ShotMoveRefused):
        await reroll(crew, render.id, shot_id)
    await crew.work_off()
    with pytest.raises(BudgetTooSmall):
        await reroll(crew, render.id, shot_id)
    with pytest.raises(RenderShotNotFound):
        await reroll(crew, render.id, ShotId(crew.container.new_id()))
    assert (await crew.find(render.id)).state is RenderState.FINISHED
