"""Facts about uploads and pictures that keep a mutation from using them."""

import strawberry

from api.node import global_id
from api.results import Refusal
from domain.characters.errors import CharacterBeingFilmed as BeingFilmed
from domain.characters.errors import TooManyImages as TooMany
from domain.errors import LabError
from domain.media import errors as media

UPLOAD_FACTS = (
    media.UploadNotFound,
    media.UploadAlreadyClaimed,
    media.UploadMissing,
    media.UploadMismatch,
    TooMany,
)


@strawberry.type(description="There is no such upload, or it has expired: create another.")
class UploadNotFound(Refusal):
    """A fact."""


@strawberry.type(description="An upload is in use already: create another.")
class UploadAlreadyUsed(Refusal):
    """A fact."""


@strawberry.type(description="The bytes of an upload have not been put yet: put them and try again.")
class UploadNotPut(Refusal):
    """A fact."""


@strawberry.type(description="What was put is not what was announced, in size or SHA-256.")
class UploadMismatch(Refusal):
    """A fact."""


@strawberry.type(description="The character would hold more pictures than it may.")
class TooManyImages(Refusal):
    """A fact."""


UploadRefusal = UploadNotFound | UploadAlreadyUsed | UploadNotPut | UploadMismatch | TooManyImages
_TOLD: dict[type[LabError], type[UploadRefusal]] = {
    media.UploadNotFound: UploadNotFound,
    media.UploadAlreadyClaimed: UploadAlreadyUsed,
    media.UploadMissing: UploadNotPut,
    media.UploadMismatch: UploadMismatch,
    TooMany: TooManyImages,
}


def told_as(fact: LabError) -> UploadRefusal:
    """Answer one of UPLOAD_FACTS as clients see it."""
    return _TOLD[type(fact)](message=fact.message)


@strawberry.type(description="There is no such character; perhaps it was deleted.")
class CharacterNotFound(Refusal):
    """A fact."""


@strawberry.type(description="Renders that are not over film the character: cancel them, or wait.")
class CharacterBeingFilmed(Refusal):
    """A fact."""

    render_ids: list[strawberry.ID] = strawberry.field(description="The renders that film it.")

    @classmethod
    def of(cls, fact: BeingFilmed) -> "CharacterBeingFilmed":
        return cls(message=fact.message, render_ids=[global_id("Render", each) for each in fact.render_ids])
