"""Stored objects: held and released, swept in two phases, never from under whoever stores them again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from bootstrap.container import Container
from domain.identifiers import ObjectId
from domain.media.errors import ObjectBeingSwept, ObjectNotFound
from domain.media.models import StoredObject
from domain.media.policies import OBJECT_GRACE
from domain.media.use_cases import hold_object, release_object, sweep_objects
from jobs.media import sweep
from tests.builders_media import BYTES, NOW, Tenant

LATER = NOW + OBJECT_GRACE + timedelta(seconds=1)


async def hold(tenant: Tenant, stored: StoredObject) -> None:
    async with tenant.work() as work:
        await hold_object(work, workspace_id=tenant.id, object_id=stored.id)


async def release(tenant: Tenant, stored: StoredObject) -> None:
    async with tenant.work() as work:
        await release_object(work, workspace_id=tenant.id, object_id=stored.id, now=NOW)


async def swept(tenant: Tenant) -> int:
    return await sweep_objects(tenant.container.system_work, store=tenant.container.store, now=LATER)


async def test_an_object_that_nothing_holds_is_swept_after_the_grace(ours: Tenant) -> None:
    stored = await ours.store()
    store = ours.container.store
    assert await sweep_objects(ours.container.system_work, store=store, now=NOW + OBJECT_GRACE) == 0
    assert await swept(ours) == 1
    assert await ours.find(stored.id) is None
    assert await store.head(stored.key) is None


async def test_a_held_object_stays_until_the_last_hold_is_released(ours: Tenant) -> None:
    stored = await ours.store()
    await hold(ours, stored)
    await hold(ours, stored)
    await release(ours, stored)
    assert await swept(ours) == 0
    await release(ours, stored)
    assert await swept(ours) == 1


async def test_storing_again_starts_the_grace_anew_and_keeps_the_object(ours: Tenant) -> None:
    first = await ours.store()
    again = await ours.store(now=NOW + timedelta(hours=20))
    assert again.id == first.id
    assert await swept(ours) == 0


async def test_an_object_about_to_go_can_be_neither_held_nor_stored(container: Container, ours: Tenant) -> None:
    stored = await ours.store()
    async with container.system_work() as work:
        assert [each.id for each in await work.objects.doom(LATER, 10)] == [stored.id]
    with pytest.raises(ObjectBeingSwept):
        await hold(ours, stored)
    with pytest.raises(ObjectBeingSwept):
        await ours.store()


async def test_a_sweep_that_died_half_way_is_finished_by_the_next(container: Container, ours: Tenant) -> None:
    stored = await ours.store()
    async with container.system_work() as work:
        await work.objects.doom(LATER, 10)
    assert await swept(ours) == 1
    again = await ours.store()
    assert again.id != stored.id
    assert await container.store.read(again.key, bytes_max=100) == BYTES


async def test_a_sweep_that_was_held_up_deletes_nothing_that_was_stored_again(
    container: Container, ours: Tenant
) -> None:
    await ours.store()
    async with container.system_work() as work:
        held_up = await work.objects.doom(LATER, 10)
    assert await swept(ours) == 1
    again = await ours.store()
    await hold(ours, again)
    await container.store.delete([each.key for each in held_up])
    assert await container.store.read(again.key, bytes_max=100) == BYTES


async def test_a_hold_and_a_sweep_at_the_same_moment_agree(ours: Tenant) -> None:
    contents = [bytes([number]) for number in range(8)]
    stored = [await ours.store(content) for content in contents]
    outcomes = await asyncio.gather(swept(ours), *(hold(ours, each) for each in stored), return_exceptions=True)
    for each, outcome in zip(stored, outcomes[1:], strict=True):
        is_there = await ours.container.store.head(each.key) is not None
        assert is_there is (outcome is None)


async def test_another_workspace_finds_nothing_to_hold_or_release(ours: Tenant, theirs: Tenant) -> None:
    stored = await ours.store()
    assert await theirs.find(stored.id) is None
    with pytest.raises(ObjectBeingSwept):
        await hold(theirs, stored)
    with pytest.raises(ObjectNotFound):
        await release(theirs, stored)


async def test_two_workspaces_with_the_same_bytes_have_an_object_each(ours: Tenant, theirs: Tenant) -> None:
    mine, yours = await ours.store(), await theirs.store()
    assert mine.id != yours.id
    assert mine.key != yours.key


async def test_an_unknown_object_is_not_found(ours: Tenant) -> None:
    assert await ours.find(ObjectId(UUID(int=1))) is None


async def test_the_sweep_of_the_jobs_process_runs_over_all_of_it(container: Container, ours: Tenant) -> None:
    await ours.store()
    assert await sweep(replace(container, now=lambda: NOW)) == 0
    assert await sweep(replace(container, now=lambda: LATER)) == 1
