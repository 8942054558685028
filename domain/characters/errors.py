"""Refusals that only characters know, named as facts."""

from collections.abc import Sequence

from domain.errors import Conflict, Invalid, LimitExceeded, NotFound
from domain.identifiers import RenderId, public_id


class CharacterNotFound(NotFound):
    """No such character in this workspace."""


class ImageNotFound(NotFound):
    """No such picture of this character."""


class ImageAlreadyRead(Conflict):
    """The picture was read before; reading it again changes nothing."""


class TooManyImages(LimitExceeded):
    """A character holds a limited number of pictures."""


class SpaceUnknown(Conflict):
    """The lab is not set to the embedding space that something was made in."""


class CharacterNotLearned(Conflict):
    """Nothing is known yet of how the character looks."""


class NothingToSearchFor(Invalid):
    """The search holds no word, or the picture no figure."""


class CharacterBeingFilmed(Conflict):
    """Renders that are not over film the character."""

    def __init__(self, name: str, *, render_ids: Sequence[RenderId]) -> None:
        told = ", ".join(public_id("Render", each) for each in render_ids)
        super().__init__(f"'{name}' is being filmed by {told}. Cancel that, or wait for its end.", field="id")
        self.render_ids = tuple(render_ids)


class TrainingUnavailable(Conflict):
    """This lab has no workers that train adapters."""


class TooFewPictures(Conflict):
    """There are too few pictures to learn an adapter from."""


class AlreadyTraining(Conflict):
    """A version of the character's adapter is being trained."""


class TooManyAdapters(LimitExceeded):
    """A character has a limited number of versions."""


class AdapterNotFound(NotFound):
    """No such version of an adapter in this workspace."""


class AdapterNotTraining(Conflict):
    """The version is not being trained."""


class AdapterNotUsable(Conflict):
    """The version cannot be put to use: it is not ready, or its scores speak against it."""


class NothingToRollBack(Conflict):
    """No version is in use."""
