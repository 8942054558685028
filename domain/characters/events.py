"""What happens to characters, as written in their streams; `docs/lifecycles.md` draws the states behind them."""

from enum import StrEnum
from uuid import UUID

from domain.characters.models import Character, CharacterImage
from domain.events import Event, Json, Stream, StreamKind
from domain.identifiers import CharacterId, ImageId, WorkspaceId


class CharacterEvent(StrEnum):
    """The names of a character's events."""

    CHARACTER_CREATED = "CharacterCreated"
    CHARACTER_UPDATED = "CharacterUpdated"
    CHARACTER_DELETED = "CharacterDeleted"
    IMAGE_ADDED = "ImageAdded"
    IMAGE_REMOVED = "ImageRemoved"
    IMAGE_INGESTED = "ImageIngested"
    IMAGE_REFUSED = "ImageRefused"
    DUPLICATE_FOUND = "DuplicateFound"
    IDENTITY_CALIBRATED = "IdentityCalibrated"
    IDENTITY_MISSING = "IdentityMissing"
    LOOK_ALIKE_FOUND = "LookAlikeFound"


def character_stream(workspace_id: WorkspaceId, character_id: CharacterId) -> Stream:
    """Answer the stream of one character."""
    return Stream(StreamKind.CHARACTER, UUID(str(character_id)), workspace_id)


def told_of(character: Character, happened: CharacterEvent, **data: Json) -> Event:
    """Answer an event of a character; every one carries the state that it left the character in."""
    told: dict[str, Json] = {"characterId": str(character.id), "state": character.state.value, **data}
    return Event(character_stream(character.workspace_id, character.id), happened.value, told)


def character_created(character: Character, images: int) -> Event:
    return told_of(character, CharacterEvent.CHARACTER_CREATED, name=character.name, images=images)


def character_updated(character: Character) -> Event:
    return told_of(character, CharacterEvent.CHARACTER_UPDATED, name=character.name)


def character_deleted(character: Character) -> Event:
    return told_of(character, CharacterEvent.CHARACTER_DELETED, name=character.name)


def image_added(character: Character, image: CharacterImage) -> Event:
    return told_of(character, CharacterEvent.IMAGE_ADDED, imageId=str(image.id))


def image_removed(character: Character, image: CharacterImage) -> Event:
    return told_of(character, CharacterEvent.IMAGE_REMOVED, imageId=str(image.id))


def image_ingested(character: Character, image: CharacterImage) -> Event:
    faults: list[Json] = [] if image.facts is None else [verdict.fault.value for verdict in image.facts.faults]
    return told_of(character, CharacterEvent.IMAGE_INGESTED, imageId=str(image.id), faults=faults)


def image_refused(character: Character, image: CharacterImage) -> Event:
    return told_of(character, CharacterEvent.IMAGE_REFUSED, imageId=str(image.id), refusal=image.refusal)


def duplicate_found(character: Character, image_id: ImageId, original_id: ImageId) -> Event:
    return told_of(character, CharacterEvent.DUPLICATE_FOUND, imageId=str(image_id), duplicateOfId=str(original_id))


def identity_calibrated(character: Character) -> Event:
    learned = character.calibration
    threshold = None if learned is None else learned.threshold
    images = 0 if learned is None else learned.images
    return told_of(character, CharacterEvent.IDENTITY_CALIBRATED, threshold=threshold, images=images)


def identity_missing(character: Character) -> Event:
    return told_of(character, CharacterEvent.IDENTITY_MISSING)


def look_alike_found(character: Character, other_id: CharacterId, likeness: float) -> Event:
    return told_of(character, CharacterEvent.LOOK_ALIKE_FOUND, otherCharacterId=str(other_id), likeness=likeness)
