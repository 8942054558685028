"""Characters and images as rows."""

from dataclasses import replace
from datetime import timedelta

from bootstrap.container import Container
from domain.characters.identity import PictureFault, QualityVerdict
from domain.characters.models import Calibration
from domain.characters.texts import checked_texts
from domain.characters.views import Facing, Framing, View
from tests.builders_characters import NOW, SPACE, character, copies, facts, image
from tests.builders_workspaces import new_workspace


async def test_a_character_comes_back_as_it_was_written(container: Container) -> None:
    workspace_id = await new_workspace(container)
    red = replace(
        character(workspace_id),
        texts=checked_texts(
            name="小红帽", aliases=["Red 'Cap'"], description="a \\ girl", metadata={"age": [9, None, {"ü": 1.5}]}
        ),
        calibration=Calibration(SPACE.key, 0.61, 4),
        revision=7,
    )

    async with container.work(workspace_id) as work:
        await work.characters.add(red)
    async with container.work(workspace_id) as work:
        assert await work.characters.find(red.id) == red
        assert await work.characters.lock(red.id) == red


async def test_a_changed_character_comes_back_changed(container: Container) -> None:
    workspace_id = await new_workspace(container)
    peter = character(workspace_id)
    renamed = peter.described_as(checked_texts(name="Benjamin"), now=NOW + timedelta(seconds=5))

    async with container.work(workspace_id) as work:
        await work.characters.add(peter)
        await work.characters.save(renamed)
        assert await work.characters.find(peter.id) == renamed


async def test_an_image_comes_back_as_it_was_read(container: Container) -> None:
    workspace_id = await new_workspace(container)
    peter = character(workspace_id)
    pending = image(peter)
    seen = View(Framing.BUST, Facing.RIGHT)
    blurred = replace(facts(is_embedded=False, view=seen), faults=(QualityVerdict(PictureFault.BLURRED, 11.5, 40.0),))
    refused = image(peter, position=1).refused("truncated")
    read = replace(pending.accepted(copies(), blurred), copies=None)

    async with container.work(workspace_id) as work:
        await work.characters.add(peter)
        await work.characters.add_images([pending, refused])
        assert await work.characters.images_of(peter.id) == [pending, refused]
        await work.characters.save_image(read)
        assert await work.characters.find_image(pending.id) == read


async def test_another_workspaces_character_is_not_there(container: Container) -> None:
    ours, theirs = await new_workspace(container), await new_workspace(container)
    peter = character(theirs)
    async with container.work(theirs) as work:
        await work.characters.add(peter)
        await work.characters.add_images([pending := image(peter)])

    async with container.system_database.work(ours) as work:
        assert await work.characters.find(peter.id) is None
        assert await work.characters.find_image(pending.id) is None
        assert await work.character_reads.find_many([peter.id]) == {}
        await work.characters.remove(peter.id)
    async with container.work(theirs) as work:
        assert await work.characters.find(peter.id) == peter
