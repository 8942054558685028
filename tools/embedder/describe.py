"""Measures how scores fall in a space, on characters that it was not trained on, and writes that beside the weights."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pictures import Character, filmed, plain, posed, read_characters
from train import SIDE

SPACE, VERSION = "builtin-effnet-lite0-m1", 1
# From here on nearly no new picture of a character comes (its nearest reference stays below in 99 of 100), while an
# unchanged reference scores 1; of those lit anew, scaled and compressed half lie above.
COPY_SCORE = 0.985
Vectors = NDArray[np.float32]


def embed(weights: Path, pictures: list[NDArray[np.uint8]]) -> Vectors:
    """Answers unit vectors (n, 768) of pictures (s, s, 3)."""
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    stacked = np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32)
    batches = np.array_split(stacked, max(1, len(pictures) // 16))
    return np.concatenate([session.run(["vectors"], {"pictures": batch})[0] for batch in batches])


def centre_without(vectors: Vectors, left_out: int) -> Vectors:
    """Answers the mean direction of all vectors but one."""
    mean = np.delete(vectors, left_out, axis=0).mean(axis=0)
    return mean / np.linalg.norm(mean)


def score_figures(characters: list[Character], references: Vectors, seen: Vectors) -> dict[str, float]:
    """Answers the profile: pairs of references, what films take from a score, and others of the same style."""
    labels = np.repeat(np.arange(len(characters)), [len(character.files) for character in characters])
    styles = np.array([characters[label].style for label in labels])
    one, other = np.triu_indices(len(labels), 1)
    pairs = (references @ references.T)[one, other][labels[one] == labels[other]]
    losses, strangers = [], []
    for label in range(len(characters)):
        mine, in_film = references[labels == label], seen[labels == label]
        centres = [centre_without(mine, number) for number in range(len(mine))]
        losses.extend(float((mine[n] - in_film[n]) @ centre) for n, centre in enumerate(centres))
        of_style = (styles == characters[label].style) & (labels // 2 != label // 2)
        centre = mine.mean(axis=0)
        strangers.append(references[of_style] @ centre / np.linalg.norm(centre))
    return {
        "pair_mean": round(float(pairs.mean()), 3),
        "pair_deviation": round(float(pairs.std()), 3),
        "film_loss": round(float(np.mean(losses)), 3),
        "film_deviation": round(float(np.std(losses)), 3),
        "other_high": round(float(np.quantile(np.concatenate(strangers), 0.95)), 3),
        "copy_score": COPY_SCORE,
    }


def main() -> None:
    """Measures, and writes weights and description side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drawn", type=Path, help="characters drawn with another seed than those of the training")
    parser.add_argument("weights", type=Path, help="ONNX to be shipped")
    parser.add_argument("folder", type=Path, help="where weights and description are written")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    random = np.random.default_rng(5)
    characters = read_characters(options.drawn)
    figures = [posed(picture, random) for character in characters for picture in character.pictures]
    references = embed(options.weights, [plain(figure, SIDE) for figure in figures])
    seen = embed(options.weights, [filmed(figure, SIDE, random) for figure in figures])
    described = {
        "space": SPACE,
        "version": VERSION,
        "dimensions": 768,
        "file": f"{SPACE}.onnx",
        "sha256": hashlib.sha256(options.weights.read_bytes()).hexdigest(),
        "side_pixels": SIDE,
        **score_figures(characters, references, seen),
    }
    shutil.copyfile(options.weights, options.folder / described["file"])
    (options.folder / f"{SPACE}.json").write_text(json.dumps(described, indent=2) + "\n")
    print(json.dumps(described, indent=2))


if __name__ == "__main__":
    main()
