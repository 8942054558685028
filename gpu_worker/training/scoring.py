"""What tells how well an adapter does: pictures and texts as vectors, and scores of 0 to 1 made from them.

Vectors are float32 (n, width), each of length 1.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from PIL.Image import Image
from transformers import CLIPTextModelWithProjection, CLIPTokenizer

from gpu_worker.embedding.families import load_model
from gpu_worker.embedding.vision import Vectors

PROMPT_SCALE = 2.5  # of CLIPScore, arXiv 2104.08718: cosines of text and picture hardly pass 0.4


class IdentityScorer(Protocol):
    """Sees who is in pictures: the nearer two vectors, the more alike the characters."""

    def embed(self, squares: Sequence[Image], /) -> Vectors: ...


class PictureReader(IdentityScorer, Protocol):
    """Sees pictures and reads texts in one space."""

    def read(self, texts: Sequence[str], /) -> Vectors: ...


class ClipReader:
    """A CLIP model, in single precision."""

    def __init__(self, folder: Path, device: str) -> None:
        self._device = device
        self._eye = load_model("clip", folder, device)
        self._tower = CLIPTextModelWithProjection.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        self._tower.eval().requires_grad_(requires_grad=False)
        torch.nn.Module.to(self._tower, device)
        self._tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)

    def embed(self, squares: Sequence[Image]) -> Vectors:
        return self._eye.embed(squares)

    @torch.inference_mode()
    def read(self, texts: Sequence[str]) -> Vectors:
        tokens = self._tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt").to(self._device)
        vectors = self._tower(**tokens).text_embeds.float()
        return torch.nn.functional.normalize(vectors, dim=-1).cpu().numpy()


def identity_score(pictures: Vectors, references: Vectors) -> float:
    """The mean cosine of pictures to references."""
    return clipped((pictures @ references.T).mean())


def prompt_score(pictures: Vectors, texts: Vectors) -> float:
    """The mean CLIPScore of each picture with its own text."""
    return clipped(PROMPT_SCALE * np.maximum(0.0, (pictures * texts).sum(axis=1)).mean())


def purity_score(pictures: Vectors, before: Vectors, unrelated: Vectors) -> float:
    """How little pictures have changed from what the base made of the same orders; 1 where there are none.

    0 means as different as the base's pictures of different orders, `unrelated`, are from each other.
    """
    if not len(pictures):
        return 1.0
    changed = 1 - (pictures * before).sum(axis=1).mean()
    apart = (1 - unrelated @ unrelated.T)[~np.eye(len(unrelated), dtype=bool)]
    usual = apart.mean() if len(apart) else 1.0
    return clipped(1 - changed / max(usual, 1e-9))


def clipped(score: float | np.floating) -> float:
    return float(min(1.0, max(0.0, score)))
