"""Vectors, nearest characters and look-alikes as rows."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.characters.identity import EmbeddingSpace, Vector
from domain.characters.models import Calibration, Character, CharacterImage, ImageType
from domain.characters.ports import Centre, LookAlikeWarning, Neighbour
from domain.identifiers import WorkspaceId
from tests.builders_characters import NOW, OTHER_SPACE, SPACE, character, copies, facts, image, read_image, vector
from tests.builders_workspaces import new_workspace

CROWD = text(
    """
    insert into characters
      (id, workspace_id, name, state, created_at, updated_at, embedding_space, threshold, embedding)
    select gen_random_uuid(), :workspace, 'Extra ' || n, 'ready', now(), now(), :space, 0.5,
      (select array_agg(case axis when 1 then 1 else cast(:spread as float) * sin(n * axis) / 28 end order by axis)
       from generate_series(1, 768) axis)::vector
    from generate_series(1, cast(:count as int)) n
    """
)


async def known(
    container: Container, workspace_id: WorkspaceId, centre: Vector, *, space: EmbeddingSpace = SPACE
) -> Character:
    """Write a calibrated character."""
    one = replace(character(workspace_id), calibration=Calibration(space.key, 0.5, 1))
    async with container.work(workspace_id) as work:
        await work.characters.add(one)
        await work.identities.keep_centre(one.id, Centre(space.key, centre))
    return one


async def add_picture(container: Container, image: CharacterImage, seen: Vector) -> CharacterImage:
    """Write a picture that was read, without copies, since no object is stored."""
    bare = replace(image, copies=None)
    async with container.work(image.workspace_id) as work:
        await work.characters.add_images([bare])
        await work.identities.keep_vector(bare.id, seen)
    return bare


async def nearest(
    container: Container, workspace_id: WorkspaceId, near: Centre, limit: int = 10
) -> Sequence[Neighbour]:
    async with container.work(workspace_id) as work:
        return await work.identities.nearest(near, limit=limit)


async def test_a_centre_comes_back_as_it_was_kept(container: Container) -> None:
    workspace_id = await new_workspace(container)
    one = await known(container, workspace_id, vector(30))

    async with container.work(workspace_id) as work:
        kept = await work.identities.centre_of(one.id)
        await work.identities.keep_centre(one.id, None)
        forgotten = await work.identities.centre_of(one.id)

    assert kept is not None
    assert kept.vector == pytest.approx(vector(30), abs=1e-7)
    assert (kept.space, forgotten) == (SPACE.key, None)


async def test_only_teaching_pictures_of_the_space_teach(container: Container) -> None:
    workspace_id = await new_workspace(container)
    one = await known(container, workspace_id, vector(0))
    second = await add_picture(container, read_image(one, position=1), vector(10))
    await add_picture(container, read_image(one, position=0), vector(0))
    await add_picture(container, read_image(one, position=2).as_duplicate_of(second.id), vector(20))
    await add_picture(
        container, image(one, position=3, kind=ImageType.GENERATED).accepted(copies(), facts()), vector(30)
    )
    await add_picture(container, image(one, position=4).accepted(copies(), facts(space=OTHER_SPACE)), vector(40))

    async with container.work(workspace_id) as work:
        teaching = await work.identities.teaching_vectors(one.id, SPACE)
        identities = await work.identities.identities([one.id], SPACE)

    assert [found[:2] for found in teaching] == [pytest.approx(vector(angle)[:2], abs=1e-6) for angle in (0, 10)]
    assert identities[one.id].vectors == tuple(teaching)
    assert identities[one.id].centre == pytest.approx(vector(5), abs=1e-6)


async def test_the_nearest_come_first_with_their_cosine(container: Container) -> None:
    workspace_id = await new_workspace(container)
    far, near = [await known(container, workspace_id, vector(angle)) for angle in (60, 10)]

    found = await nearest(container, workspace_id, Centre(SPACE.key, vector(0)))

    assert [each.character_id for each in found] == [near.id, far.id]
    assert [each.score for each in found] == pytest.approx([math.cos(math.radians(angle)) for angle in (10, 60)])


async def test_spaces_and_workspaces_never_meet(container: Container) -> None:
    ours, theirs = await new_workspace(container), await new_workspace(container)
    here = await known(container, ours, vector(80))
    await known(container, ours, vector(1), space=OTHER_SPACE)
    await known(container, theirs, vector(1))

    found = await nearest(container, ours, Centre(SPACE.key, vector(0)))

    assert [each.character_id for each in found] == [here.id]


async def crowd(container: Container, workspace_id: WorkspaceId, *, count: int, spread: float) -> None:
    """Write many calibrated characters around the first axis, the further the greater the spread."""
    async with container.work(workspace_id) as work:
        parameters = {"workspace": workspace_id, "space": SPACE.key, "count": count, "spread": spread}
        await work.session.execute(CROWD, parameters)


@pytest.mark.parametrize(("scan", "finds_all"), [("strict_order", True), ("off", False)])
async def test_filters_lose_no_neighbours_in_the_index(container: Container, scan: str, *, finds_all: bool) -> None:
    ours, theirs = await new_workspace(container), await new_workspace(container)
    # The strangers are all nearer than ours, and more than one look into the index finds.
    await crowd(container, theirs, count=300, spread=0.1)
    await crowd(container, ours, count=30, spread=2.0)

    async with container.work(ours) as work:
        # Among so few rows the planner would sort rather than use the index.
        for switch in ("seqscan", "bitmapscan", "sort"):
            await work.session.execute(text(f"set local enable_{switch} = off"))
        if not finds_all:
            await work.session.execute(text(f"set local hnsw.iterative_scan = {scan}"))
        found = await work.identities.nearest(Centre(SPACE.key, vector(0)), limit=20)

    assert (len(found) == 20) is finds_all


async def test_a_pair_is_seen_from_both_sides(container: Container) -> None:
    workspace_id = await new_workspace(container)
    one, other = [await known(container, workspace_id, vector(angle)) for angle in (0, 1)]
    async with container.work(workspace_id) as work:
        new = await work.identities.replace_look_alikes(one.id, {other.id: 0.9}, now=NOW)

        warnings = await work.character_reads.look_alikes_of_many([one.id, other.id])

    assert new == [other.id]
    assert warnings[one.id] == [LookAlikeWarning(one.id, other.id, 0.9, NOW)]
    assert warnings[other.id] == [LookAlikeWarning(other.id, one.id, 0.9, NOW)]


async def test_only_look_alikes_that_were_not_known_are_new(container: Container) -> None:
    workspace_id = await new_workspace(container)
    one, known_before, gone, new = [await known(container, workspace_id, vector(angle)) for angle in range(4)]
    async with container.work(workspace_id) as work:
        await work.identities.replace_look_alikes(one.id, {known_before.id: 0.9, gone.id: 0.9}, now=NOW)
    async with container.work(workspace_id) as work:
        answered = await work.identities.replace_look_alikes(one.id, {known_before.id: 0.8, new.id: 0.7}, now=NOW)

        warnings = await work.character_reads.look_alikes_of_many([one.id])

    assert answered == [new.id]
    assert [(each.other_id, each.likeness) for each in warnings[one.id]] == [(known_before.id, 0.8), (new.id, 0.7)]


async def test_removing_a_character_removes_vectors_and_warnings(container: Container) -> None:
    workspace_id = await new_workspace(container)
    one, other = [await known(container, workspace_id, vector(angle)) for angle in (0, 1)]
    picture = await add_picture(container, read_image(one), vector(0))
    async with container.work(workspace_id) as work:
        await work.identities.replace_look_alikes(one.id, {other.id: 0.9}, now=NOW)
        await work.characters.remove(one.id)

    async with container.work(workspace_id) as work:
        assert await work.characters.find_image(picture.id) is None
        assert await work.character_reads.look_alikes_of_many([other.id]) == {}
    found = await nearest(container, workspace_id, Centre(SPACE.key, vector(0)))
    assert [each.character_id for each in found] == [other.id]
