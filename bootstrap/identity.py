"""The built-in knowledge of faces and figures."""

from functools import cache

from adapters.identity.embedder import OnnxEmbedder
from adapters.identity.reader import EmbeddingPictureReader


@cache
def built_in_figures() -> EmbeddingPictureReader:
    """Answer the reader with the built-in weights, which never change: they are read once a process, when needed."""
    return EmbeddingPictureReader(OnnxEmbedder())
