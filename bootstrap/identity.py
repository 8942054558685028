"""Who knows faces and figures: the built-in embedder, and the embedding spaces that workers serve."""

import json
from functools import cache
from pathlib import Path

from adapters.identity.embedder import OnnxEmbedder, read_profile
from adapters.identity.gate import EmbeddingIdentityGate
from adapters.identity.meter import EmbeddingConsistencyMeter
from adapters.identity.reader import EmbeddingPictureReader
from bootstrap.settings import IdentitySettings
from domain.characters.identity import SpaceProfile
from domain.characters.spaces import Spaces
from domain.errors import Unavailable


@cache
def built_in_embedder() -> OnnxEmbedder:
    """Answer the built-in weights, which never change: they are read once a process, when needed."""
    return OnnxEmbedder()


@cache
def built_in_figures() -> EmbeddingPictureReader:
    return EmbeddingPictureReader(built_in_embedder())


def spaces_of(settings: IdentitySettings) -> Spaces:
    """Answer the spaces of a lab; raises Unavailable for a profile that cannot be read."""
    return _spaces(settings.profiles)


@cache
def _spaces(profiles: tuple[str, ...]) -> Spaces:
    return Spaces(built_in_embedder().profile, tuple(profile_in(Path(path)) for path in profiles))


def profile_in(path: Path) -> SpaceProfile:
    """Read how scores fall in a worker's space; raises Unavailable."""
    try:
        return read_profile(json.loads(path.read_text()))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"LAB_IDENTITY__PROFILES names a file that is no profile: {path}") from error


def gate_in(spaces: Spaces) -> EmbeddingIdentityGate:
    return EmbeddingIdentityGate(built_in_embedder(), spaces)


def meter_in(spaces: Spaces) -> EmbeddingConsistencyMeter:
    return EmbeddingConsistencyMeter(built_in_embedder(), spaces)
