"""The embedding spaces of a lab: the built-in one, and those that GPU workers serve.

Every picture is embedded in the built-in space, by which pictures are searched and look-alikes found. Where a worker's
space is wanted, characters are known in that one too, and the identity gate and the reports go by it.
"""

from dataclasses import dataclass

from domain.characters.errors import SpaceUnknown
from domain.characters.identity import EmbeddingSpace, SpaceProfile


@dataclass(frozen=True, slots=True)
class SpaceIdentity:
    """What was learned of a character in a worker's space, from how many pictures, at which of its revisions."""

    space: str
    threshold: float
    images: int
    revision: int


@dataclass(frozen=True, slots=True)
class Spaces:
    """How scores fall in each space; the first of `by_workers` is wanted, the others serve until it is learned."""

    built_in: SpaceProfile
    by_workers: tuple[SpaceProfile, ...] = ()

    @property
    def wanted(self) -> EmbeddingSpace | None:
        """The worker's space that every character is to be known in."""
        return self.by_workers[0].space if self.by_workers else None

    def profile_of(self, key: str) -> SpaceProfile:
        """Answer how scores fall in the space of that key; raises SpaceUnknown."""
        for profile in (self.built_in, *self.by_workers):
            if profile.space.key == key:
                return profile
        known = ", ".join(profile.space.key for profile in (self.built_in, *self.by_workers))
        raise SpaceUnknown(f"This lab is not set to the embedding space '{key}'; it knows {known}.")
