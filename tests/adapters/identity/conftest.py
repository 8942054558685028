"""The built-in embedder, loaded once."""

import pytest

from adapters.identity.embedder import OnnxEmbedder


@pytest.fixture(scope="session")
def embedder() -> OnnxEmbedder:
    return OnnxEmbedder()
