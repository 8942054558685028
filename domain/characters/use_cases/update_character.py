"""Change what is said of a character."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.characters import events
from domain.characters.errors import CharacterNotFound
from domain.characters.models import Character, CharacterTexts
from domain.characters.ports import CharacterWork
from domain.characters.texts import checked_texts
from domain.identifiers import CharacterId


@dataclass(frozen=True, slots=True)
class TextChanges:
    """New texts of a character, as the user gave them; what is None stays as it is."""

    name: str | None = None
    aliases: Sequence[str] | None = None
    description: str | None = None
    metadata: object = None

    def applied_to(self, texts: CharacterTexts) -> CharacterTexts:
        """Answer the texts after the change; raises Invalid, naming the field, for one that breaks a rule."""
        changed = checked_texts(
            name=texts.name if self.name is None else self.name,
            aliases=texts.aliases if self.aliases is None else self.aliases,
            description=texts.description if self.description is None else self.description,
            metadata=self.metadata,
        )
        # Metadata that is kept already may be older than today's rules.
        return replace(changed, metadata=texts.metadata) if self.metadata is None else changed


async def update_character(
    work: CharacterWork, *, character_id: CharacterId, changes: TextChanges, now: datetime
) -> Character:
    """Write the changed texts and tell of them; a change that changes nothing is not told.

    Raises CharacterNotFound, Invalid.
    """
    character = await work.characters.lock(character_id)
    if character is None:
        raise CharacterNotFound("There is no such character.", field="id")
    texts = changes.applied_to(character.texts)
    if texts == character.texts:
        return character
    changed = character.described_as(texts, now=now)
    await work.characters.save(changed)
    await work.events.append(events.character_updated(changed))
    return changed
