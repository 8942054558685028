"""Refusals that only characters know, named as facts."""

from domain.errors import Conflict, Invalid, LimitExceeded, NotFound


class CharacterNotFound(NotFound):
    """No such character in this workspace."""


class ImageNotFound(NotFound):
    """No such picture of this character."""


class ImageAlreadyRead(Conflict):
    """The picture was read before; reading it again changes nothing."""


class TooManyImages(LimitExceeded):
    """A character holds a limited number of pictures."""


class CharacterNotLearned(Conflict):
    """Nothing is known yet of how the character looks."""


class NothingToSearchFor(Invalid):
    """The search holds no word, or the picture no figure."""
