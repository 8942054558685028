"""Learn who a character is from its pictures, and whom it may be taken for."""

from datetime import datetime

from domain.characters import events
from domain.characters.identity import Identity, SpaceProfile
from domain.characters.models import Calibration, Character, CharacterState
from domain.characters.policies import identity_of, look_alike
from domain.characters.ports import Centre, CharacterWork
from domain.identifiers import CharacterId

# Whoever looks alike is among the nearest; more would only slow a workspace of many alike.
CANDIDATES_MAX = 20


async def calibrate_identity(
    work: CharacterWork, *, character_id: CharacterId, revision: int, profile: SpaceProfile, now: datetime
) -> None:
    """Keep centre and threshold of the character's pictures, warn of look-alikes, and make it ready.

    Without a picture to learn from it needs attention. A character that is gone, or whose pictures changed since the
    calibration was asked for, is left alone, and so is one that was calibrated: a job may run twice.
    """
    character = await _learning(work, character_id, revision)
    if character is None:
        return
    vectors = await work.identities.teaching_vectors(character_id, profile.space)
    if not vectors:
        await _forget(work, character, now)
        return
    identity = identity_of(vectors, profile)
    calibration = Calibration(profile.space.key, identity.threshold, len(vectors))
    known = character.calibrated(calibration, now=now)
    await work.characters.save(known)
    await work.identities.keep_centre(character_id, Centre(profile.space.key, identity.centre))
    await work.events.append(events.identity_calibrated(known))
    await _warn(work, known, identity, now)


async def give_up_calibration(work: CharacterWork, *, character_id: CharacterId, revision: int, now: datetime) -> None:
    """Make a character that could not be calibrated need attention, so that nobody waits for it."""
    character = await _learning(work, character_id, revision)
    if character is not None:
        await _forget(work, character, now)


async def _learning(work: CharacterWork, character_id: CharacterId, revision: int) -> Character | None:
    await work.identities.await_calibrations()
    character = await work.characters.lock(character_id)
    if character is None or character.revision != revision or character.state is not CharacterState.LEARNING:
        return None
    return character


async def _forget(work: CharacterWork, character: Character, now: datetime) -> None:
    unknown = character.without_identity(now=now)
    await work.characters.save(unknown)
    await work.identities.keep_centre(character.id, None)
    await work.identities.replace_look_alikes(character.id, {}, now=now)
    await work.events.append(events.identity_missing(unknown))


async def _warn(work: CharacterWork, character: Character, identity: Identity, now: datetime) -> None:
    near = await work.identities.nearest(Centre(identity.space.key, identity.centre), limit=CANDIDATES_MAX)
    candidates = [each.character_id for each in near if each.character_id != character.id]
    others = await work.identities.identities(candidates, identity.space)
    found = {other_id: warning for other_id, other in others.items() if (warning := look_alike(identity, other))}
    likeness = {other_id: warning.likeness for other_id, warning in found.items()}
    for other_id in await work.identities.replace_look_alikes(character.id, likeness, now=now):
        await work.events.append(events.look_alike_found(character, other_id, likeness[other_id]))
        other = await work.characters.find(other_id)
        if other is not None:
            await work.events.append(events.look_alike_found(other, character.id, likeness[other_id]))
