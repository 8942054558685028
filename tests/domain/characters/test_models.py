"""The states of characters and their pictures."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bootstrap.clock import new_id
from domain.characters.errors import ImageAlreadyRead
from domain.characters.models import Calibration, Character, CharacterImage, CharacterState, ImageState, ImageType
from domain.identifiers import ImageId, ObjectId
from tests.builders_characters import NOW, SPACE, character, copies, facts, image, read_image

LATER = NOW + timedelta(minutes=1)
LEARNED = Calibration(SPACE.key, 0.5, 3)
MOVES: dict[str, tuple[Callable[[Character], Character], CharacterState]] = {
    "pictures changed": (lambda one: one.with_pictures_changed(now=LATER), CharacterState.LEARNING),
    "calibrated": (lambda one: one.calibrated(LEARNED, now=LATER), CharacterState.READY),
    "without identity": (lambda one: one.without_identity(now=LATER), CharacterState.NEEDS_ATTENTION),
}
READINGS: dict[str, Callable[[CharacterImage], CharacterImage]] = {
    "accepted": lambda seen: seen.accepted(copies(), facts()),
    "refused": lambda seen: seen.refused("damaged"),
}


@pytest.mark.parametrize("state", CharacterState)
@pytest.mark.parametrize("move", MOVES)
def test_every_move_leads_to_its_state_from_every_state(state: CharacterState, move: str) -> None:
    moved, expected = MOVES[move]

    after = moved(character(state=state))

    assert (after.state, after.updated_at) == (expected, LATER)


def test_changed_pictures_raise_the_revision_and_keep_what_was_learned() -> None:
    changed = character().calibrated(LEARNED, now=NOW).with_pictures_changed(now=LATER)

    assert (changed.revision, changed.calibration) == (1, LEARNED)


def test_a_character_without_identity_has_no_threshold_left() -> None:
    assert character().calibrated(LEARNED, now=NOW).without_identity(now=LATER).calibration is None


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("state", [ImageState.READY, ImageState.REFUSED])
def test_a_picture_is_read_once(state: ImageState, reading: str) -> None:
    seen = read_image(character()) if state is ImageState.READY else image(character()).refused("truncated")

    with pytest.raises(ImageAlreadyRead):
        READINGS[reading](seen)


def test_what_was_uploaded_is_let_go_when_the_picture_is_read() -> None:
    source = ObjectId(new_id())
    made = copies()
    pending = image(character(), source_id=source)

    assert pending.object_ids == (source,)
    assert pending.accepted(made, facts()).object_ids == (made.working_id, made.thumbnail_id, made.cut_out_id)
    assert pending.refused("damaged").object_ids == ()


def test_only_read_references_with_a_vector_teach() -> None:
    peter = character()
    generated = image(peter, kind=ImageType.GENERATED).accepted(copies(), facts())

    assert read_image(peter).can_teach
    assert not image(peter).can_teach
    assert not image(peter).refused("damaged").can_teach
    assert not generated.can_teach
    assert not read_image(peter, is_embedded=False).can_teach
    assert not read_image(peter).as_duplicate_of(ImageId(new_id())).can_teach
