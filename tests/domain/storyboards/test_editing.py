"""Edits make versions, on the real store; a stale version is a conflict and changes nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest

from bootstrap.container import Container
from domain.errors import Invalid
from domain.identifiers import CharacterId, ShotId, StoryboardId
from domain.storyboards.errors import (
    CastMemberNotFound,
    StoryboardBeingWritten,
    StoryboardNotFound,
    StoryboardVersionConflict,
    VersionNotFound,
)
from domain.storyboards.models import CastMember, DialogueLine, Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.use_cases.delete_shot import delete_shot
from domain.storyboards.use_cases.editing import Target
from domain.storyboards.use_cases.insert_shot import insert_shot
from domain.storyboards.use_cases.merge_shots import merge_shots
from domain.storyboards.use_cases.move_shot import move_shot
from domain.storyboards.use_cases.rename_storyboard import rename_storyboard
from domain.storyboards.use_cases.restore_version import restore_version
from domain.storyboards.use_cases.split_shot import split_shot
from domain.storyboards.use_cases.update_shot import update_shot
from domain.storyboards.use_cases.write_storyboard import finish_writing
from tests.builders_storyboards import NOW, ListedShots, StoryboardLab, content, target

Edit = Callable[[StoryboardWork, Target, ShotId], Awaitable[Storyboard]]
EDITS: dict[str, Edit] = {
    "insert": lambda work, at, _: insert_shot(work, target=at, content=content(), position=2, now=NOW),
    "update": lambda work, at, key: update_shot(
        work, target=at, shot_id=key, change=lambda before: replace(before, action="Changed."), now=NOW
    ),
    "move": lambda work, at, key: move_shot(work, target=at, shot_id=key, position=3, now=NOW),
    "split": lambda work, at, key: split_shot(work, target=at, shot_id=key, now=NOW),
    "merge": lambda work, at, key: merge_shots(work, target=at, shot_id=key, now=NOW),
    "delete": lambda work, at, key: delete_shot(work, target=at, shot_id=key, now=NOW),
    "restore 1": lambda work, at, _: restore_version(work, target=at, restored_version=1, now=NOW),
}


@pytest.mark.parametrize("name", EDITS)
async def test_an_edit_is_the_next_version_and_is_told(container: Container, name: str) -> None:
    lab = await StoryboardLab.opened(container)
    before = await lab.written()

    async with lab.begin() as work:
        edited = await EDITS[name](work, target(before), before.shots[0].id)

    assert await lab.find(before.id) == edited
    assert edited.version == 2
    assert (await lab.events(before.id))[-1] == "StoryboardEdited"
    async with lab.begin() as work:
        (history,) = (await work.storyboard_reads.versions_of_many([before.id])).values()
    assert [(each.version, each.edit) for each in history] == [(2, name), (1, "write")]


@pytest.mark.parametrize("name", EDITS)
async def test_an_edit_of_a_stale_version_changes_nothing(container: Container, name: str) -> None:
    lab = await StoryboardLab.opened(container)
    before = await lab.written()

    with pytest.raises(StoryboardVersionConflict) as refused:
        async with lab.begin() as work:
            await EDITS[name](work, target(before, version=7), ShotId(UUID(int=9)))

    assert refused.value.actual == 1
    assert await lab.find(before.id) == before
    assert "StoryboardEdited" not in await lab.events(before.id)


async def test_an_edit_that_changes_nothing_makes_no_version(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    before = await lab.written()
    key = before.shots[1].id

    async with lab.begin() as work:
        moved = await move_shot(work, target=target(before), shot_id=key, position=2, now=NOW)
        same = await update_shot(work, target=target(before), shot_id=key, change=lambda each: each, now=NOW)

    assert moved == same == before == await lab.find(before.id)
    assert "StoryboardEdited" not in await lab.events(before.id)


async def test_a_shot_of_nothing_is_not_inserted(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    before = await lab.written()

    with pytest.raises(Invalid):
        async with lab.begin() as work:
            await insert_shot(work, target=target(before), content=content("  "), now=NOW)

    assert await lab.find(before.id) == before


async def test_any_version_can_be_restored_and_the_undo_undone(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    first = await lab.written(4)
    async with lab.begin() as work:
        second = await delete_shot(work, target=target(first), shot_id=first.shots[1].id, now=NOW)
    async with lab.begin() as work:
        third = await move_shot(work, target=target(second), shot_id=first.shots[0].id, position=3, now=NOW)

    async with lab.begin() as work:
        undone = await restore_version(work, target=target(third), restored_version=1, now=NOW)
    async with lab.begin() as work:
        redone = await restore_version(work, target=target(undone), restored_version=3, now=NOW)

    assert (undone.shots, redone.shots) == (first.shots, third.shots)
    assert (await lab.find(first.id)).shots == third.shots
    assert redone.version == 5


async def test_a_version_that_never_was_cannot_be_restored(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    written = await lab.written()

    with pytest.raises(VersionNotFound):
        async with lab.begin() as work:
            await restore_version(work, target=target(written), restored_version=9, now=NOW)


async def test_a_storyboard_that_is_being_written_takes_no_edits(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    created = await lab.create()

    with pytest.raises(StoryboardBeingWritten):
        async with lab.begin() as work:
            await insert_shot(work, target=target(created), content=content(), now=NOW)


async def test_a_shot_with_a_stranger_is_refused_and_nothing_is_written(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    before = await lab.written()
    stranger = CastMember(CharacterId(UUID(int=5)))

    with pytest.raises(CastMemberNotFound):
        async with lab.begin() as work:
            await update_shot(
                work,
                target=target(before),
                shot_id=before.shots[0].id,
                change=lambda each: replace(each, cast=(stranger,)),
                now=NOW,
            )

    assert await lab.find(before.id) == before


async def test_a_character_who_was_deleted_since_does_not_block_the_edits_of_a_shot(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    gone, stranger = (CharacterId(UUID(int=each)) for each in (5, 6))
    line = DialogueLine("Farewell.", "Anna", gone)
    created = await lab.create()
    await lab.write(created.id, ListedShots([replace(content(), cast=(CastMember(gone),), dialogue=(line,))]))
    async with lab.begin() as work:
        before = await finish_writing(work, storyboard_id=created.id, now=NOW)
    key = before.shots[0].id

    async with lab.begin() as work:
        edited = await update_shot(
            work, target=target(before), shot_id=key, change=lambda each: replace(each, action="Changed."), now=NOW
        )

    assert (edited.shots[0].content.action, edited.shots[0].content.dialogue) == ("Changed.", (line,))
    with pytest.raises(CastMemberNotFound, match=str(stranger)):
        async with lab.begin() as work:
            await update_shot(
                work,
                target=target(edited),
                shot_id=key,
                change=lambda each: replace(each, cast=(*each.cast, CastMember(stranger))),
                now=NOW,
            )
    assert await lab.find(created.id) == edited


async def test_a_merge_that_would_hold_too_much_is_refused(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    created = await lab.create()
    await lab.write(created.id, ListedShots([content("a" * 1500), content("b" * 1500)]))
    async with lab.begin() as work:
        before = await finish_writing(work, storyboard_id=created.id, now=NOW)

    with pytest.raises(Invalid) as refused:
        async with lab.begin() as work:
            await merge_shots(work, target=target(before), shot_id=before.shots[0].id, now=NOW)

    assert refused.value.field == "action"
    assert await lab.find(created.id) == before


async def test_a_storyboard_of_another_workspace_is_not_found(container: Container) -> None:
    ours, theirs = await StoryboardLab.opened(container), await StoryboardLab.opened(container)
    written = await theirs.written()

    for name, edit in EDITS.items():
        with pytest.raises(StoryboardNotFound):
            async with ours.begin() as work:
                await edit(work, target(written), written.shots[0].id)
        assert await theirs.find(written.id) == written, name


async def test_a_new_title_makes_no_version(container: Container) -> None:
    lab = await StoryboardLab.opened(container)
    before = await lab.written()

    async with lab.begin() as work:
        renamed = await rename_storyboard(work, storyboard_id=before.id, title="Another film", now=NOW)

    assert await lab.find(before.id) == renamed
    assert (renamed.title, renamed.version) == ("Another film", 1)
    with pytest.raises(StoryboardNotFound):
        async with lab.begin() as work:
            await rename_storyboard(work, storyboard_id=StoryboardId(UUID(int=1)), title="x", now=NOW)
