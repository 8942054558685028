"""Have an adapter of a character trained."""

from collections.abc import Sequence
from datetime import datetime

from domain.characters import events
from domain.characters.adapters import ADAPTERS_MAX, AdapterVersion, version_in_training
from domain.characters.appearance import appearance_of, trigger_of
from domain.characters.errors import AlreadyTraining, CharacterNotFound, TooManyAdapters, TrainingUnavailable
from domain.characters.models import Character
from domain.characters.ports import CharacterWork
from domain.characters.tasks import train_job
from domain.characters.training import (
    PresentAdapter,
    TrainingSet,
    choose_pictures,
    plan_training,
    training_command,
    training_inputs,
)
from domain.identifiers import AdapterId, CharacterId, JobId


async def train_character(
    work: CharacterWork, *, character_id: CharacterId, engine: str | None, now: datetime
) -> AdapterVersion:
    """Write down the next version of the character's adapter and the job that trains it; the event tells of both.

    Raises TrainingUnavailable without an engine that trains, CharacterNotFound, AlreadyTraining, TooManyAdapters,
    TooFewPictures.
    """
    if engine is None:
        raise TrainingUnavailable("This lab has no workers that train adapters.")
    character = await work.characters.lock(character_id)
    if character is None:
        raise CharacterNotFound("There is no such character.", field="id")
    versions = await work.adapters.versions_of(character_id)
    _require_room(character, versions)
    in_use = next((each for each in versions if each.id == character.adapter_id), None)
    images = await work.characters.images_of(character_id)
    chosen = choose_pictures(images, in_use=None if in_use is None else in_use.plan)
    adapter = _next_version(work, character, versions, chosen, engine=engine, now=now)
    present = _present(in_use)
    command = training_command(adapter, chosen, appearance=appearance_of(character.texts), present=present)
    await work.adapters.add(adapter)
    await work.events.append(events.training_started(character, adapter))
    await work.jobs.enqueue(train_job(adapter, command=command, inputs=training_inputs(chosen, present)))
    return adapter


def _require_room(character: Character, versions: Sequence[AdapterVersion]) -> None:
    if under_way := version_in_training(versions):
        raise AlreadyTraining(f"Version {under_way.number} of '{character.name}' is being trained.", field="id")
    if len(versions) >= ADAPTERS_MAX:
        raise TooManyAdapters(f"A character has at most {ADAPTERS_MAX} versions of its adapter.", field="id")


def _next_version(
    work: CharacterWork,
    character: Character,
    versions: Sequence[AdapterVersion],
    chosen: TrainingSet,
    *,
    engine: str,
    now: datetime,
) -> AdapterVersion:
    number = 1 + max((each.number for each in versions), default=0)
    return AdapterVersion(
        id=AdapterId(work.new_id()),
        workspace_id=character.workspace_id,
        character_id=character.id,
        number=number,
        trigger=trigger_of(character.id),
        plan=plan_training(chosen, character_id=character.id, number=number, engine=engine),
        job_id=JobId(work.new_id()),
        created_at=now,
        present_id=character.adapter_id,
    )


def _present(in_use: AdapterVersion | None) -> PresentAdapter | None:
    if in_use is None or in_use.files is None:
        return None
    return PresentAdapter(in_use.files.weights_id, in_use.trigger)
