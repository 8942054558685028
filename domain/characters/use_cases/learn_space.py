"""Have a character known in a worker's embedding space; until it is, the spaces that it is known in serve."""

from collections.abc import Mapping
from datetime import datetime

from domain.characters import events
from domain.characters.identity import EmbeddingSpace, SpaceProfile, Vector
from domain.characters.models import Character, CharacterState
from domain.characters.policies import identity_of
from domain.characters.ports import CharacterWork
from domain.characters.spaces import SpaceIdentity
from domain.characters.tasks import embed_job, learn_space_job
from domain.identifiers import CharacterId, ImageId, JobId, ObjectId
from domain.jobs.models import Priority


async def seek_space(
    work: CharacterWork, *, character_id: CharacterId, space: EmbeddingSpace, priority: Priority, turn: str = ""
) -> bool:
    """Have a worker embed what has no vector in the space, or learn at once from those that there are.

    False, with nothing written, for a character that is gone, still learning, without a picture that teaches, or
    asked for in this `turn` already.
    """
    character = await work.characters.lock(character_id)
    if character is None or character.state is not CharacterState.READY:
        return False
    cut_outs = await _teaching(work, character)
    known = await work.worker_spaces.known(sorted(cut_outs), space)
    lacking = {image_id: cut_out for image_id, cut_out in cut_outs.items() if image_id not in known}
    if not cut_outs:
        return False
    job_id = JobId(work.new_id())
    if not lacking:
        return await work.jobs.enqueue(learn_space_job(character, space=space.key, job_id=job_id, turn=turn))
    wanted = embed_job(character, lacking, space=space, job_id=job_id, priority=priority, turn=turn)
    return await work.jobs.enqueue(wanted)


async def _teaching(work: CharacterWork, character: Character) -> Mapping[ImageId, ObjectId]:
    images = await work.characters.images_of(character.id)
    return {image.id: image.copies.cut_out_id for image in images if image.can_teach and image.copies is not None}


async def keep_vectors(
    work: CharacterWork, *, character_id: CharacterId, space: str, vectors: Mapping[ImageId, Vector], job_id: JobId
) -> None:
    """A worker has embedded pictures: keep the vectors of those that are still there, and have them learned from."""
    character = await work.characters.lock(character_id)
    if character is None:
        return
    await work.worker_spaces.keep_vectors(vectors, space)
    learning = learn_space_job(character, space=space, job_id=JobId(work.new_id()), turn=str(job_id))
    await work.jobs.enqueue(learning)


async def learn_space(
    work: CharacterWork, *, character_id: CharacterId, revision: int, profile: SpaceProfile, now: datetime
) -> bool:
    """Calibrate the character in a worker's space, where new renders know it from then on.

    False, with nothing changed, for a character that is gone, whose pictures have changed since, or of whose pictures
    some have no vector yet: once they have, it is learned anew.
    """
    character = await work.characters.lock(character_id)
    if character is None or character.revision != revision or character.state is not CharacterState.READY:
        return False
    vectors = await work.worker_spaces.teaching_vectors(character_id, profile.space)
    if not vectors or len(vectors) < len(await _teaching(work, character)):
        return False
    identity = identity_of(vectors, profile)
    learned = SpaceIdentity(profile.space.key, identity.threshold, len(vectors), revision)
    await work.worker_spaces.keep_identity(character_id, learned, now=now)
    await work.events.append(events.space_learned(character, learned))
    return True
