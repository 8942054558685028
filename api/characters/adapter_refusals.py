"""Facts that keep an adapter from being trained or put to use."""

import strawberry

from api.results import Refusal


@strawberry.type(description="This lab has no workers that train adapters: `LAB_ENGINES__DIFFUSION` says that it has.")
class TrainingUnavailable(Refusal):
    """A fact."""


@strawberry.type(description="Too few of its pictures can be learned from: add some that differ.")
class TooFewPictures(Refusal):
    """A fact."""


@strawberry.type(description="A version is being trained: wait for it, or cancel it.")
class AlreadyTraining(Refusal):
    """A fact."""


@strawberry.type(description="The character has as many versions as it may.")
class TooManyAdapters(Refusal):
    """A fact."""


@strawberry.type(description="There is no such version; perhaps its character was deleted.")
class AdapterNotFound(Refusal):
    """A fact."""


@strawberry.type(description="The version is not trained, or its scores speak against it.")
class AdapterNotUsable(Refusal):
    """A fact."""


@strawberry.type(description="No version is being trained.")
class AdapterNotTraining(Refusal):
    """A fact."""


@strawberry.type(description="No version is in use.")
class NothingToRollBack(Refusal):
    """A fact."""
