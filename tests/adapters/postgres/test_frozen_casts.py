"""The cast as renders freeze it."""

from sqlalchemy import text

from bootstrap.container import Container
from domain.characters.views import UNKNOWN, Facing, Framing, View
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import facts, vector

SEEN = (View(Framing.HEAD, Facing.LEFT), View(Framing.FULL))
# As rows were before views were measured.
FORGET = text("update character_images set quality = quality - 'framing' - 'facing' where workspace_id = :workspace")


async def test_a_cast_is_frozen_with_the_views_of_its_pictures(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    hare = await lab.create("Hare", pictures=2)
    for number, (image, view) in enumerate(zip(await lab.images(hare.id), SEEN, strict=True)):
        await lab.record(image, await lab.read(vector(60 * number), measured=facts(perceptual_hash=-number, view=view)))

    async with lab.begin() as work:
        (frozen,) = await work.frozen_casts.freeze([hare.id])
    assert [each.view for each in frozen.cut_outs] == list(SEEN)

    async with container.system_work() as work:
        await work.session.execute(FORGET, {"workspace": lab.workspace_id})
    async with lab.begin() as work:
        (old,) = await work.frozen_casts.freeze([hare.id])
    assert [each.view for each in old.cut_outs] == [UNKNOWN, UNKNOWN]
    assert old == frozen


async def test_a_picture_in_which_no_figure_was_found_is_no_reference(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    hare = await lab.create("Hare", pictures=2)
    empty, seen = await lab.images(hare.id)
    await lab.record(empty, await lab.read(None))
    await lab.record(seen, await lab.read(vector(1)))

    async with lab.begin() as work:
        (frozen,) = await work.frozen_casts.freeze([hare.id])
    _, kept = await lab.images(hare.id)
    assert kept.copies is not None
    assert [each.object_id for each in frozen.cut_outs] == [kept.copies.cut_out_id]


async def test_nobody_of_another_workspace_is_frozen(container: Container) -> None:
    lab, theirs = await CharacterLab.opened(container), await CharacterLab.opened(container)
    hare, foreign = await lab.learned("Hare", vector(0)), await theirs.learned("Hare", vector(0))

    async with lab.begin() as work:
        frozen = await work.frozen_casts.freeze([hare.id, foreign.id])
    assert [each.character_id for each in frozen] == [hare.id]
