"""A render's settings and budget, as clients give and see them."""

import strawberry

import api.renders.enums as _  # noqa: F401 - the enums get their descriptions there
from api.scalars import Seed
from domain.renders import budgets
from domain.renders.settings import Aspect, Detail, IdentityPolicy
from domain.renders.settings import RenderSettings as Chosen


@strawberry.input(description="What you choose for a render; everything has a default.")
class RenderSettingsInput:
    """Settings as they are given."""

    aspect: Aspect = strawberry.field(default=Aspect.WIDE, description="The frame's shape.")
    detail: Detail = strawberry.field(default=Detail.P720, description="The frame's short side.")
    frames_per_second: int = strawberry.field(default=24, description="From 8 to 60.")
    engine: str = strawberry.field(default="animatic", description="One of `engines`.")
    seed: Seed | None = strawberry.field(
        default=None,
        description="Another seed makes another film, a render's `seed` the same; the storyboard's own when left out.",
    )
    are_captions_burnt_in: bool = strawberry.field(
        default=True, description="Whether the words are drawn into the picture; WebVTT comes in any case."
    )
    has_slate: bool = strawberry.field(
        default=False, description="Whether each shot begins with its slate, which adds a second to it."
    )
    rerolls_max: int = strawberry.field(
        default=2, description="How many other seeds to try when the identity gate refuses, 0 to 8."
    )
    identity_policy: IdentityPolicy = strawberry.field(
        default=IdentityPolicy.BALANCED, description="What to do when no take passes."
    )

    def read(self) -> Chosen:
        return Chosen(
            aspect=self.aspect,
            detail=self.detail,
            frames_per_second=self.frames_per_second,
            engine=self.engine,
            seed=None if self.seed is None else int(self.seed),
            are_captions_burnt_in=self.are_captions_burnt_in,
            has_slate=self.has_slate,
            rerolls_max=self.rerolls_max,
            identity_policy=self.identity_policy,
        )


@strawberry.input(description="Limits that a render never passes; re-rolls count too. What is left out is not limited.")
class BudgetInput:
    """A budget as it is given."""

    seconds_max: float | None = strawberry.field(
        default=None, description="Seconds of film to be made, slates included."
    )
    credits_max: int | None = strawberry.field(default=None, description="Credits to be paid.")

    def read(self) -> budgets.Budget:
        return budgets.Budget(self.seconds_max, self.credits_max)


@strawberry.type(description="What was chosen for a render.")
class RenderSettings:
    """Settings as they were frozen."""

    aspect: Aspect = strawberry.field(description="The frame's shape.")
    detail: Detail = strawberry.field(description="The frame's short side.")
    width: int = strawberry.field(description="The frame's width in pixels.")
    height: int = strawberry.field(description="The frame's height in pixels.")
    frames_per_second: int = strawberry.field(description="Frames a second.")
    engine: str = strawberry.field(description="The engine's name.")
    are_captions_burnt_in: bool = strawberry.field(description="Whether the words are drawn into the picture.")
    has_slate: bool = strawberry.field(
        description="Whether each shot begins with its slate, which adds a second to it."
    )
    rerolls_max: int = strawberry.field(description="How many other seeds are tried at most.")
    identity_policy: IdentityPolicy = strawberry.field(description="What is done when no take passes.")


@strawberry.type(description="Seconds of film made, and credits paid for them.")
class RenderCost:
    """A cost."""

    seconds: float = strawberry.field(description="Seconds of film, slates included.")
    credits: int = strawberry.field(description="Credits of the engine.")


def present_settings(chosen: Chosen) -> RenderSettings:
    return RenderSettings(
        aspect=chosen.aspect,
        detail=chosen.detail,
        width=chosen.frame.width,
        height=chosen.frame.height,
        frames_per_second=chosen.frames_per_second,
        engine=chosen.engine,
        are_captions_burnt_in=chosen.are_captions_burnt_in,
        has_slate=chosen.has_slate,
        rerolls_max=chosen.rerolls_max,
        identity_policy=chosen.identity_policy,
    )


def present_cost(cost: budgets.Cost) -> RenderCost:
    return RenderCost(seconds=cost.seconds, credits=cost.credits)
