"""Storyboards are created and written shot by shot, on the real store."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from bootstrap.container import Container
from domain.characters.models import CharacterState
from domain.characters.texts import checked_texts
from domain.characters.use_cases.create_character import create_character
from domain.errors import Invalid, Unavailable
from domain.identifiers import CharacterId
from domain.paging import PageRequest
from domain.storyboards.errors import CastAmbiguous, CastMemberNotFound, StoryboardNotBeingWritten
from domain.storyboards.models import SHOTS_MAX, StoryboardState
from domain.storyboards.use_cases.delete_storyboard import delete_storyboard
from domain.storyboards.use_cases.write_storyboard import fail_writing, finish_writing
from tests.builders_storyboards import NOW, ListedShots, StoryboardLab, content, shot, shots


async def test_a_created_storyboard_waits_for_its_writer(container: Container) -> None:
    lab = await StoryboardLab.opened(container)

    created = await lab.create()

    assert await lab.find(created.id) == created
    assert (created.state, created.version) == (StoryboardState.WRITING, 0)
    assert await lab.events(created.id) == ["StoryboardCreated"]
    assert await lab.jobs(created.id) == ["storyboards.write queued"]


async def test_a_cast_of_another_workspace_is_refused_and_nothing_is_written(container: Container) -> None:
    lab = await StoryboardLab.opened(container)

    with pytest.raises(CastMemberNotFound):
        await lab.create(cast=[CharacterId(UUID(int=5))])

    async with lab.begin() as work:
        assert not (await work.storyboard_reads.page(PageRequest())).edges


async def test_shots_are_written_one_by_one_with_their_events(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    created = await lab.create()

    assert await lab.write(created.id)
    async with lab.begin() as work:
        finished = await finish_writing(work, storyboard_id=created.id, now=NOW)

    found = await lab.find(created.id)
    assert found == finished
    assert (found.state, found.version, found.language, found.writer) == (StoryboardState.READY, 1, "en", "builtin")
    assert await lab.events(created.id) == [
        "StoryboardCreated",
        "StoryboardWritingStarted",
        *["ShotWritten"] * len(found.shots),
        "StoryboardWritten",
    ]


async def test_the_cast_of_the_workspace_is_known_to_the_writer(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    async with lab.begin() as work:
        texts = checked_texts(name="Anna", aliases=["Annie"])
        anna = await create_character(work, workspace_id=lab.workspace_id, texts=texts, now=NOW)
    created = await lab.create()

    await lab.write(created.id)

    found = await lab.find(created.id)
    assert anna.id in {member.character_id for shot in found.shots for member in shot.content.cast}


async def cast_of_film(lab: StoryboardLab, *, cast: Sequence[CharacterId] | None = None) -> set[CharacterId]:
    created = await lab.create(cast=cast)
    await lab.write(created.id)
    return {member.character_id for each in (await lab.find(created.id)).shots for member in each.content.cast}


async def test_of_two_namesakes_the_ready_one_is_cast(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    ready = await lab.character("Anna")
    await lab.character("anna", CharacterState.NEEDS_ATTENTION)

    assert await cast_of_film(lab) == {ready.id}


async def test_two_ready_namesakes_of_the_script_are_ambiguous(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    one, other = await lab.character("Anna"), await lab.character("Anna")
    await lab.character("Bea")
    await lab.character("Bea")

    with pytest.raises(CastAmbiguous, match=f"character_{one.id}") as refused:
        await lab.create()

    assert set(refused.value.character_ids) == {one.id, other.id}
    assert await cast_of_film(lab, cast=[other.id]) == {other.id}


async def test_an_empty_cast_casts_nobody(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    await lab.character("Anna")

    assert await cast_of_film(lab, cast=[]) == set()


@pytest.mark.parametrize("is_chosen", [True, False])
async def test_the_writer_is_told_whether_the_cast_was_chosen(container: Container, *, is_chosen: bool) -> None:
    lab = await StoryboardLab.opened(container)
    anna = await lab.character("Anna")
    created = await lab.create(cast=[anna.id] if is_chosen else None)
    listed = ListedShots([shot(1).content])

    await lab.write(created.id, listed)

    (order,) = listed.orders
    assert ([each.name for each in order.cast], order.is_cast_chosen) == (["Anna"], is_chosen)


async def test_a_second_attempt_begins_from_nothing(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    created = await lab.create()
    with pytest.raises(Unavailable):
        await lab.write(created.id, ListedShots([shot(1).content], Unavailable("The model is away.")))

    await lab.write(created.id, ListedShots([content("Again."), content("And more.")]))

    assert [each.content.action for each in (await lab.find(created.id)).shots] == ["Again.", "And more."]


async def test_a_writer_without_shots_and_one_with_too_many_are_refused(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    created = await lab.create()

    with pytest.raises(Invalid):
        await lab.write(created.id, ListedShots([]))
    with pytest.raises(Invalid, match="more than 1000"):
        await lab.write(created.id, ListedShots([replace(shot(1).content)] * (SHOTS_MAX + 1)))


async def test_a_deleted_storyboard_stops_its_writer(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    created = await lab.create()

    async with lab.begin() as work:
        await delete_storyboard(work, storyboard_id=created.id)

    assert not await lab.write(created.id)
    assert await lab.jobs(created.id) == ["storyboards.write canceled"]
    assert (await lab.events(created.id))[-1] == "StoryboardDeleted"


async def test_a_failure_is_written_down_once_and_keeps_the_shots(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    created = await lab.create()
    await lab.write(created.id, ListedShots([shot(1).content]))

    for _ in range(2):
        async with lab.begin() as work:
            await fail_writing(work, storyboard_id=created.id, reason="No more.", now=NOW)

    found = await lab.find(created.id)
    assert (found.state, found.failure, len(found.shots)) == (StoryboardState.FAILED, "No more.", 1)
    assert (await lab.events(created.id)).count("StoryboardWritingFailed") == 1


async def test_finishing_twice_is_refused(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    written = await lab.written()

    with pytest.raises(StoryboardNotBeingWritten):
        async with lab.begin() as work:
            await finish_writing(work, storyboard_id=written.id, now=NOW)


async def test_a_storyboard_of_five_hundred_shots_works(container: Container) -> None:
    lab = await StoryboardLab.opened(container)

    written = await lab.written(500)

    assert [each.content for each in (await lab.find(written.id)).shots] == [each.content for each in shots(500)]
