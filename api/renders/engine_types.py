"""Engines as clients see them."""

import strawberry

import api.renders.enums as _  # noqa: F401 - the enums get their descriptions there
from api.context import Info
from api.renders.family_types import ModelFamily, present_family
from api.renders.loaders import FAMILIES
from domain.renders import engines
from domain.renders.states import Rung


@strawberry.type(description="What an engine can and cannot do.")
class EngineCapabilities:
    """Capabilities as data."""

    pastes_references: bool = strawberry.field(
        description="Whether it films the cast's own pictures, so that the verdict COPY is its normal result."
    )
    draws_captions: bool = strawberry.field(description="Whether it can burn captions in.")
    draws_slates: bool = strawberry.field(description="Whether it can show a slate before each shot.")
    animates_from_keyframe: bool = strawberry.field(description="Whether a clip grows out of its keyframe's pixels.")
    is_deterministic: bool = strawberry.field(description="Whether the same order makes the same film every time.")
    reads_words: bool = strawberry.field(description="Whether it makes pictures from a shot's English prompt.")
    cast_max: int = strawberry.field(description="How many characters it can place in one shot.")
    references_max: int = strawberry.field(
        description="How many pictures of a character it heeds; 0 says that it takes what there is."
    )
    takes_adapters: bool = strawberry.field(description="Whether it knows a character by an adapter trained on it.")
    shows_previews: bool = strawberry.field(description="Whether it shows small pictures while it works.")
    stops_at_a_step: bool = strawberry.field(
        description="Whether a cancelled shot ends at its next step and the loaded model stays."
    )
    rungs: list[Rung] = strawberry.field(
        description="Its identity ladder: how each further take is made when the gate refuses, the last over and over; "
        "a shot leaves out what cannot help it."
    )


@strawberry.type(description="What turns shots into takes.")
class Engine:
    """One engine."""

    name: str = strawberry.field(description="Its name, as settings give it.")
    version: str = strawberry.field(description="Its version; a newer one makes all shots stale.")
    description: str = strawberry.field(description="What it does, in a sentence or two.")
    capabilities: EngineCapabilities = strawberry.field(description="What it can do.")
    credits_per_keyframe: int = strawberry.field(description="What a keyframe costs.")
    credits_per_second: int = strawberry.field(description="What a second of film costs.")
    speed: float = strawberry.field(
        description="Seconds of work for a second of film, at 1280x720 and 24 frames a second."
    )

    @strawberry.field(
        description="The families of models that its workers have been given and what each can do, those for keyframes "
        "first; empty while no worker is up, and for an engine without models."
    )
    async def families(self, info: Info) -> list[ModelFamily]:
        return [present_family(each) for each in await info.context.load(FAMILIES, self.name) or ()]


def present_engine(engine: engines.Engine) -> Engine:
    can = engine.capabilities
    return Engine(
        name=engine.name,
        version=engine.version,
        description=engine.description,
        capabilities=EngineCapabilities(
            pastes_references=can.pastes_references,
            draws_captions=can.draws_captions,
            draws_slates=can.draws_slates,
            animates_from_keyframe=can.animates_from_keyframe,
            is_deterministic=can.is_deterministic,
            reads_words=can.reads_words,
            cast_max=can.cast_max,
            references_max=can.references_max,
            takes_adapters=can.takes_adapters,
            shows_previews=can.shows_previews,
            stops_at_a_step=can.stops_at_a_step,
            rungs=list(can.rungs),
        ),
        credits_per_keyframe=engine.credits_per_keyframe,
        credits_per_second=engine.credits_per_second,
        speed=engine.speed,
    )
