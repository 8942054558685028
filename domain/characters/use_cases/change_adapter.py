"""Decide by hand which version of a character's adapter is used, and stop a training."""

from datetime import datetime

from domain.characters import events
from domain.characters.adapters import AdapterState, AdapterVersion, version_in_training
from domain.characters.errors import AdapterNotFound, AdapterNotTraining, AdapterNotUsable, CharacterNotFound
from domain.characters.models import Character
from domain.characters.ports import CharacterWork
from domain.identifiers import AdapterId, CharacterId


async def promote_adapter(
    work: CharacterWork, *, adapter_id: AdapterId, is_despite_scores: bool, now: datetime
) -> tuple[Character, AdapterVersion]:
    """Put a version to use; one that was rejected only where the caller says that its scores are not to count.

    A version in use already is left alone. Raises AdapterNotFound, AdapterNotUsable.
    """
    known = await work.adapters.find(adapter_id)
    character = None if known is None else await work.characters.lock(known.character_id)
    adapter = await work.adapters.find(adapter_id)
    if character is None or adapter is None:
        raise AdapterNotFound("There is no such version.", field="id")
    if character.adapter_id == adapter.id:
        return character, adapter
    usable = _usable(adapter, is_despite_scores=is_despite_scores)
    using = character.using(usable.id, now=now)
    await work.adapters.save(usable)
    await work.characters.save(using)
    await work.events.append(events.adapter_promoted(using, usable))
    return using, usable


def _usable(adapter: AdapterVersion, *, is_despite_scores: bool) -> AdapterVersion:
    if adapter.state is AdapterState.READY:
        return adapter
    if adapter.state is not AdapterState.REJECTED:
        raise AdapterNotUsable(f"Version {adapter.number} is {adapter.state.value}.", field="id")
    if not is_despite_scores:
        raise AdapterNotUsable(f"Version {adapter.number} was rejected: {adapter.refusal}.", field="id")
    return adapter.accepted_nevertheless()


async def roll_back_adapter(work: CharacterWork, *, character_id: CharacterId, now: datetime) -> Character:
    """Use the version that was in use before, or none where there was none.

    Raises CharacterNotFound, NothingToRollBack.
    """
    character = await _lock(work, character_id)
    before = character.rolled_back(now=now)
    versions = await work.adapters.versions_of(character_id)
    given_up = next(each for each in versions if each.id == character.adapter_id)
    await work.characters.save(before)
    await work.events.append(events.adapter_rolled_back(before, given_up))
    return before


async def cancel_training(work: CharacterWork, *, character_id: CharacterId, now: datetime) -> AdapterVersion:
    """Stop the training that is under way; what its worker still reports is not kept.

    Raises CharacterNotFound, AdapterNotTraining.
    """
    character = await _lock(work, character_id)
    under_way = version_in_training(await work.adapters.versions_of(character_id))
    if under_way is None:
        raise AdapterNotTraining(f"No version of '{character.name}' is being trained.", field="id")
    canceled = under_way.canceled(now=now)
    await work.adapters.save(canceled)
    await work.events.append(events.training_canceled(character, canceled))
    await work.jobs.cancel(canceled.job_id, "The training was canceled.")
    return canceled


async def _lock(work: CharacterWork, character_id: CharacterId) -> Character:
    character = await work.characters.lock(character_id)
    if character is None:
        raise CharacterNotFound("There is no such character.", field="id")
    return character
