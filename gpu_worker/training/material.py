"""What is learned from, ready for the model: latents and words are reckoned once, not at every step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from gpu_worker.training.dataset import Sample
from gpu_worker.training.model import LearningModel, Words


@dataclass(frozen=True, slots=True)
class Material:
    """Latents (samples, channels, height, width); `texts` says which row of `words` (texts, ...) is about which."""

    latents: torch.Tensor
    words: Words
    texts: torch.Tensor

    def __len__(self) -> int:
        return len(self.latents)

    def chosen(self, numbers: torch.Tensor) -> tuple[torch.Tensor, Words]:
        texts, pooled = self.texts[numbers], self.words.pooled
        words = Words(self.words.embeddings[texts], None if pooled is None else pooled[texts])
        return self.latents[numbers], words


def material_of(model: LearningModel, samples: Sequence[Sample], on_each: Callable[[], None]) -> Material:
    """Encode the samples; `on_each` is called after each and may raise to stop."""
    captions = list(dict.fromkeys(sample.caption for sample in samples))
    latents: list[torch.Tensor] = []
    with model.encoding() as encode:
        for sample in samples:
            latents.append(encode(sample.picture))
            on_each()
    words = [model.read(caption) for caption in captions]
    return Material(
        latents=torch.cat(latents),
        words=together(words),
        texts=torch.tensor([captions.index(sample.caption) for sample in samples]),
    )


def together(words: Sequence[Words]) -> Words:
    """One lot of several."""
    pooled = [each.pooled for each in words if each.pooled is not None]
    return Words(torch.cat([each.embeddings for each in words]), torch.cat(pooled) if pooled else None)
