"""A feed that comes from another cluster of servers is told anew, and cursors of before expire once."""

from uuid import UUID

import pytest

from adapters.postgres.feed_rebase import check_feed
from adapters.postgres.migrations import migrate
from bootstrap.clock import new_id
from bootstrap.container import Container
from bootstrap.settings import Settings
from domain.errors import Unavailable
from domain.events import CursorExpired, Event, Stream, StreamKind
from domain.identifiers import WorkspaceId
from tests.builders_jobs import Bench, names

FAR = 1_000_000_000


@pytest.fixture
async def workspace_id(container: Container) -> WorkspaceId:
    return await Bench(container).add_workspace()


async def tell(container: Container, workspace_id: WorkspaceId, name: str, stream_id: UUID | None = None) -> None:
    async with container.work(workspace_id) as work:
        stream = Stream(StreamKind.RENDER, stream_id or new_id(), workspace_id)
        await work.events.append(Event(stream, name))


async def restore(container: Container, *, ahead: int = FAR) -> None:
    """Number the transactions as a cluster that has come further did, as a dump of it would bring them."""
    bench = Bench(container)
    await bench.as_owner(
        "update events set xid = cast(cast(cast(cast(xid as text) as bigint) + :ahead as text) as xid8)", ahead=ahead
    )
    await bench.as_owner(
        "insert into feed_marks select distinct on (workspace_id) workspace_id, xid, 0 from events"
        " order by workspace_id, xid desc"
    )


async def bring_over(settings: Settings) -> None:
    assert settings.database.owner_url
    await migrate(settings.database.owner_url.get_secret_value())


async def test_a_restored_feed_is_told_whole_in_the_order_of_its_streams(
    container: Container, settings: Settings, workspace_id: WorkspaceId
) -> None:
    stream_id = new_id()
    for name in ("First", "Second", "Third"):
        await tell(container, workspace_id, name, stream_id)
    await restore(container)
    assert await container.feed.read_workspace(workspace_id, after=None) == []
    await bring_over(settings)
    await tell(container, workspace_id, "Fourth", stream_id)
    events = await container.feed.read_workspace(workspace_id, after=None, limit=2)
    more = await container.feed.read_workspace(workspace_id, after=events[-1].cursor)
    events = [*events, *more]
    assert names(events) == ["First", "Second", "Third", "Fourth"]
    assert await container.feed.read_workspace(workspace_id, after=events[-1].cursor) == []


async def test_cursors_of_the_old_cluster_expire_even_when_the_count_has_passed_them(
    container: Container, settings: Settings, workspace_id: WorkspaceId
) -> None:
    await tell(container, workspace_id, "Before")
    # A few transactions ahead: what happens next in the new cluster passes them.
    await restore(container, ahead=20)
    cursor = str(await Bench(container).as_owner_answer("select cast(xid as text) || '-' || id from events"))
    await bring_over(settings)
    for _ in range(30):
        await tell(container, workspace_id, "After")
    xid = cursor.partition("-")[0]
    for old in (cursor, f"{xid}-0", f"{FAR}-0"):
        with pytest.raises(CursorExpired):
            await container.feed.read_workspace(workspace_id, after=old)


async def test_cursors_given_after_the_move_count(
    container: Container, settings: Settings, workspace_id: WorkspaceId
) -> None:
    await tell(container, workspace_id, "Before")
    await restore(container)
    await bring_over(settings)
    cursor = await container.feed.newest_cursor(workspace_id)
    await tell(container, workspace_id, "After")
    assert names(await container.feed.read_workspace(workspace_id, after=cursor)) == ["After"]


async def test_a_feed_of_the_cluster_itself_is_left_alone(
    container: Container, settings: Settings, workspace_id: WorkspaceId
) -> None:
    await tell(container, workspace_id, "Before")
    before = await container.feed.read_workspace(workspace_id, after=None)
    await bring_over(settings)
    assert await container.feed.read_workspace(workspace_id, after=None) == before
    assert (await container.feed.newest_cursor(workspace_id)).endswith("-0")


async def test_the_doctor_sees_a_feed_of_another_cluster(
    container: Container, settings: Settings, workspace_id: WorkspaceId
) -> None:
    url = settings.database.system_url.get_secret_value()
    await tell(container, workspace_id, "Before")
    await check_feed(url)
    await restore(container)
    with pytest.raises(Unavailable, match="another cluster"):
        await check_feed(url)
    await bring_over(settings)
    await check_feed(url)
