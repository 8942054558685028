"""Changing, adding to, taking from and deleting characters."""

from datetime import timedelta

import pytest

from bootstrap.container import Container
from domain.characters.errors import CharacterNotFound, ImageNotFound
from domain.characters.models import CharacterState
from domain.characters.ports import Centre
from domain.characters.texts import checked_texts
from domain.characters.use_cases.add_reference_images import add_reference_images
from domain.characters.use_cases.delete_character import delete_character
from domain.characters.use_cases.remove_reference_image import remove_reference_image
from domain.characters.use_cases.update_character import TextChanges, update_character
from domain.errors import Invalid
from domain.identifiers import CharacterId, ImageId
from domain.media.policies import OBJECT_GRACE
from domain.media.use_cases import sweep_objects
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import NOW, SPACE, facts, vector

LATER = NOW + timedelta(minutes=1)


async def test_only_the_given_texts_change(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create("Peter")

    async with lab.begin() as work:
        changed = await update_character(
            work, character_id=peter.id, changes=TextChanges(aliases=["Rabbit"]), now=LATER
        )

    assert changed.texts == checked_texts(name="Peter", aliases=["Rabbit"])
    assert await lab.find(peter.id) == changed
    assert (await lab.events(peter.id))[-1] == "CharacterUpdated"


async def test_a_change_that_changes_nothing_is_not_told(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create("Peter")

    async with lab.begin() as work:
        changed = await update_character(work, character_id=peter.id, changes=TextChanges(name=" Peter "), now=LATER)

    assert changed == peter
    assert await lab.events(peter.id) == ["CharacterCreated"]


async def test_more_pictures_come_behind_those_that_are_there(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.learned("Peter", vector(0))

    async with lab.begin() as work:
        changed, added = await add_reference_images(
            work, character_id=peter.id, upload_ids=[await lab.upload()], now=LATER
        )

    assert (changed.state, changed.calibration) == (CharacterState.LEARNING, peter.calibration)
    assert [image.position for image in added] == [1]
    assert (await lab.jobs())[-1] == ("characters.ingest_image", "queued")


async def test_no_pictures_are_no_addition(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create()

    async with lab.begin() as work:
        with pytest.raises(Invalid):
            await add_reference_images(work, character_id=peter.id, upload_ids=[], now=LATER)


async def test_a_removed_picture_is_unlearned(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.learned("Peter", vector(0), vector(40))
    first, _ = await lab.images(peter.id)

    async with lab.begin() as work:
        await remove_reference_image(work, image_id=first.id, now=LATER)
    await lab.calibrate(peter.id)

    async with lab.begin() as work:
        centre = await work.identities.centre_of(peter.id)
    assert centre is not None
    assert centre.vector == pytest.approx(vector(40), abs=1e-6)
    references = await lab.references()
    assert {references[each] for each in first.object_ids} == {0}


async def test_when_an_original_goes_its_duplicate_teaches(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=2)
    for image in await lab.images(peter.id):
        await lab.record(image, await lab.read(vector(0), measured=facts(perceptual_hash=7)))
    first, second = await lab.images(peter.id)
    assert second.duplicate_of == first.id

    async with lab.begin() as work:
        await remove_reference_image(work, image_id=first.id, now=LATER)

    (left,) = await lab.images(peter.id)
    assert left.can_teach


async def test_deletion_leaves_no_row_no_vector_and_after_the_sweep_no_object(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    await lab.learned("Twin", vector(2))
    peter = await lab.learned("Peter", vector(0), vector(1))
    held = [each for image in await lab.images(peter.id) for each in image.object_ids]
    async with lab.begin() as work:
        stored = await work.objects.find_many(lab.workspace_id, held)

    async with lab.begin() as work:
        await delete_character(work, character_id=peter.id, now=LATER)
    await sweep_objects(lab.container.system_work, store=container.store, now=LATER + OBJECT_GRACE * 2)

    assert await lab.find(peter.id) is None
    assert await lab.images(peter.id) == []
    async with lab.begin() as work:
        near = await work.identities.nearest(Centre(SPACE.key, vector(0)), limit=10)
        assert await work.objects.find_many(lab.workspace_id, held) == {}
    assert peter.id not in {each.character_id for each in near}
    assert (await lab.written())["look_alikes"] == 0
    assert [await container.store.head(each.key) for each in stored.values()] == [None] * len(held)
    assert (await lab.events(peter.id))[-1] == "CharacterDeleted"


async def test_deletion_stops_what_was_being_done(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=1)

    async with lab.begin() as work:
        await delete_character(work, character_id=peter.id, now=LATER)

    assert await lab.jobs() == [("characters.ingest_image", "canceled")]
    assert set((await lab.references()).values()) == {0}


async def test_what_is_not_there_cannot_be_changed(container: Container) -> None:
    lab, theirs = await CharacterLab.opened(container), await CharacterLab.opened(container)
    foreign = await theirs.create(pictures=1)
    (image,) = await theirs.images(foreign.id)

    for key in (foreign.id, CharacterId(container.new_id())):
        async with lab.begin() as work:
            with pytest.raises(CharacterNotFound):
                await update_character(work, character_id=key, changes=TextChanges(name="Mine"), now=LATER)
            with pytest.raises(CharacterNotFound):
                await delete_character(work, character_id=key, now=LATER)
    for image_id in (image.id, ImageId(container.new_id())):
        async with lab.begin() as work:
            with pytest.raises(ImageNotFound):
                await remove_reference_image(work, image_id=image_id, now=LATER)
