"""The store on the embedded S3 server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.s3.store import S3ObjectStore, S3Place, open_store
from bootstrap.container import Container
from bootstrap.embedded import free_port
from bootstrap.health import dependency_checks
from bootstrap.storage import storage_place
from domain.errors import Invalid, NotFound, Unavailable
from domain.media.ports import ObjectStore
from tests.builders_media import BYTES, NOW, described, get_bytes, put_bytes

BIG = bytes(range(256)) * 20_000
# S3 takes no smaller part but the last.
PART_BYTES_MIN = 5 * 1024 * 1024


@pytest.fixture
def place(container: Container) -> S3Place:
    return storage_place(container.settings.storage)


@pytest.fixture
def store(container: Container) -> ObjectStore:
    return container.store


@pytest.fixture
def key(container: Container) -> str:
    return f"objects/{container.new_id()}/a"


async def test_what_was_put_is_read(store: ObjectStore, key: str) -> None:
    await store.put(key, BIG, content_type="image/png")
    assert await store.read(key, bytes_max=len(BIG)) == BIG
    found = await store.head(key)
    assert found is not None
    assert found.size_bytes == len(BIG)


async def test_more_bytes_than_asked_for_are_not_read(store: ObjectStore, key: str) -> None:
    await store.put(key, BIG, content_type="image/png")
    with pytest.raises(Invalid):
        await store.read(key, bytes_max=len(BIG) - 1)
    assert await store.read(key, bytes_max=len(BIG)) == BIG


async def test_files_go_in_and_out(store: ObjectStore, key: str, tmp_path: Path) -> None:
    source, target = tmp_path / "film.mp4", tmp_path / "again.mp4"
    source.write_bytes(BIG)
    await store.put_file(key, source, content_type="video/mp4")
    await store.fetch_file(key, target)
    assert target.read_bytes() == BIG


async def test_a_file_that_is_too_large_for_one_part_goes_in_in_several(
    place: S3Place, key: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "film.mp4", tmp_path / "again.mp4"
    source.write_bytes(2 * BIG)
    async with open_store(replace(place, part_bytes=PART_BYTES_MIN)) as store:
        await store.put_file(key, source, content_type="video/mp4")
        await store.fetch_file(key, target)
    assert target.read_bytes() == 2 * BIG


async def test_a_file_of_which_a_part_is_refused_is_not_there(place: S3Place, key: str, tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(2 * BIG)
    async with open_store(replace(place, part_bytes=PART_BYTES_MIN - 1)) as store:
        with pytest.raises(Unavailable, match="EntityTooSmall"):
            await store.put_file(key, source, content_type="video/mp4")
        assert await store.head(key) is None


async def test_a_copy_has_the_same_bytes(store: ObjectStore, key: str) -> None:
    await store.put(key, BYTES, content_type="image/png")
    await store.copy(key, f"{key}-copy")
    assert await store.read(f"{key}-copy", bytes_max=100) == BYTES


async def test_what_was_deleted_is_gone_and_deleting_again_is_fine(store: ObjectStore, key: str) -> None:
    await store.put(key, BYTES, content_type="image/png")
    for _ in range(2):
        await store.delete([key, f"{key}-never-there"])
    assert await store.head(key) is None


async def test_what_is_not_there_is_not_found(store: ObjectStore, key: str, tmp_path: Path) -> None:
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: store.read(key, bytes_max=1),
        lambda: store.copy(key, "objects/b"),
        lambda: store.fetch_file(key, tmp_path / "nothing"),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            await call()


async def test_a_client_puts_and_reads_by_signed_addresses(store: ObjectStore, key: str) -> None:
    put = store.presign_put(key, described(BYTES), now=NOW, life=timedelta(hours=1))
    assert (await put_bytes(put, BYTES)).status_code == 200
    answer = await get_bytes(store.presign_get(key, content_type="image/webp", now=NOW, life=timedelta(hours=1)).url)
    assert (answer.content, answer.headers["content-type"]) == (BYTES, "image/webp")
    assert answer.headers["cache-control"] == "private, max-age=3600, immutable"


async def test_addresses_for_clients_name_the_public_endpoint(place: S3Place) -> None:
    async with open_store(replace(place, public_endpoint_url="https://media.example.org/")) as store:
        signed = store.presign_get("objects/a/b", content_type="image/webp", now=NOW, life=timedelta(hours=1))
    assert signed.url.startswith(f"https://media.example.org/{place.bucket}/objects/a/b?")


async def test_a_storage_that_is_away_is_unavailable(place: S3Place) -> None:
    async with open_store(replace(place, endpoint_url=f"http://127.0.0.1:{free_port()}")) as store:
        for call in (
            store.check,
            lambda: store.read("a", bytes_max=1),
            lambda: store.head("a"),
            lambda: store.delete(["a", "b"]),
        ):
            with pytest.raises(Unavailable):
                await call()


async def test_what_a_store_calls_gone_already_counts_as_deleted(place: S3Place) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with open_store(replace(place, endpoint_url=url)) as store:
            await store.delete(["gone", "gone as well"])


async def test_a_missing_bucket_is_unavailable(place: S3Place) -> None:
    async with open_store(replace(place, bucket="no-such-bucket")) as store:
        await expect_unavailable(store)


async def test_a_lab_without_its_bucket_is_not_ready(container: Container, place: S3Place) -> None:
    await dependency_checks(container)["storage"]()
    async with open_store(replace(place, bucket="no-such-bucket")) as store:
        checks = dependency_checks(replace(container, store=store))
        with pytest.raises(Unavailable, match="bucket"):
            await checks["storage"]()


async def expect_unavailable(store: S3ObjectStore) -> None:
    with pytest.raises(Unavailable, match="bucket"):
        await store.check()
