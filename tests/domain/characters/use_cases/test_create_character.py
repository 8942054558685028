"""Creating characters from uploads."""

import pytest

from bootstrap.container import Container
from domain.characters.errors import TooManyImages
from domain.characters.models import CharacterState, ImageState
from domain.characters.texts import checked_texts
from domain.characters.use_cases.create_character import create_character
from domain.identifiers import UploadId
from domain.media.errors import UploadAlreadyClaimed, UploadNotFound
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import NOW


async def test_one_transaction_writes_character_images_jobs_and_events(container: Container) -> None:
    lab = await CharacterLab.opened(container)

    peter = await lab.create(pictures=2)

    images = await lab.images(peter.id)
    assert [(image.position, image.state) for image in images] == [(0, ImageState.PENDING), (1, ImageState.PENDING)]
    assert await lab.find(peter.id) == peter
    assert peter.state is CharacterState.LEARNING
    assert await lab.jobs() == [("characters.ingest_image", "queued")] * 2
    assert await lab.events(peter.id) == ["CharacterCreated", "ImageAdded", "ImageAdded"]
    assert set((await lab.references()).values()) == {1}


async def test_a_character_without_pictures_needs_attention(container: Container) -> None:
    lab = await CharacterLab.opened(container)

    assert (await lab.create()).state is CharacterState.NEEDS_ATTENTION
    assert await lab.jobs() == []


async def test_an_upload_named_twice_is_one_picture(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    upload_id = await lab.upload()

    async with lab.begin() as work:
        peter = await create_character(
            work,
            workspace_id=lab.workspace_id,
            texts=checked_texts(name="Peter"),
            upload_ids=[upload_id] * 2,
            now=NOW,
        )

    assert len(await lab.images(peter.id)) == 1


async def refused(lab: CharacterLab, upload_ids: list[UploadId], fact: type[Exception]) -> None:
    """Assert that creating with these uploads is refused, and that nothing was written."""
    before = await lab.written()
    with pytest.raises(fact):
        async with lab.begin() as work:
            await create_character(
                work,
                workspace_id=lab.workspace_id,
                texts=checked_texts(name="Peter"),
                upload_ids=upload_ids,
                now=NOW,
            )
    assert await lab.written() == before


async def test_an_upload_in_use_is_refused_and_nothing_is_written(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    used = await lab.upload()
    async with lab.begin() as work:
        await create_character(
            work, workspace_id=lab.workspace_id, texts=checked_texts(name="One"), upload_ids=[used], now=NOW
        )

    await refused(lab, [await lab.upload(), used], UploadAlreadyClaimed)


async def test_anothers_upload_is_refused_and_nothing_is_written(container: Container) -> None:
    ours, theirs = await CharacterLab.opened(container), await CharacterLab.opened(container)

    await refused(ours, [await theirs.upload()], UploadNotFound)


async def test_more_pictures_than_a_character_holds_are_refused(container: Container) -> None:
    lab = await CharacterLab.opened(container)

    await refused(lab, [UploadId(container.new_id()) for _ in range(51)], TooManyImages)
