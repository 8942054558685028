"""Embedding spaces on tiny weights, in a child: the child builds them, so that torch is imported nowhere else."""

import os
from pathlib import Path

from gpu_worker.embedding.engine import EmbeddingEngine
from gpu_worker.embedding.settings import EmbeddingSettings
from gpu_worker.tiny.vision import build_clip_vision, build_dinov2

FOLDER = "SPACES_FOLDER"


def settings(family: str) -> EmbeddingSettings:
    folder = Path(os.environ[FOLDER])
    build = {"clip": build_clip_vision, "dinov2": build_dinov2}[family]
    given = {"space": f"tiny-{family}@1", "family": family, "weights": str(build(folder / family)), "device": "cpu"}
    return EmbeddingSettings.model_validate({**given, "cache_folder": folder / "digests"})


class TinyClip(EmbeddingEngine):
    """CLIP's image tower."""

    def __init__(self) -> None:
        super().__init__(settings("clip"))


class TinyDino(EmbeddingEngine):
    """DINOv2."""

    def __init__(self) -> None:
        super().__init__(settings("dinov2"))
