"""What reading a picture comes to, written down once."""

from bootstrap.container import Container
from domain.characters.models import CharacterState, ImageState
from domain.characters.use_cases.record_image import ImageRejected
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import facts, vector


async def test_a_read_picture_holds_its_copies_and_lets_the_upload_go(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=1)
    (pending,) = await lab.images(peter.id)
    outcome = await lab.read(vector(0))

    await lab.record(pending, outcome)

    (image,) = await lab.images(peter.id)
    assert (image.state, image.facts, image.copies) == (ImageState.READY, outcome.facts, outcome.copies)
    references = await lab.references()
    assert [references[each] for each in outcome.copies.object_ids] == [1, 1, 1]
    assert pending.source_id is not None
    assert references[pending.source_id] == 0


async def test_the_last_picture_to_be_read_asks_for_the_calibration(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=2)
    first, last = await lab.images(peter.id)

    await lab.record(last, await lab.read(vector(0)))
    asked_early = [kind for kind, _ in await lab.jobs() if kind == "characters.calibrate"]
    await lab.record(first, await lab.read(vector(40)))

    assert asked_early == []
    assert [kind for kind, _ in await lab.jobs()].count("characters.calibrate") == 1
    assert (await lab.events(peter.id))[-2:] == ["ImageIngested", "ImageIngested"]


async def test_reading_a_picture_twice_changes_nothing(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=1)
    (image,) = await lab.images(peter.id)
    await lab.record(image, await lab.read(vector(0)))
    again = await lab.read(vector(0))
    before, character = await lab.written(), await lab.find(peter.id)

    await lab.record(image, again)
    await lab.record(image, ImageRejected("damaged"))

    assert (await lab.written(), await lab.find(peter.id)) == (before, character)


async def test_a_refused_picture_says_why_and_keeps_nothing(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=1)
    (image,) = await lab.images(peter.id)

    await lab.record(image, ImageRejected("too_many_pixels"))

    (image,) = await lab.images(peter.id)
    assert (image.state, image.refusal, image.object_ids) == (ImageState.REFUSED, "too_many_pixels", ())
    assert (await lab.events(peter.id))[-1] == "ImageRefused"
    assert set((await lab.references()).values()) == {0}


async def test_a_duplicate_is_flagged_whichever_is_read_first(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=2)
    first, second = await lab.images(peter.id)

    await lab.record(second, await lab.read(vector(0), measured=facts(perceptual_hash=0b1)))
    await lab.record(first, await lab.read(vector(1), measured=facts(perceptual_hash=0b11)))

    found = await lab.images(peter.id)
    assert [image.duplicate_of for image in found] == [None, first.id]
    assert (await lab.events(peter.id)).count("DuplicateFound") == 1


async def test_a_character_of_refused_pictures_needs_attention(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=1)
    (image,) = await lab.images(peter.id)
    await lab.record(image, ImageRejected("truncated"))

    await lab.calibrate(peter.id)

    found = await lab.find(peter.id)
    assert found is not None
    assert found.state is CharacterState.NEEDS_ATTENTION
    assert (await lab.events(peter.id))[-1] == "IdentityMissing"
