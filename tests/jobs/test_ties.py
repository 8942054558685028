"""A bucket is swept by the lab alone whose mark it has."""

import asyncio

import pytest
from typer.testing import CliRunner

from bootstrap.bucket import check_bucket
from bootstrap.cli import app
from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack
from bootstrap.settings import Settings
from domain.media.errors import BucketNotOurs
from domain.media.policies import MARK_KEY
from domain.media.ties import find_mark, tie_bucket
from jobs.media import sweep_bucket, tie
from tests.builders_bucket import keys_in_bucket, with_own_bucket
from tests.builders_jobs import Bench
from tests.builders_media import Tenant
from tests.builders_workspaces import new_workspace

OLD_KEY = "objects/of/a/lab/that/was"


@pytest.fixture
def settings(settings: Settings, stack: EmbeddedStack) -> Settings:
    own = with_own_bucket(settings, stack)
    # Whatever is there is old enough.
    return own.model_copy(update={"storage": own.storage.model_copy(update={"stray_seconds": 0})})


async def put_stray(container: Container) -> None:
    await container.store.put(OLD_KEY, b"a film", content_type="video/mp4")


async def become_another_lab(container: Container) -> None:
    await Bench(container).as_owner("update lab set id = gen_random_uuid()")


async def test_an_empty_bucket_is_the_labs_who_comes_first(container: Container) -> None:
    await tie(container)
    assert await find_mark(container.store)
    await put_stray(container)
    for _ in range(2):
        await sweep_bucket(container)
    assert await keys_in_bucket(container) == []
    assert await find_mark(container.store)


async def test_a_new_database_deletes_nothing_in_a_full_bucket(container: Container, settings: Settings) -> None:
    await put_stray(container)
    # Not even when somebody has begun to work with it.
    await Tenant(container, await new_workspace(container)).store()
    for _ in range(3):
        assert await sweep_bucket(container) == 0
    assert OLD_KEY in await keys_in_bucket(container)
    assert await find_mark(container.store) is None
    async with container.system_work() as work:
        assert await work.strays.list_marked(before=await work.strays.now(), limit=9) == []
    with pytest.raises(BucketNotOurs, match="knows nothing"):
        await check_bucket(settings)


async def test_a_bucket_with_another_labs_mark_is_left_alone(container: Container, settings: Settings) -> None:
    await tie(container)
    await put_stray(container)
    await become_another_lab(container)
    for _ in range(3):
        assert await sweep_bucket(container) == 0
    assert await keys_in_bucket(container) == [OLD_KEY]
    with pytest.raises(BucketNotOurs, match="another lab's"):
        await check_bucket(settings)


async def test_a_bucket_that_holds_only_what_the_database_knows_is_tied(container: Container) -> None:
    tenant = Tenant(container, await new_workspace(container))
    await tenant.store()
    await tenant.put_upload()
    await tie_bucket(container.system_work, store=container.store)
    assert await find_mark(container.store)


async def test_a_lab_that_is_older_than_the_marks_takes_its_bucket(container: Container, settings: Settings) -> None:
    await put_stray(container)
    await Bench(container).as_owner("update lab set had_objects = true")
    assert "not marked yet" in await check_bucket(settings)
    await sweep_bucket(container)
    assert await sweep_bucket(container) == 1
    assert "as this lab's" in await check_bucket(settings)


async def test_a_file_that_is_no_mark_is_not_ours(container: Container) -> None:
    await container.store.put(MARK_KEY, b"x" * 5000, content_type="text/plain")
    with pytest.raises(BucketNotOurs):
        await tie_bucket(container.system_work, store=container.store)


async def test_a_bucket_is_adopted_by_hand(container: Container, settings: Settings, stack: EmbeddedStack) -> None:
    await tie(container)
    await become_another_lab(container)
    environment = dict(stack.environment()) | {
        "LAB_DATABASE__URL": settings.database.url.get_secret_value(),
        "LAB_DATABASE__SYSTEM_URL": settings.database.system_url.get_secret_value(),
        "LAB_STORAGE__BUCKET": settings.storage.bucket,
    }

    async def lab(*arguments: str, answer: str | None = None) -> int:
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment, input=answer)
        return result.exit_code

    assert await lab("storage", "adopt", answer="n\n") == 1
    with pytest.raises(BucketNotOurs):
        await check_bucket(settings)
    assert await lab("storage", "adopt", "--yes") == 0
    assert "as this lab's" in await check_bucket(settings)
