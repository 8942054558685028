"""Uploads: announced, put, received, claimed once, swept."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from adapters.s3.store import TURNS_AT_ONCE_MAX
from bootstrap.container import Container
from domain.errors import NotFound
from domain.media.errors import (
    UploadAlreadyClaimed,
    UploadMismatch,
    UploadMissing,
    UploadNotFound,
    UploadNotReceived,
    UploadOrderInvalid,
)
from domain.media.models import StoredObject
from domain.media.policies import UPLOAD_BYTES_MAX
from domain.media.use_cases import sweep_uploads
from tests.builders_media import BYTES, NOW, Tenant, described, put_bytes

HOUR = timedelta(hours=1)


async def test_a_received_upload_is_an_object_named_by_its_content(ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    await ours.receive([upload_id])
    stored = await ours.claim(upload_id)
    key = f"objects/{ours.id}/{stored.content.sha256}/{stored.id}"
    assert (stored.key, stored.content) == (key, described(BYTES))
    assert await ours.container.store.read(stored.key, bytes_max=UPLOAD_BYTES_MAX) == BYTES


async def test_the_same_bytes_twice_are_one_object_held_twice(ours: Tenant) -> None:
    first, second = await ours.put_upload(), await ours.put_upload()
    await ours.receive([first, second])
    claimed = [await ours.claim(upload_id) for upload_id in (first, second)]
    assert claimed[0].id == claimed[1].id
    found = await ours.find(claimed[0].id)
    assert found is not None
    assert found.references == 2


async def test_a_second_try_moves_no_bytes_that_are_kept(ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    await ours.receive([upload_id])
    # What would be refused now if it were read again.
    await ours.container.store.put(f"uploads/{ours.id}/{upload_id}", BYTES[::-1], content_type="image/png")
    await ours.receive([upload_id], now=NOW + HOUR / 2)
    stored = await ours.claim(upload_id)
    assert (stored.references, stored.touched_at) == (0, NOW + HOUR / 2)
    assert await ours.container.store.read(stored.key, bytes_max=UPLOAD_BYTES_MAX) == BYTES


async def test_a_second_try_brings_bytes_that_were_written_down_and_never_kept(ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    key = (await ours.store()).key
    await ours.container.store.delete([key])
    await ours.receive([upload_id])
    assert await ours.container.store.read(key, bytes_max=UPLOAD_BYTES_MAX) == BYTES


async def test_an_upload_that_was_never_put_is_missing_though_its_content_is_kept(ours: Tenant) -> None:
    await ours.store()
    ((upload, _),) = await ours.announce(described(BYTES))
    with pytest.raises(UploadMissing):
        await ours.receive([upload.id])


async def test_two_who_bring_the_same_files_do_not_wait_for_each_other(ours: Tenant) -> None:
    contents = (b"one", b"two", b"three")
    forwards = [await ours.put_upload(content) for content in contents]
    backwards = [await ours.put_upload(content) for content in reversed(contents)]
    await asyncio.gather(ours.receive(forwards), ours.receive(backwards))
    assert await ours.claim(forwards[0])


async def test_only_so_many_files_are_received_at_once(container: Container, ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    async with AsyncExitStack() as others:
        for _ in range(TURNS_AT_ONCE_MAX):
            await others.enter_async_context(container.store.turn())
        receiving = asyncio.create_task(ours.receive([upload_id]))
        await asyncio.wait([receiving], timeout=0.2)
        with pytest.raises(UploadNotReceived):
            await ours.claim(upload_id)
    await receiving
    assert await ours.claim(upload_id)


@pytest.mark.parametrize("put", [b"", b"not really a pictur", b"not really a picture!", b"not really a Picture"])
async def test_bytes_that_were_not_announced_are_refused(ours: Tenant, put: bytes) -> None:
    ((upload, address),) = await ours.announce(described(BYTES))
    # The embedded server takes anything; what AWS would refuse is refused when the upload is received.
    await put_bytes(replace(address, headers={}), put)
    with pytest.raises(UploadMismatch):
        await ours.receive([upload.id])
    with pytest.raises(UploadNotReceived):
        await ours.claim(upload.id)


async def test_an_upload_that_was_never_put_is_missing(ours: Tenant) -> None:
    ((upload, _),) = await ours.announce(described(BYTES))
    with pytest.raises(UploadMissing):
        await ours.receive([upload.id])


async def test_an_upload_is_claimed_once(ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    await ours.receive([upload_id])
    outcomes = await asyncio.gather(*(ours.claim(upload_id) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(outcome, StoredObject) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, UploadAlreadyClaimed) for outcome in outcomes) == 2
    with pytest.raises(UploadAlreadyClaimed):
        await ours.receive([upload_id])


async def test_another_workspace_does_not_find_an_upload(ours: Tenant, theirs: Tenant) -> None:
    upload_id = await ours.put_upload()
    await ours.receive([upload_id])
    with pytest.raises(NotFound):
        await theirs.receive([upload_id])
    with pytest.raises(NotFound):
        await theirs.claim(upload_id)


async def test_a_query_that_forgets_the_workspace_sees_no_foreign_upload(ours: Tenant, theirs: Tenant) -> None:
    await ours.put_upload()
    await ours.store()
    async with theirs.work() as work:
        counts = [await work.session.scalar(text(f"select count(*) from {name}")) for name in ("uploads", "objects")]  # noqa: S608
    assert counts == [0, 0]


async def test_an_upload_is_over_after_an_hour(ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    await ours.receive([upload_id])
    with pytest.raises(UploadNotFound):
        await ours.claim(upload_id, now=NOW + HOUR)


@pytest.mark.parametrize("count", [0, 51])
async def test_one_to_fifty_files_are_announced_at_once(ours: Tenant, count: int) -> None:
    with pytest.raises(UploadOrderInvalid):
        await ours.announce(*[described(BYTES)] * count)


async def test_one_bad_file_announces_none(ours: Tenant) -> None:
    with pytest.raises(UploadOrderInvalid):
        await ours.announce(described(BYTES), replace(described(BYTES), sha256="short"))
    async with ours.work() as work:
        assert await work.session.scalar(text("select count(*) from uploads")) == 0


async def test_uploads_that_nobody_claimed_are_swept_with_their_bytes(container: Container, ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    key = f"uploads/{ours.id}/{upload_id}"
    assert await sweep_uploads(container.system_work, store=container.store, now=NOW + 2 * HOUR) == 0
    assert await container.store.head(key) is not None
    late = NOW + 2 * HOUR + timedelta(seconds=1)
    assert await sweep_uploads(container.system_work, store=container.store, now=late) == 1
    assert await container.store.head(key) is None


async def test_sweeping_a_claimed_upload_leaves_its_object(container: Container, ours: Tenant) -> None:
    upload_id = await ours.put_upload()
    await ours.receive([upload_id])
    stored = await ours.claim(upload_id)
    assert await sweep_uploads(container.system_work, store=container.store, now=NOW + 3 * HOUR) == 1
    assert await container.store.read(stored.key, bytes_max=100) == BYTES
