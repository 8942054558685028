"""Learning who a character is, and whom it looks like."""

import pytest

from bootstrap.container import Container
from domain.characters.models import CharacterState
from domain.characters.policies import calibrate_threshold
from domain.characters.use_cases.calibrate_identity import calibrate_identity
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import NOW, PROFILE, SPACE, vector


async def test_a_calibrated_character_is_ready_with_centre_and_threshold(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    vectors = [vector(-30), vector(30)]

    peter = await lab.learned("Peter", *vectors)

    assert peter.state is CharacterState.READY
    assert peter.calibration is not None
    assert (peter.calibration.space, peter.calibration.images) == (SPACE.key, 2)
    assert peter.calibration.threshold == pytest.approx(calibrate_threshold(vectors, PROFILE), abs=1e-6)
    async with lab.begin() as work:
        centre = await work.identities.centre_of(peter.id)
    assert centre is not None
    assert centre.vector == pytest.approx(vector(0), abs=1e-6)
    assert (await lab.events(peter.id))[-1] == "IdentityCalibrated"


async def test_calibrating_twice_changes_nothing(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.learned("Peter", vector(0))
    before = await lab.written()

    await lab.calibrate(peter.id)

    assert (await lab.written(), await lab.find(peter.id)) == (before, peter)


async def test_a_calibration_of_pictures_as_they_were_is_dropped(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.create(pictures=1)
    (image,) = await lab.images(peter.id)
    await lab.record(image, await lab.read(vector(0)))

    async with lab.begin() as work:
        await calibrate_identity(work, character_id=peter.id, revision=0, profile=PROFILE, now=NOW)

    found = await lab.find(peter.id)
    assert found is not None
    assert found.state is CharacterState.LEARNING


async def test_characters_that_look_alike_are_warned_of_once_on_both_sides(container: Container) -> None:
    lab = await CharacterLab.opened(container)
    peter = await lab.learned("Peter", vector(0), vector(10))
    twin = await lab.learned("Twin", vector(5), vector(15))
    other = await lab.learned("Other", vector(90))

    async with lab.begin() as work:
        warnings = await work.character_reads.look_alikes_of_many([peter.id, twin.id, other.id])

    assert {key: [each.other_id for each in found] for key, found in warnings.items()} == {
        peter.id: [twin.id],
        twin.id: [peter.id],
    }
    assert (await lab.events(peter.id)).count("LookAlikeFound") == 1
    assert (await lab.events(twin.id)).count("LookAlikeFound") == 1
    assert "LookAlikeFound" not in await lab.events(other.id)


async def test_look_alikes_of_another_workspace_are_nobodys_business(container: Container) -> None:
    ours, theirs = await CharacterLab.opened(container), await CharacterLab.opened(container)
    await theirs.learned("Twin", vector(0))

    peter = await ours.learned("Peter", vector(0))

    assert "LookAlikeFound" not in await ours.events(peter.id)
