"""A deleted render lets go of everything that it alone used, and of nothing else."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack
from bootstrap.settings import Settings
from domain.characters.use_cases.delete_character import delete_character
from domain.identifiers import RenderId
from domain.media.policies import OBJECT_GRACE
from domain.media.use_cases import sweep_objects
from domain.renders.budgets import Cost
from domain.renders.errors import RenderNotFound
from domain.renders.models import Render
from domain.renders.states import RenderState
from domain.renders.use_cases.deciding import reroll_shot
from domain.renders.use_cases.delete_render import delete_render
from domain.renders.use_cases.forget_steps import JUDGEMENT_GRACE, STEP_GRACE, forget_steps
from domain.renders.walk import Step
from domain.storyboards.use_cases.delete_storyboard import delete_storyboard
from tests.builders_books import are_balanced, count_held
from tests.builders_bucket import keys_in_bucket, sweep_bucket, with_own_bucket
from tests.builders_consistency import report_on
from tests.builders_film_crew import Crew, balance, names_of, open_studio, put_bytes
from tests.builders_renders import NOW

# The picture of the hare that every test's storyboard is cast with.
CAST = 1
LONG = timedelta(seconds=1) + 2 * max(STEP_GRACE, OBJECT_GRACE)


@pytest.fixture
def settings(settings: Settings, stack: EmbeddedStack) -> Settings:
    return with_own_bucket(settings, stack)


@pytest.fixture
async def crew(container: Container) -> Crew:
    crew = await open_studio(container)
    await balance(crew)
    return crew


async def delete(crew: Crew, render_id: RenderId) -> Render:
    async with crew.work() as work:
        return await delete_render(work, render_id=render_id, now=NOW)


async def rows_left(crew: Crew) -> list[int]:
    tables = ("renders", "render_shots", "takes", "step_results", "step_objects")
    async with crew.work() as work:
        counts = [await work.session.scalar(text(f"select count(*) from {table}")) for table in tables]  # noqa: S608
    return [count or 0 for count in counts]


async def test_a_deleted_render_leaves_no_row_and_holds_nothing(crew: Crew) -> None:
    render = await crew.film()
    assert await are_balanced(crew.container)
    await delete(crew, render.id)
    assert await rows_left(crew) == [0] * 5
    assert await count_held(crew.container) == CAST
    assert (await names_of(crew, render.id))[-2:] == ["RenderFinished", "RenderDeleted"]


async def test_it_is_deleted_once(crew: Crew) -> None:
    render = await crew.film()
    await delete(crew, render.id)
    with pytest.raises(RenderNotFound):
        await delete(crew, render.id)
    assert await are_balanced(crew.container)


async def test_what_another_render_took_over_stays_for_it(crew: Crew) -> None:
    first, second = await crew.film(), await crew.film()
    await delete(crew, first.id)
    assert await are_balanced(crew.container)
    done = len(crew.done)
    assert (await crew.film()).film == second.film
    assert len(crew.done) == done


async def test_what_a_render_that_waits_was_quoted_with_stays_for_it(crew: Crew) -> None:
    first = await crew.film()
    second = await crew.order()
    await delete(crew, first.id)
    assert await forget_steps(crew.container.system_work, now=crew.container.now() + LONG) == 0
    crew.done.clear()
    await crew.work_off()
    finished = await crew.find(second.id)
    assert (crew.done, finished.spent, finished.state) == ([], Cost(), RenderState.FINISHED)
    await delete(crew, second.id)
    assert await rows_left(crew) == [0] * 5
    assert await count_held(crew.container) == CAST


async def test_steps_that_both_used_go_with_the_last(crew: Crew) -> None:
    for render in (await crew.film(), await crew.film()):
        await delete(crew, render.id)
    assert await rows_left(crew) == [0] * 5
    assert await count_held(crew.container) == CAST


async def test_two_that_are_deleted_at_once_leave_what_the_sweep_of_steps_takes(crew: Crew) -> None:
    first, second = await crew.film(), await crew.film()
    await asyncio.gather(delete(crew, first.id), delete(crew, second.id))
    assert await are_balanced(crew.container)
    await forget_steps(crew.container.system_work, now=crew.container.now() + LONG)
    assert await count_held(crew.container) == CAST


async def test_a_render_that_runs_is_canceled_and_deleted(crew: Crew) -> None:
    render = await crew.order()
    await crew.work_off(steps_max=6)
    await delete(crew, render.id)
    assert (await names_of(crew, render.id))[-2:] == ["RenderCanceled", "RenderDeleted"]
    async with crew.work() as work:
        assert await work.session.scalar(text("select count(*) from jobs where state = 'queued'")) == 0
    assert await count_held(crew.container) == CAST


@pytest.mark.parametrize("breaks", [set[Step](), {Step.KEYFRAME}], ids=["success", "failure"])
async def test_a_report_after_the_deletion_changes_nothing(crew: Crew, breaks: set[Step]) -> None:
    render = await crew.order()
    await crew.work_off(steps_max=1)
    late = await crew.next_payload()
    await delete(crew, render.id)
    crew.breaks = breaks
    for kind in ("renders.start_render", "renders.make_keyframe"):
        await crew.do(kind, late)
    assert await rows_left(crew) == [0] * 5
    assert (await names_of(crew, render.id))[-1] == "RenderDeleted"


async def test_a_cut_that_was_joined_anew_is_forgotten_after_its_grace(crew: Crew) -> None:
    render = await crew.film()
    async with crew.work() as work:
        shot_id = crew.storyboard.shots[0].id
        await reroll_shot(work, render_id=render.id, shot_id=shot_id, engines=crew.engines, now=NOW)
    await crew.work_off()
    begin, now = crew.container.system_work, crew.container.now()
    assert [await forget_steps(begin, now=now + when) for when in (timedelta(0), LONG, LONG)] == [0, 1, 0]
    assert await are_balanced(crew.container)
    await delete(crew, render.id)
    assert await count_held(crew.container) == CAST


async def test_judgements_are_forgotten_long_after_their_takes_were_made(crew: Crew) -> None:
    await crew.film()
    begin, now = crew.container.system_work, crew.container.now()
    assert await forget_steps(begin, now=now + LONG) == 0
    assert await forget_steps(begin, now=now + JUDGEMENT_GRACE + LONG) > 0
    async with crew.work() as work:
        left = await work.session.scalar(text("select count(*) from step_results where result ? 'findings'"))
    assert left == 0


async def test_a_sweep_of_steps_that_runs_twice_at_once_lets_go_once(crew: Crew) -> None:
    await crew.film()
    async with crew.work() as work:
        await work.session.execute(text("update takes set clip_digest = '', keyframe_digest = ''"))
    now = crew.container.now() + LONG
    await asyncio.gather(*(forget_steps(crew.container.system_work, now=now) for _ in range(3)))
    assert await are_balanced(crew.container)


async def test_nothing_is_left_in_the_bucket_when_all_is_deleted(crew: Crew) -> None:
    container, render = crew.container, await crew.film()
    await put_bytes(crew, b"bytes")
    await report_on(crew, render, 0, 0, 0)
    async with crew.work() as work:
        await delete_storyboard(work, storyboard_id=crew.storyboard.id)
    await delete(crew, render.id)
    assert crew.storyboard.cast
    async with crew.work() as work:
        await delete_character(work, character_id=crew.storyboard.cast[0], now=NOW)
    await sweep_objects(container.system_work, store=container.store, now=container.now() + LONG)
    assert await sweep_bucket(container, times=2) == 0
    assert await keys_in_bucket(container) == []
