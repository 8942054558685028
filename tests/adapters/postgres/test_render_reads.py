"""Lists and batches of renders, in a constant number of statements."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.render_reads import PostgresRenderReads
from bootstrap.container import Container
from domain.errors import Invalid
from domain.identifiers import RenderId
from domain.paging import PageRequest
from domain.renders.models import Render
from tests.builders_film_crew import Crew, open_studio


@pytest.fixture
async def crew(container: Container) -> Crew:
    return await open_studio(container)


def reads(crew: Crew, session: AsyncSession) -> PostgresRenderReads:
    return PostgresRenderReads(session, workspace_id=crew.workspace_id)


async def test_a_render_is_read_as_it_was_written(crew: Crew) -> None:
    written = await crew.film()
    async with crew.work() as work:
        found = await reads(crew, work.session).find_many([written.id])
    assert found == {written.id: written}
    assert written.film is not None


async def test_renders_are_paged_newest_first(crew: Crew) -> None:
    renders: list[Render] = [await crew.order() for _ in range(3)]
    wanted = [render.id for render in reversed(renders)]
    async with crew.work() as work:
        first = await reads(crew, work.session).page(PageRequest(first=2))
        rest = await reads(crew, work.session).page(PageRequest(first=2, after=first.edges[-1].cursor))
    assert [edge.item.id for edge in (*first.edges, *rest.edges)] == wanted
    assert (first.has_next, rest.has_next) == (True, False)


async def test_a_cursor_of_another_list_is_refused(crew: Crew) -> None:
    async with crew.work() as work:
        with pytest.raises(Invalid):
            await reads(crew, work.session).page(PageRequest(after="nowhere"))


async def test_only_a_storyboards_own_renders_are_listed_when_asked(crew: Crew, container: Container) -> None:
    render, foreign = await crew.order(), await (await open_studio(container)).order()
    async with crew.work() as work:
        own = await reads(crew, work.session).page(PageRequest(), storyboard_id=render.storyboard_id)
        none = await reads(crew, work.session).page(PageRequest(), storyboard_id=foreign.storyboard_id)
    assert ([edge.item.id for edge in own.edges], list(none.edges)) == ([render.id], [])


async def test_shots_and_takes_come_by_render_in_order(crew: Crew) -> None:
    render = await crew.film()
    async with crew.work() as work:
        shots = await reads(crew, work.session).shots_of_many([render.id])
        takes = await reads(crew, work.session).takes_of_many([render.id])
    assert [shot.shot.number for shot in shots[render.id]] == [1, 2, 3]
    assert all(take.is_accepted and take.clip for take in takes[render.id])


async def test_each_character_knows_the_newest_render_that_it_is_in(crew: Crew, container: Container) -> None:
    await crew.order()
    newest, foreign = await crew.order(), await (await open_studio(container)).order()
    hare, stranger = (render.snapshot.cast[0].character_id for render in (newest, foreign))
    async with crew.work() as work:
        found = await reads(crew, work.session).latest_with([hare, stranger])
    assert {character: render.id for character, render in found.items()} == {hare: newest.id}


async def test_another_workspace_sees_none_of_it(crew: Crew, container: Container) -> None:
    render = await crew.order()
    stranger = await open_studio(container)
    async with stranger.work() as work:
        assert await work.renders.find(render.id) is None
        assert await work.renders.lock(RenderId(render.id)) is None
        assert list(await work.renders.shots(render.id)) == []
        assert await reads(stranger, work.session).find_many([render.id]) == {}
