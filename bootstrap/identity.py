"""The built-in knowledge of faces and figures."""

from functools import cache

from adapters.identity.embedder import OnnxEmbedder
from adapters.identity.gate import EmbeddingIdentityGate
from adapters.identity.meter import EmbeddingConsistencyMeter
from adapters.identity.reader import EmbeddingPictureReader


@cache
def built_in_embedder() -> OnnxEmbedder:
    """Answer the built-in weights, which never change: they are read once a process, when needed."""
    return OnnxEmbedder()


@cache
def built_in_figures() -> EmbeddingPictureReader:
    return EmbeddingPictureReader(built_in_embedder())


@cache
def built_in_gate() -> EmbeddingIdentityGate:
    return EmbeddingIdentityGate(built_in_embedder())


@cache
def built_in_meter() -> EmbeddingConsistencyMeter:
    return EmbeddingConsistencyMeter(built_in_embedder())
