"""Pictures of characters as clients see them."""

from datetime import datetime

import strawberry

from api.context import Info
from api.enums import describe_enum
from api.media.types import Media, load_media_or_none
from api.node import global_id
from domain.characters import models
from domain.characters.identity import PictureFault
from domain.characters.models import ImageState, ImageType
from domain.characters.views import UNKNOWN, Facing, Framing

describe_enum(
    ImageType,
    "Where a picture comes from.",
    {
        ImageType.REFERENCE: "It was uploaded to show who the character is.",
        ImageType.GENERATED: "An engine made it.",
    },
)
describe_enum(
    ImageState,
    "Whether a picture was read.",
    {
        ImageState.PENDING: "It is still to be read.",
        ImageState.READY: "It was taken.",
        ImageState.REFUSED: "It was not taken; `refusal` says why.",
    },
)
describe_enum(
    PictureFault,
    "What can be wrong with a picture that was taken.",
    {
        PictureFault.TOO_SMALL: "The figure has few pixels.",
        PictureFault.TOO_DARK: "The figure is nearly black.",
        PictureFault.BLURRED: "The figure is out of focus.",
        PictureFault.SEVERAL_SUBJECTS: "More than one figure is in the picture.",
        PictureFault.NO_SUBJECT: "No figure was found; nothing is learned from the picture.",
    },
)

describe_enum(
    Framing,
    "How much of the figure a picture shows.",
    {
        Framing.HEAD: "The head, to the neck.",
        Framing.BUST: "Head and shoulders.",
        Framing.HALF: "The figure to the waist or so.",
        Framing.FULL: "The figure to the knees or the feet, standing or sitting.",
    },
)
describe_enum(
    Facing,
    "Which way the face looks, as whoever sees the picture has it.",
    {
        Facing.LEFT: "Towards the left edge.",
        Facing.FRONT: "Ahead.",
        Facing.RIGHT: "Towards the right edge.",
    },
)


@strawberry.type(description="One fault found in a picture: what was measured, and the limit that it missed.")
class QualityFault:
    """A quality verdict."""

    fault: PictureFault = strawberry.field(description="What is wrong.")
    measured: float = strawberry.field(description="What was measured, in the unit of the limit.")
    limit: float = strawberry.field(description="Where the line is drawn.")


@strawberry.type(description="A picture of a character.")
class CharacterImage:
    """A picture as clients see it."""

    model: strawberry.Private[models.CharacterImage]
    id: strawberry.ID = strawberry.field(description="Names this picture.")
    type: ImageType = strawberry.field(description="Where it comes from.")
    state: ImageState = strawberry.field(description="Whether it was read.")
    refusal: str | None = strawberry.field(
        description="Why it was not taken, such as `too_many_pixels`, `truncated` or `unknown_type`."
    )
    position: int = strawberry.field(description="Its place among the character's pictures.")
    width: int | None = strawberry.field(description="Pixels across of what was uploaded, upright.")
    height: int | None = strawberry.field(description="Pixels down of what was uploaded, upright.")
    faults: list[QualityFault] = strawberry.field(description="What is wrong with it, though it was taken.")
    cut_out_method: str | None = strawberry.field(
        description="How the figure was found: `alpha`, `flood` or `grabcut`."
    )
    cut_out_confidence: float | None = strawberry.field(description="How far to trust the cut-out, 0 to 1.")
    framing: Framing | None = strawberry.field(
        description="How much of the figure it shows, told by its outline; null where that cannot be told."
    )
    facing: Facing | None = strawberry.field(
        description="Which way the face looks, told by its features; null where that cannot be told, as often."
    )
    duplicate_of_id: strawberry.ID | None = strawberry.field(
        description="The earlier picture that shows the same; nothing new is learned from this one."
    )
    created_at: datetime = strawberry.field(description="When it was added.")

    @strawberry.field(description="The picture, upright and without metadata; null until it is read.")
    async def working(self, info: Info) -> Media | None:
        copies = self.model.copies
        return await load_media_or_none(info, copies.working_id if copies else None)

    @strawberry.field(description="The picture, small; null until it is read.")
    async def thumbnail(self, info: Info) -> Media | None:
        copies = self.model.copies
        return await load_media_or_none(info, copies.thumbnail_id if copies else None)

    @strawberry.field(description="The figure on transparent ground; null until the picture is read.")
    async def cut_out(self, info: Info) -> Media | None:
        copies = self.model.copies
        return await load_media_or_none(info, copies.cut_out_id if copies else None)


def present_image(model: models.CharacterImage) -> CharacterImage:
    facts = model.facts
    view = facts.view if facts else UNKNOWN
    return CharacterImage(
        model=model,
        id=global_id("CharacterImage", model.id),
        type=model.type,
        state=model.state,
        refusal=model.refusal,
        position=model.position,
        width=facts.width_pixels if facts else None,
        height=facts.height_pixels if facts else None,
        faults=present_faults(facts),
        cut_out_method=facts.cut_out_method if facts else None,
        cut_out_confidence=facts.cut_out_confidence if facts else None,
        framing=view.framing,
        facing=view.facing,
        duplicate_of_id=global_id("CharacterImage", model.duplicate_of) if model.duplicate_of else None,
        created_at=model.created_at,
    )


def present_faults(facts: models.PictureFacts | None) -> list[QualityFault]:
    if facts is None:
        return []
    return [QualityFault(fault=each.fault, measured=each.measured, limit=each.limit) for each in facts.faults]
