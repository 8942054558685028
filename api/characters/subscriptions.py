"""What happens to a character, live."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

import strawberry

from api.characters.loaders import CHARACTERS
from api.characters.types import Character, present_character
from api.context import Info
from api.events.following import Followed, events_until_deleted
from api.events.types import Event, present_event
from api.node import local_id
from api.permissions import VIEWER
from domain.characters.errors import CharacterNotFound
from domain.characters.events import CharacterEvent, character_stream
from domain.identifiers import CharacterId

FOLLOWED = Followed(
    CHARACTERS, character_stream, CharacterNotFound, name="character", last=CharacterEvent.CHARACTER_DELETED
)


@strawberry.type(description="Something that happened to a character, and the character as it is now.")
class CharacterProgress:
    """One event of a character."""

    key: strawberry.Private[CharacterId]
    cursor: str = strawberry.field(description="Points behind this event; give it as `after` to go on from here.")
    event: Event = strawberry.field(description="What happened.")

    @strawberry.field(description="The character as it is now; null when it was deleted.")
    async def character(self, info: Info) -> Character | None:
        found = await info.context.load(CHARACTERS, self.key)
        return None if found is None else present_character(found)


@strawberry.type
class CharacterSubscriptions:
    """Characters, as things happen to them."""

    @strawberry.subscription(
        description="Everything that happens to a character, once and in order: pictures read or refused, its identity "
        "calibrated, look-alikes found, adapters trained and put to use. Ends when the character is deleted.",
        extensions=[VIEWER],
    )
    async def character_progress(
        self,
        info: Info,
        character_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The character.")],
        after: Annotated[
            str | None, strawberry.argument(description="The last cursor seen; from the first event when left out.")
        ] = None,
    ) -> AsyncIterator[CharacterProgress]:
        context, key = info.context, CharacterId(local_id("Character", character_id))
        async with aclosing(events_until_deleted(context, FOLLOWED, key, after=after)) as events:
            async for told in events:
                yield CharacterProgress(key=key, cursor=told.cursor, event=present_event(told))
