"""Characters and warnings as clients see them."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.characters.adapter_types import AdapterVersion, present_adapter
from api.characters.image_types import CharacterImage, present_image
from api.characters.loaders import ADAPTER_PAGES, ADAPTERS, CHARACTERS, IMAGES, LOOK_ALIKES, SPACES
from api.context import Info
from api.enums import describe_enum
from api.node import Node, global_id
from api.paging import Connection, Paged, connection
from api.renders.loaders import LATEST
from api.renders.types import Render, present_render
from api.scalars import Json
from domain.characters import models
from domain.characters.errors import CharacterNotFound
from domain.characters.models import CharacterState
from domain.characters.ports import LookAlikeWarning
from domain.identifiers import AdapterId, CharacterId
from domain.paging import Page, PageRequest

describe_enum(
    CharacterState,
    "Whether a character can be cast.",
    {
        CharacterState.LEARNING: "Its pictures are being read.",
        CharacterState.READY: "It is known, and can be cast.",
        CharacterState.NEEDS_ATTENTION: "It has no picture that it can be learned from.",
    },
)


@strawberry.type(description="What was learned of how a character looks.")
class Identity:
    """A calibrated identity, without its vectors."""

    space: str = strawberry.field(description="The embedding space, as model and version.")
    threshold: float = strawberry.field(description="The score from which a picture shows this character, -1 to 1.")
    images: int = strawberry.field(description="How many pictures it was learned from.")


@strawberry.type(description="Somebody who can be cast.")
class Character(Node):
    """A character as clients see it."""

    key: strawberry.Private[CharacterId]
    adapter_key: strawberry.Private[AdapterId | None]
    name: str = strawberry.field(description="Its name, as scripts write it.")
    aliases: list[str] = strawberry.field(description="Other names that scripts call it by.")
    description: str = strawberry.field(description="Who it is, in the user's words.")
    metadata: Json = strawberry.field(description="Whatever the user's own programs keep with it; a JSON object.")
    state: CharacterState = strawberry.field(description="Whether it can be cast.")
    identity: Identity | None = strawberry.field(
        description="What was learned of it in the built-in embedding space; null before that."
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(description="When it changed last.")

    @strawberry.field(
        description="What was learned of it in embedding spaces of GPU workers, the newest first; a render is judged "
        "in the newest that its whole cast is known in, or by `identity` where there is none."
    )
    async def worker_identities(self, info: Info) -> list[Identity]:
        found = await info.context.load(SPACES, self.key) or ()
        return [Identity(space=each.space, threshold=each.threshold, images=each.images) for each in found]

    @strawberry.field(description="The version of its adapter that new renders use; null where none is in use.")
    async def adapter(self, info: Info) -> AdapterVersion | None:
        found = await info.context.load(ADAPTERS, self.adapter_key) if self.adapter_key else None
        return None if found is None else present_adapter(found)

    @strawberry.field(description="All versions of its adapter, newest first.", extensions=[Paged()])
    async def adapters(self, info: Info, page: PageRequest) -> Connection[AdapterVersion]:
        found = await info.context.load(ADAPTER_PAGES, (self.key, page))
        return connection(found or Page([], has_next=False, has_previous=False), present_adapter)

    @strawberry.field(description="Its pictures, by position; at most 50.")
    async def images(self, info: Info) -> list[CharacterImage]:
        return [present_image(image) for image in await info.context.load(IMAGES, self.key) or ()]

    @strawberry.field(description="The newest render that it is cast in, with what it has cost; null before any.")
    async def latest_render(self, info: Info) -> Render | None:
        found = await info.context.load(LATEST, self.key)
        return None if found is None else present_render(found)

    @strawberry.field(description="Characters of the workspace that it may be taken for, the most alike first.")
    async def look_alikes(self, info: Info) -> list[Annotated["LookAlike", strawberry.lazy("api.characters.types")]]:
        return [present_look_alike(warning) for warning in await info.context.load(LOOK_ALIKES, self.key) or ()]


@strawberry.type(description="A warning: another character that this one may be taken for.")
class LookAlike:
    """A look-alike as clients see it."""

    key: strawberry.Private[CharacterId]
    likeness: float = strawberry.field(description="The cosine of the two characters' centres, -1 to 1.")
    found_at: datetime = strawberry.field(description="When the likeness was found.")

    @strawberry.field(description="The other character.")
    async def character(self, info: Info) -> Character:
        return await load_character(info, self.key)


async def load_character(info: Info, key: CharacterId) -> Character:
    """Answer a character in one statement with all that siblings ask for; raises CharacterNotFound."""
    found = await info.context.load(CHARACTERS, key)
    if found is None:
        raise CharacterNotFound("There is no such character.")
    return present_character(found)


def present_character(model: models.Character) -> Character:
    texts, learned = model.texts, model.calibration
    return Character(
        id=global_id("Character", model.id),
        key=model.id,
        adapter_key=model.adapter_id,
        name=texts.name,
        aliases=list(texts.aliases),
        description=texts.description,
        metadata=Json(dict(texts.metadata)),
        state=model.state,
        identity=Identity(space=learned.space, threshold=learned.threshold, images=learned.images) if learned else None,
        created_at=model.created_at,
        updated_at=model.updated_at,
    )


def present_look_alike(warning: LookAlikeWarning) -> LookAlike:
    return LookAlike(key=warning.other_id, likeness=warning.likeness, found_at=warning.found_at)
