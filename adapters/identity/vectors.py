"""Where the vectors of figures come from: the built-in embedder, or a worker that has embedded them before."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from adapters.identity.embedder import FigureEmbedder
from adapters.identity.figures import Figure
from adapters.identity.pictures import Vectors
from domain.characters.identity import EmbeddedFigures, SpaceProfile, require_weights
from domain.characters.spaces import Spaces
from domain.errors import Invalid


class FigureVectors(Protocol):
    """Answers vectors of one space."""

    @property
    def profile(self) -> SpaceProfile: ...

    def of(self, figures: Sequence[Figure]) -> Vectors:
        """Answer unit vectors (n, dimensions) of n figures; raises Invalid for one that is not known."""
        ...


class BuiltInVectors:
    """Embeds the crops."""

    def __init__(self, embedder: FigureEmbedder) -> None:
        self._embedder = embedder

    @property
    def profile(self) -> SpaceProfile:
        return self._embedder.profile

    def of(self, figures: Sequence[Figure]) -> Vectors:
        return self._embedder.embed([figure.rgba for figure in figures])


class WorkerVectors:
    """Looks the figures up among those that a worker has embedded, by frame and number."""

    def __init__(self, embedded: EmbeddedFigures, profile: SpaceProfile) -> None:
        self._known = {(each.frame, each.number): each.vector for each in embedded.figures}
        self._profile = profile

    @property
    def profile(self) -> SpaceProfile:
        return self._profile

    def of(self, figures: Sequence[Figure]) -> Vectors:
        dimensions = self._profile.space.dimensions
        vectors = np.zeros((len(figures), dimensions), np.float32)
        for row, figure in enumerate(figures):
            vector = self._known.get((figure.frame, figure.number))
            if vector is None or len(vector) != dimensions:
                key = self._profile.space.key
                raise Invalid(f"Figure {figure.number} of frame {figure.frame} is not embedded in {key}.")
            vectors[row] = vector
        return vectors


def vectors_by(embedder: FigureEmbedder, spaces: Spaces, embedded: EmbeddedFigures | None) -> FigureVectors:
    """Answer who knows the vectors; raises SpaceUnknown, Invalid for vectors by other weights than the profile's."""
    if embedded is None:
        return BuiltInVectors(embedder)
    profile = spaces.profile_of(embedded.space)
    require_weights(embedded.space, measured=profile.space.weights, served=embedded.weights)
    return WorkerVectors(embedded, profile)
