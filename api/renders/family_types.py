"""Families of models as clients see them."""

import strawberry

import api.renders.enums as _  # noqa: F401 - the enums get their descriptions there
from domain.renders import families
from domain.renders.families import AdapterSupport, ModelMakes
from domain.renders.settings import FrameSize


@strawberry.type(description="A size that pictures are made in, before they are brought to the ordered one.")
class MadeSize:
    """Width and height."""

    width: int = strawberry.field(description="Pixels.")
    height: int = strawberry.field(description="Pixels.")


@strawberry.type(description="How many frames a model makes at once; longer shots are joined of several such pieces.")
class FrameCounts:
    """The rule, and the pace."""

    minimum: int = strawberry.field(description="The fewest.")
    maximum: int = strawberry.field(description="The most.")
    step: int = strawberry.field(
        description="4 says that counts are 4 n + 1, 8 that they are 8 n + 1; 1 that any number will do."
    )
    per_second: int = strawberry.field(
        description="The frames a second that they are made for; a render with another rate gets them retimed."
    )


@strawberry.type(
    description="A family of models that workers of an engine have been given, and what it can do. Where workers have "
    "models of one family that differ in this, each is told."
)
class ModelFamily:
    """One family's capabilities."""

    name: str = strawberry.field(description="Its name, such as `stable_diffusion_xl` or `wan`.")
    makes: ModelMakes = strawberry.field(description="For which step of a shot it is.")
    sizes: list[MadeSize] = strawberry.field(
        description="The sizes that it makes, for frames of 16:9, 9:16 and 1:1. Other sizes that are ordered are "
        "scaled from the one of their shape."
    )
    frames: FrameCounts | None = strawberry.field(description="How many frames; null where it makes stills.")
    references_max: int = strawberry.field(
        description="How many pictures of a character it looks at; 0 says that it looks at none."
    )
    pictures_max: int | None = strawberry.field(
        description="How many pictures of the whole cast it looks at; null where only `referencesMax` counts."
    )
    cast_max: int = strawberry.field(description="How many characters it can place in one picture.")
    adapters: AdapterSupport = strawberry.field(description="Whether it hears characters' adapters.")
    has_regions: bool = strawberry.field(description="Whether it is told by regions where each of the cast stands.")
    has_first_frame: bool = strawberry.field(description="Whether its clips begin in the keyframe itself.")
    has_last_frame: bool = strawberry.field(description="Whether its clips can end in a picture that is given.")
    shows_previews: bool = strawberry.field(description="Whether it shows small pictures while it works.")
    stops_at_a_step: bool = strawberry.field(
        description="Whether a cancelled shot ends at its next step and the loaded model stays."
    )


def present_family(family: families.ModelFamily) -> ModelFamily:
    return ModelFamily(
        name=family.name,
        makes=family.makes,
        sizes=[present_size(each) for each in family.sizes],
        frames=None if family.frames is None else present_counts(family.frames),
        references_max=family.references_max,
        pictures_max=family.pictures_max,
        cast_max=family.cast_max,
        adapters=family.adapters,
        has_regions=family.has_regions,
        has_first_frame=family.has_first_frame,
        has_last_frame=family.has_last_frame,
        shows_previews=family.shows_previews,
        stops_at_a_step=family.stops_at_a_step,
    )


def present_size(size: FrameSize) -> MadeSize:
    return MadeSize(width=size.width, height=size.height)


def present_counts(counts: families.FrameCounts) -> FrameCounts:
    return FrameCounts(minimum=counts.minimum, maximum=counts.maximum, step=counts.step, per_second=counts.per_second)
