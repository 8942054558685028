"""Adapters from their training to their use and their end, on the real stores."""

import pytest

from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack
from bootstrap.settings import Settings
from contracts.commands import SuiteScores
from domain.characters.adapters import AdapterState
from domain.characters.errors import (
    AdapterNotUsable,
    AlreadyTraining,
    NothingToRollBack,
    TooFewPictures,
    TrainingUnavailable,
)
from domain.characters.use_cases.change_adapter import cancel_training, promote_adapter, roll_back_adapter
from domain.characters.use_cases.delete_character import delete_character
from domain.characters.use_cases.train_character import train_character
from domain.jobs.models import JobState
from domain.jobs.policies import Failure, FailureCode
from domain.media.policies import OBJECT_GRACE, UPLOAD_GRACE, UPLOAD_LIFE
from domain.media.use_cases import sweep_objects, sweep_uploads
from jobs.characters import tasks
from jobs.endings import Endings
from tests.builders_adapters import GOOD, School, trained
from tests.builders_books import are_balanced
from tests.builders_bucket import keys_in_bucket, with_own_bucket
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import NOW

WORSE = SuiteScores(identity=0.5, prompt=0.7, purity=0.9)


@pytest.fixture
def settings(settings: Settings, stack: EmbeddedStack) -> Settings:
    return with_own_bucket(settings, stack)


@pytest.fixture
async def school(container: Container) -> School:
    return School(await CharacterLab.opened(container))


async def test_a_first_version_that_shows_more_than_none_is_used(school: School, container: Container) -> None:
    peter = await school.pupil()
    adapter = await school.taught(peter)
    assert (adapter.state, await school.in_use(peter), adapter.refusal) == (AdapterState.READY, 1, "")
    assert adapter.learned is not None
    assert [point.loss for point in adapter.learned.curve] == [1.2, 0.8]
    names = ["TrainingStarted", "AdapterTrained", "AdapterPromoted"]
    assert (await school.lab.events(peter.id))[-3:] == names
    assert await are_balanced(container)


async def test_a_worse_version_is_rejected_by_its_figures_and_used_by_a_users_word_alone(school: School) -> None:
    peter = await school.pupil()
    await school.taught(peter)
    worse = await school.taught(peter, trained(WORSE, present=GOOD))
    assert (worse.state, await school.in_use(peter)) == (AdapterState.REJECTED, 1)
    assert worse.refusal == "identity 0.500, at least 0.780 wanted"
    async with school.lab.begin() as work:
        with pytest.raises(AdapterNotUsable, match="was rejected: identity"):
            await promote_adapter(work, adapter_id=worse.id, is_despite_scores=False, now=NOW)
    async with school.lab.begin() as work:
        await promote_adapter(work, adapter_id=worse.id, is_despite_scores=True, now=NOW)
    assert await school.in_use(peter) == 2


async def test_rolling_back_goes_one_step_at_a_time_to_none(school: School) -> None:
    peter = await school.pupil()
    await school.taught(peter)
    await school.taught(peter, trained(present=GOOD))
    used: list[int | None] = []
    for _ in range(2):
        async with school.lab.begin() as work:
            await roll_back_adapter(work, character_id=peter.id, now=NOW)
        used.append(await school.in_use(peter))
    assert used == [1, None]
    async with school.lab.begin() as work:
        with pytest.raises(NothingToRollBack):
            await roll_back_adapter(work, character_id=peter.id, now=NOW)


async def test_a_version_measured_against_another_than_is_used_now_waits_for_a_user(school: School) -> None:
    peter = await school.pupil()
    await school.taught(peter)
    second = await school.train(peter)
    async with school.lab.begin() as work:
        await roll_back_adapter(work, character_id=peter.id, now=NOW)
    await school.finish(await school.claim(), trained(present=GOOD))
    assert ((await school.find(second)).state, await school.in_use(peter)) == (AdapterState.READY, None)


async def test_figures_of_a_version_that_nobody_uses_reject_none(school: School) -> None:
    peter = await school.pupil()
    first = await school.taught(peter)
    second = await school.taught(peter, trained(present=GOOD))
    third = await school.train(peter)
    async with school.lab.begin() as work:
        await promote_adapter(work, adapter_id=first.id, is_despite_scores=False, now=NOW)
    await school.finish(await school.claim(), trained(WORSE, present=GOOD))
    assert third.present_id == second.id
    assert ((await school.find(third)).state, await school.in_use(peter)) == (AdapterState.READY, 1)


@pytest.mark.parametrize(("base", "state"), [(0.4, AdapterState.READY), (0.6, AdapterState.REJECTED)])
async def test_where_none_is_used_any_more_a_version_is_judged_as_the_first(
    school: School, base: float, state: AdapterState
) -> None:
    peter = await school.pupil()
    await school.taught(peter)
    second = await school.train(peter)
    async with school.lab.begin() as work:
        await roll_back_adapter(work, character_id=peter.id, now=NOW)
    await school.finish(await school.claim(), trained(WORSE, present=GOOD, base_identity=base))
    assert ((await school.find(second)).state, await school.in_use(peter)) == (state, None)


async def test_a_canceled_training_is_over_whatever_its_worker_still_reports(
    school: School, container: Container
) -> None:
    peter = await school.pupil()
    adapter = await school.train(peter)
    job = await school.claim()
    async with school.lab.begin() as work:
        with pytest.raises(AlreadyTraining):
            await train_character(work, character_id=peter.id, engine="diffusion", now=NOW)
    async with school.lab.begin() as work:
        await cancel_training(work, character_id=peter.id, now=NOW)
    await school.finish(job, trained())
    canceled = await school.find(adapter)
    assert (canceled.state, canceled.files, await school.in_use(peter)) == (AdapterState.CANCELED, None, None)
    assert await are_balanced(container)


async def test_a_training_that_fails_for_good_says_why(school: School) -> None:
    adapter = await school.train(await school.pupil())
    job = await school.claim()
    state = await Endings(school.lab.container, tasks).fail(job, Failure(FailureCode.INVALID, "No such model."))
    failed = await school.find(adapter)
    assert (state, failed.state, failed.refusal) == (JobState.FAILED, AdapterState.FAILED, "No such model.")


async def test_a_training_is_refused_without_workers_or_with_four_pictures(school: School) -> None:
    peter = await school.pupil(pictures=4)
    before = await school.lab.written()
    for engine, fact in ((None, TrainingUnavailable), ("diffusion", TooFewPictures)):
        async with school.lab.begin() as work:
            with pytest.raises(fact):
                await train_character(work, character_id=peter.id, engine=engine, now=NOW)
    assert await school.lab.written() == before


async def test_of_a_deleted_character_nothing_is_left_in_the_bucket(school: School, container: Container) -> None:
    peter = await school.pupil()
    await school.taught(peter)
    await school.train(peter)
    job = await school.claim()
    await school.save(job)
    async with school.lab.begin() as work:
        await delete_character(work, character_id=peter.id, now=NOW)
    await Endings(container, tasks).release(job)
    assert await are_balanced(container)
    later = container.now() + 2 * (OBJECT_GRACE + UPLOAD_GRACE + UPLOAD_LIFE)
    await sweep_objects(container.system_work, store=container.store, now=later)
    await sweep_uploads(container.system_work, store=container.store, now=later)
    assert await keys_in_bucket(container) == []
    assert (await school.lab.written())["objects"] == 0
