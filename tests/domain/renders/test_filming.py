"""Orders filmed to the end by a crew on real stores."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.renders.budgets import Budget, Cost
from domain.renders.errors import BudgetTooSmall, CharacterNotReady, EngineUnknown, StoryboardNotReady
from domain.renders.judgements import Verdict
from domain.renders.settings import IdentityPolicy
from domain.renders.staleness import StaleReason
from domain.renders.states import RenderState, Rung
from domain.storyboards.models import StoryboardState
from tests.builders_film_crew import Crew, events_of, names_of, open_studio
from tests.builders_renders import ANIMATIC, DIFFUSION, SMALL, a_judgement

BAD = a_judgement(Verdict.WRONG, 0.3)
STRICT = replace(SMALL, identity_policy=IdentityPolicy.STRICT, rerolls_max=0)


@pytest.fixture
async def crew(container: Container) -> Crew:
    return await open_studio(container)


async def count(crew: Crew, table: str) -> int | None:
    async with crew.work() as work:
        return await work.session.scalar(text(f"select count(*) from {table}"))  # noqa: S608


async def test_an_order_becomes_a_film(crew: Crew) -> None:
    render = await crew.film()
    assert render.state is RenderState.FINISHED
    assert render.film is not None
    assert len(crew.done) == 3 * 4 + 1
    assert render.spent == Cost(9.0, 3 * 7)
    names = await names_of(crew, render.id)
    assert names[:2] == ["RenderRequested", "RenderStarted"]
    assert names[-2:] == ["FilmJoined", "RenderFinished"]
    assert names.count("TakeAccepted") == 3


async def test_jobs_for_a_gpu_name_the_model_that_they_need(crew: Crew) -> None:
    crew.engine = DIFFUSION
    await crew.film(replace(SMALL, engine=DIFFUSION.name))
    async with crew.work() as work:
        rows = await work.session.execute(
            text("select distinct queue, affinity from jobs order by affinity nulls last")
        )
        found = [(row.queue, row.affinity) for row in rows]
    assert found == [("gpu", "diffusion clip"), ("gpu", "diffusion keyframe"), ("internal", None)]


async def test_the_first_event_is_there_when_the_order_is(crew: Crew) -> None:
    render = await crew.order()
    assert await names_of(crew, render.id) == ["RenderRequested"]


async def test_jobs_that_run_twice_make_one_film(crew: Crew) -> None:
    crew.times = 2
    render = await crew.film()
    events = await events_of(crew, render.id)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    names = [event.name for event in events]
    assert names.count("RenderFinished") == names.count("FilmJoined") == 1
    assert names.count("TakeAccepted") == names.count("KeyframeMade") == 3
    assert await count(crew, "takes") == 3


async def test_what_a_render_keeps_is_held_once_by_step_and_once_by_take(crew: Crew) -> None:
    crew.times = 2
    render = await crew.film()
    async with crew.work() as work:
        takes = await work.renders.takes(render.id)
        held = [take.clip.object_id for take in takes if take.clip]
        rows = await work.session.execute(
            text("select reference_count from objects where id = any(:ids)"), {"ids": held}
        )
        assert [row.reference_count for row in rows] == [2, 2, 2]


async def test_the_same_order_again_films_nothing_and_takes_the_film_over(crew: Crew) -> None:
    first = await crew.film()
    crew.done.clear()
    second = await crew.film()
    assert crew.done == []
    assert second.state is RenderState.FINISHED
    assert second.film == first.film
    assert second.spent == Cost()
    names = await names_of(crew, second.id)
    assert names == ["RenderRequested", "RenderStarted", *["TakeAccepted"] * 3, "RenderFinished"]


async def test_after_one_edit_one_shot_is_filmed(crew: Crew) -> None:
    await crew.film()
    crew.done.clear()
    await crew.edit(2, replace(crew.storyboard.shots[1].content, action="The hare sleeps."))
    render = await crew.film()
    assert crew.done == ["keyframe 2/1", "keyframe_judgement 2/1", "clip 2/1", "clip_judgement 2/1", "join"]
    assert render.state is RenderState.FINISHED


async def test_other_words_keep_the_keyframe(crew: Crew) -> None:
    await crew.film()
    crew.done.clear()
    await crew.edit(2, replace(crew.storyboard.shots[1].content, narration="It was noon."))
    await crew.film()
    assert crew.done == ["clip 2/1", "clip_judgement 2/1", "join"]


async def test_moving_a_shot_films_nothing(crew: Crew) -> None:
    await crew.film()
    crew.done.clear()
    await crew.put(replace(crew.storyboard, shots=tuple(reversed(crew.storyboard.shots))))
    await crew.film()
    assert crew.done == ["join"]


async def test_a_quote_says_what_is_stale_and_why_and_what_it_costs(crew: Crew) -> None:
    fresh = await crew.quote()
    assert [shot.reasons for shot in fresh.shots] == [(StaleReason.NEW_SHOT,)] * 3
    assert fresh.cost == Cost(9.0, 21)
    await crew.film()
    await crew.edit(2, replace(crew.storyboard.shots[1].content, action="The hare sleeps."))
    quote = await crew.quote()
    assert [shot.is_fresh for shot in quote.shots] == [True, False, True]
    assert quote.shots[1].reasons == (StaleReason.ACTION_CHANGED,)
    assert quote.cost == Cost(3.0, 7)
    assert (quote.film_seconds, quote.stale) == (9.0, 1)
    assert quote.shots[1].work_seconds > 0


async def test_slates_are_film_that_is_made_and_cost_no_credits(crew: Crew) -> None:
    slated = replace(SMALL, has_slate=True)
    quote = await crew.quote(slated)
    assert (quote.film_seconds, quote.cost) == (12.0, Cost(12.0, 21))
    with pytest.raises(BudgetTooSmall):
        await crew.order(slated, budget=Budget(seconds_max=11.0))
    render = await crew.film(slated)
    assert render.spent == render.committed == Cost(12.0, 21)


async def test_a_quote_writes_nothing(crew: Crew) -> None:
    await crew.quote()
    assert [await count(crew, table) for table in ("renders", "render_shots", "jobs", "events")] == [0, 0, 0, 0]


async def test_a_quote_for_a_new_speed_names_the_settings_and_keeps_keyframes(crew: Crew) -> None:
    await crew.film()
    quote = await crew.quote(replace(SMALL, frames_per_second=24))
    assert quote.shots[0].reasons == (StaleReason.SETTINGS_CHANGED,)
    assert quote.cost == Cost(9.0, 18)


async def test_a_wrong_character_is_rerolled_and_the_take_says_so(crew: Crew) -> None:
    crew.gate = [BAD]
    render = await crew.film()
    async with crew.work() as work:
        takes = await work.renders.takes(render.id)
    accepted = [(take.number, take.rung) for take in takes if take.is_accepted]
    assert sorted(accepted) == [(1, Rung.FIRST_SEED), (1, Rung.FIRST_SEED), (2, Rung.NEW_SEED)]
    assert "ShotRerolled" in await names_of(crew, render.id)
    assert render.spent.credits == render.committed.credits == 22


async def test_a_second_render_after_a_reroll_films_nothing(crew: Crew) -> None:
    crew.gate = [BAD]
    await crew.film()
    crew.done.clear()
    assert (await crew.quote()).stale == 0
    await crew.film()
    assert crew.done == []


async def test_a_strict_order_fails_when_the_gate_refuses(crew: Crew) -> None:
    crew.gate = [BAD]
    render = await crew.film(STRICT)
    assert render.state is RenderState.FAILED
    assert (await names_of(crew, render.id))[-1] == "RenderFailed"
    assert "join" not in crew.done
    assert [shot.reasons for shot in (await crew.quote(STRICT)).shots if not shot.is_fresh] == [
        (StaleReason.REFUSED_BY_GATE,)
    ]


async def test_a_budget_below_the_quote_is_refused_and_nothing_is_written(crew: Crew) -> None:
    with pytest.raises(BudgetTooSmall):
        await crew.order(budget=Budget(credits_max=20))
    assert [await count(crew, table) for table in ("renders", "render_shots", "jobs", "events")] == [0, 0, 0, 0]


async def test_a_budget_at_the_quote_allows_no_reroll(crew: Crew) -> None:
    crew.gate = [BAD]
    render = await crew.order(budget=Budget(credits_max=21))
    await crew.work_off()
    assert (await crew.find(render.id)).state is RenderState.FINISHED
    assert "keyframe 1/2" not in crew.done


async def test_what_cannot_be_filmed_is_refused(crew: Crew) -> None:
    with pytest.raises(EngineUnknown):
        await crew.order(replace(SMALL, engine="runway"))
    async with crew.work() as work:
        await work.session.execute(text("update characters set threshold = null"))
    with pytest.raises(CharacterNotReady):
        await crew.order()
    await crew.put(replace(crew.storyboard, state=StoryboardState.WRITING))
    with pytest.raises(StoryboardNotReady):
        await crew.order()


async def test_many_shots_are_begun_in_batches(container: Container) -> None:
    crew = await open_studio(container, shots=45)
    render = await crew.film()
    assert render.state is RenderState.FINISHED
    assert (await names_of(crew, render.id)).count("TakeAccepted") == 45


async def test_another_engine_s_keyframe_is_a_job_of_its_queue_and_is_on_record(container: Container) -> None:
    crew = await open_studio(container, shots=1)
    rungs = (Rung.FIRST_SEED, Rung.OTHER_ENGINE)
    crew.engine = replace(DIFFUSION, capabilities=replace(DIFFUSION.capabilities, rungs=rungs))
    crew.others = (replace(ANIMATIC, credits_per_keyframe=5),)
    copy = a_judgement(Verdict.COPY, 0.99)
    crew.gate = [BAD, copy, copy]
    render = await crew.film(replace(SMALL, engine="diffusion", rerolls_max=1))
    async with crew.work() as work:
        jobs = await work.session.execute(
            text("select queue, payload->'command'->>'engine' from jobs where kind = 'renders.make_keyframe'")
        )
        takes = await work.renders.takes(render.id)
        queues = sorted(tuple(row) for row in jobs)
    assert render.state is RenderState.FINISHED
    assert queues == [("cpu", "animatic"), ("gpu", "diffusion")]
    told = [(take.engine, take.rung, take.is_accepted) for take in takes]
    assert told == [("diffusion", Rung.FIRST_SEED, False), ("animatic", Rung.OTHER_ENGINE, True)]
    assert render.spent == Cost(3.0, 1 + 5 + 6)
