"""What happens to characters, as written in their streams; `docs/lifecycles.md` draws the states behind them."""

from enum import StrEnum
from uuid import UUID

from domain.characters.adapters import AdapterVersion
from domain.characters.models import Character, CharacterImage
from domain.characters.spaces import SpaceIdentity
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
    SPACE_LEARNED = "SpaceLearned"
    TRAINING_STARTED = "TrainingStarted"
    TRAINING_FAILED = "TrainingFailed"
    TRAINING_CANCELED = "TrainingCanceled"
    ADAPTER_TRAINED = "AdapterTrained"
    ADAPTER_REJECTED = "AdapterRejected"
    ADAPTER_PROMOTED = "AdapterPromoted"
    ADAPTER_ROLLED_BACK = "AdapterRolledBack"


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


def space_learned(character: Character, learned: SpaceIdentity) -> Event:
    told: dict[str, Json] = {"space": learned.space, "threshold": learned.threshold, "images": learned.images}
    return told_of(character, CharacterEvent.SPACE_LEARNED, **told)


def told_of_adapter(character: Character, happened: CharacterEvent, adapter: AdapterVersion, **data: Json) -> Event:
    """Answer an event of one version of a character's adapter; `inUse` is the version in use after it."""
    in_use = None if character.adapter_id is None else str(character.adapter_id)
    return told_of(character, happened, adapterId=str(adapter.id), number=adapter.number, inUse=in_use, **data)


def training_started(character: Character, adapter: AdapterVersion) -> Event:
    plan = adapter.plan
    return told_of_adapter(
        character, CharacterEvent.TRAINING_STARTED, adapter, pictures=plan.pictures, steps=plan.steps_max
    )


def training_failed(character: Character, adapter: AdapterVersion) -> Event:
    return told_of_adapter(character, CharacterEvent.TRAINING_FAILED, adapter, reason=adapter.refusal)


def training_canceled(character: Character, adapter: AdapterVersion) -> Event:
    return told_of_adapter(character, CharacterEvent.TRAINING_CANCELED, adapter)


def adapter_trained(character: Character, adapter: AdapterVersion) -> Event:
    return told_of_adapter(character, CharacterEvent.ADAPTER_TRAINED, adapter)


def adapter_rejected(character: Character, adapter: AdapterVersion) -> Event:
    return told_of_adapter(character, CharacterEvent.ADAPTER_REJECTED, adapter, refusal=adapter.refusal)


def adapter_promoted(character: Character, adapter: AdapterVersion) -> Event:
    return told_of_adapter(character, CharacterEvent.ADAPTER_PROMOTED, adapter)


def adapter_rolled_back(character: Character, adapter: AdapterVersion) -> Event:
    return told_of_adapter(character, CharacterEvent.ADAPTER_ROLLED_BACK, adapter)
