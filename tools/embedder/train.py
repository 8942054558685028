"""Learns the identity metric on drawn characters: whitening, then contrastive fine-tuning of the deeper blocks."""

import argparse
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from network import DIMENSIONS, FEATURES, Backbone, Embedder
from numpy.typing import NDArray
from pictures import Character, change, read, read_characters, recolour
from torch import Tensor

SIDE = 160
VIEWS = 4
PAIRS_A_BATCH = 6
TEMPERATURE = 0.1


def to_tensor(pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Stacks pictures (s, s, 3) to (n, 3, s, s) in 0..255."""
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()
    return stacked.contiguous(memory_format=torch.channels_last)


def views_of(
    character: Character, colours: np.random.Generator, random: np.random.Generator
) -> list[NDArray[np.uint8]]:
    """Answers VIEWS of a character's pictures, three times in ten in other colours."""
    chosen = [read(character.files[number]) for number in random.choice(len(character.files), VIEWS, replace=False)]
    if colours.random() > 0.3:
        return chosen
    turn, order = int(colours.integers(0, 180)), tuple(int(channel) for channel in colours.permutation(3))
    return [recolour(picture, turn=turn, order=order) for picture in chosen]


def batches(characters: list[Character], seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields (pictures, labels) without end: sibling pairs of one style, or of two."""
    random = np.random.default_rng(seed)
    pairs: dict[str, dict[int, list[Character]]] = {}
    for character in characters:
        pairs.setdefault(character.style, {}).setdefault(character.pair, []).append(character)
    while True:
        styles = random.choice(sorted(pairs), size=1 if random.random() < 0.7 else 2, replace=False)
        chosen = [
            pairs[style][number]
            for style in styles
            for number in random.choice(len(pairs[style]), size=PAIRS_A_BATCH // len(styles), replace=False)
        ]
        pictures, labels = [], []
        for pair in chosen:
            seeds = random.integers(2**31)
            for character in pair:
                views = views_of(character, np.random.default_rng(seeds), random)
                pictures.extend(change(view, SIDE, random) for view in views)
                labels.extend([len(labels) // VIEWS] * VIEWS)
        yield to_tensor(pictures), torch.tensor(labels)


def ahead(source: Iterator[tuple[Tensor, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    """Prepares batches in a thread while the network learns."""
    waiting: queue.Queue[tuple[Tensor, Tensor]] = queue.Queue(maxsize=4)

    def fill() -> None:
        for batch in source:
            waiting.put(batch)

    threading.Thread(target=fill, daemon=True).start()
    while True:
        yield waiting.get()


def contrastive_loss(vectors: Tensor, labels: Tensor) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020, arXiv 2004.11362) of unit vectors (n, d)."""
    scores = vectors @ vectors.T / TEMPERATURE
    itself = torch.eye(len(labels), dtype=torch.bool)
    scores = scores.masked_fill(itself, -1e4)
    same = (labels[:, None] == labels[None, :]) & ~itself
    logs = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    return -(logs * same).sum() / same.sum()


def whitening(
    features: NDArray[np.float64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Answers (matrix, bias) that make within-character differences round and keep the DIMENSIONS widest directions."""
    mean = features.mean(axis=0)
    centres = np.stack([features[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    inner = features - centres[labels]
    within = inner.T @ inner / len(features)
    within += np.eye(len(mean)) * 0.1 * np.trace(within) / len(mean)
    values, vectors = np.linalg.eigh(within)
    white = vectors / np.sqrt(values) @ vectors.T
    spread = (features - mean) @ white
    axes = np.linalg.svd(spread.T @ spread / len(features))[0][:, :DIMENSIONS]
    matrix = (white @ axes).T
    return matrix, -matrix @ mean


@torch.no_grad()
def start_projection(model: Embedder, characters: list[Character]) -> None:
    """Sets the projection by whitening the untouched network's features of changed pictures."""
    random = np.random.default_rng(1)
    features, labels = [], []
    for label, character in enumerate(characters):
        features.append(
            model.backbone(to_tensor([change(p, SIDE, random) for p in character.pictures])).double().numpy()
        )
        labels.extend([label] * len(character.pictures))
    matrix, bias = whitening(np.concatenate(features), np.array(labels))
    model.projection.weight.copy_(torch.from_numpy(matrix).float())
    model.projection.bias.copy_(torch.from_numpy(bias).float())


@dataclass(frozen=True)
class Plan:
    """How long to train, by steps or minutes whichever ends first, and the highest learning rate."""

    steps: int
    minutes: float
    rate: float


def fine_tune(model: Embedder, characters: list[Character], plan: Plan) -> None:
    """Trains the deeper blocks and the projection until the steps or the minutes are used."""
    backbone = model.backbone
    frozen = [*backbone.stem.parameters(), *backbone.blocks[:5].parameters()]
    for parameter in frozen:
        parameter.requires_grad_(requires_grad=False)
    tuned = [parameter for parameter in backbone.parameters() if parameter.requires_grad]
    groups = [{"params": tuned, "lr": plan.rate}, {"params": model.projection.parameters(), "lr": plan.rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    started, losses = time.monotonic(), []
    for step, (pictures, labels) in enumerate(ahead(batches(characters, 2))):
        done = max(step / plan.steps, (time.monotonic() - started) / 60 / plan.minutes)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(1, (step + 1) / 60) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-7
        with torch.no_grad():
            shallow = backbone.shallow(pictures)
        loss = contrastive_loss(model.project(backbone.deep(shallow)), labels)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimiser.step()
        losses.append(loss.item())
        if step % 50 == 49:
            print(step + 1, f"{np.mean(losses[-50:]):.3f}", f"{(time.monotonic() - started):.0f} s", flush=True)


def main() -> None:
    """Reads the drawn characters, trains, and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drawn", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--start", type=Path, help="go on from these weights instead of whitening")
    parser.add_argument("--rate", type=float, default=3e-4, help="the highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without", nargs="*", default=[], help="styles to leave out, for validation")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    characters = [c for c in read_characters(options.drawn) if c.style not in options.without]
    print(len(characters), "characters,", FEATURES, "features", flush=True)
    model = Embedder(Backbone()).to(memory_format=torch.channels_last)
    if options.start:
        model.load_state_dict(torch.load(options.start, weights_only=True))
    else:
        start_projection(model, characters)
    print("ready", flush=True)
    fine_tune(model, characters, Plan(options.steps, options.minutes, options.rate))
    torch.save(model.state_dict(), options.weights)


if __name__ == "__main__":
    main()
