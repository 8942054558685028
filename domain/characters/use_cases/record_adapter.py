"""Take in what a training came to, good or bad."""

from collections.abc import Mapping
from datetime import datetime

from domain.characters import events
from domain.characters.adapters import AdapterFiles, AdapterScores, AdapterState, AdapterVersion, Learned
from domain.characters.models import Character
from domain.characters.ports import CharacterWork
from domain.characters.promotion import refusal_against_present, refusal_of_first
from domain.errors import Invalid
from domain.identifiers import AdapterId, ObjectId
from domain.media.use_cases import hold_object

WEIGHTS, PLOT, SAMPLES = "adapter.safetensors", "curves.png", "samples.png"


async def record_adapter(
    work: CharacterWork,
    *,
    adapter_id: AdapterId,
    learned: Learned,
    without: AdapterScores,
    objects: Mapping[str, ObjectId],
    now: datetime,
) -> None:
    """Keep the version with its files, and put it to use where its scores allow; `without` scores no adapter at all.

    Where another version was put to use meanwhile, the scores say nothing of that one: the new version is ready and a
    user decides; where none is in use any more, it must be as good as a first one is. A training that nobody waits for
    any more is left alone. Raises Invalid without weights, ObjectBeingSwept.
    """
    found = await _in_training(work, adapter_id)
    if found is None:
        return
    character, adapter = found
    files = _files(objects)
    for object_id in sorted(files.object_ids):
        await hold_object(work, workspace_id=adapter.workspace_id, object_id=object_id)
    refusal = _refusal(learned, without, used=character.adapter_id, measured=adapter.present_id)
    trained = adapter.trained(learned, files, refusal=refusal, now=now)
    await work.adapters.save(trained)
    if trained.state is AdapterState.REJECTED:
        await work.events.append(events.adapter_rejected(character, trained))
        return
    await work.events.append(events.adapter_trained(character, trained))
    if character.adapter_id == adapter.present_id:
        using = character.using(trained.id, now=now)
        await work.characters.save(using)
        await work.events.append(events.adapter_promoted(using, trained))


async def fail_adapter(work: CharacterWork, *, adapter_id: AdapterId, reason: str, now: datetime) -> None:
    """The training ended for good without a result; a version that nobody waits for any more is left alone."""
    found = await _in_training(work, adapter_id)
    if found is None:
        return
    character, adapter = found
    failed = adapter.failed(reason, now=now)
    await work.adapters.save(failed)
    await work.events.append(events.training_failed(character, failed))


async def _in_training(work: CharacterWork, adapter_id: AdapterId) -> tuple[Character, AdapterVersion] | None:
    """Answer the version and its character, whose row is held, unless it is gone or its training is over."""
    known = await work.adapters.find(adapter_id)
    character = None if known is None else await work.characters.lock(known.character_id)
    adapter = await work.adapters.find(adapter_id)
    if character is None or adapter is None or adapter.state.is_final:
        return None
    return character, adapter


def _refusal(learned: Learned, without: AdapterScores, *, used: AdapterId | None, measured: AdapterId | None) -> str:
    """`used` is the version in use now, `measured` the one that the scores were measured against."""
    if used not in {None, measured}:
        return ""
    if used is None or learned.present_scores is None:
        return refusal_of_first(learned.scores, without)
    return refusal_against_present(learned.scores, learned.present_scores)


def _files(objects: Mapping[str, ObjectId]) -> AdapterFiles:
    if WEIGHTS not in objects:
        raise Invalid("The training handed back no weights.")
    return AdapterFiles(objects[WEIGHTS], objects.get(PLOT), objects.get(SAMPLES))
