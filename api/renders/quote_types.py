"""Quotes as clients see them."""

import strawberry

from api.context import Info
from api.node import global_id
from api.renders.family_types import MadeSize, present_size
from api.renders.loaders import FAMILIES
from api.renders.settings_types import RenderCost, present_cost
from domain.renders import quotes
from domain.renders.families import scaled_from
from domain.renders.settings import FrameSize, RenderSettings
from domain.renders.staleness import StaleReason


@strawberry.type(description="What a render would do with one shot.")
class ShotQuote:
    """One shot of a quote."""

    id: strawberry.ID = strawberry.field(description="The shot.")
    number: int = strawberry.field(description="Its place in the film, from 1.")
    is_fresh: bool = strawberry.field(description="Whether its take is there already and would be taken over.")
    reasons: list[StaleReason] = strawberry.field(description="Why it would be filmed; empty when it is fresh.")
    cost: RenderCost = strawberry.field(description="What filming it costs, without re-rolls.")
    work_seconds: float = strawberry.field(description="How long one worker needs for it.")


@strawberry.type(description="What a render would do, before it is ordered.")
class Quote:
    """A quote."""

    storyboard_version: int = strawberry.field(description="The version that would be frozen.")
    film_seconds: float = strawberry.field(description="How long the film would be.")
    cost: RenderCost = strawberry.field(description="What it would cost, without re-rolls.")
    work_seconds: float = strawberry.field(description="How long one worker needs for it; more of them share it.")
    stale_shots: int = strawberry.field(description="How many shots would be filmed.")
    shots: list[ShotQuote] = strawberry.field(description="Shot by shot, in order; at most 1000.")
    engine_name: strawberry.Private[str]
    frame: strawberry.Private[FrameSize]

    @strawberry.field(
        description="The sizes that the engine's models make clips in where that is not the ordered one, to which they "
        "are scaled then; more than one where its workers have different models. Empty where clips are made as "
        "ordered, and while no worker is up that would say."
    )
    async def scaled_from(self, info: Info) -> list[MadeSize]:
        families = await info.context.load(FAMILIES, self.engine_name) or ()
        return [present_size(size) for size in scaled_from(families, self.frame)]


def present_quote(quote: quotes.Quote, settings: RenderSettings) -> Quote:
    return Quote(
        engine_name=settings.engine,
        frame=settings.frame,
        storyboard_version=quote.storyboard_version,
        film_seconds=quote.film_seconds,
        cost=present_cost(quote.cost),
        work_seconds=round(quote.work_seconds, 1),
        stale_shots=quote.stale,
        shots=[
            ShotQuote(
                id=global_id("Shot", shot.shot_id),
                number=shot.number,
                is_fresh=shot.is_fresh,
                reasons=list(shot.reasons),
                cost=present_cost(shot.cost),
                work_seconds=round(shot.work_seconds, 1),
            )
            for shot in quote.shots
        ],
    )
