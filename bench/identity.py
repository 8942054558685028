"""Characters told apart: the built-in embedder beside plain EfficientNet-Lite0 and a hand-made descriptor.

Usage: python -m bench.identity [folder laid out like the cast]
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from adapters.identity.embedder import OnnxEmbedder, on_white_square
from adapters.identity.metrics import LabelledFigures, figures_of, measure_thresholds, read_figures
from adapters.identity.pictures import Picture, Vectors

CAST = Path(__file__).parent.parent / "examples" / "cast"
PLAIN = Path(__file__).parent / "peers" / "efficientnet-lite0-plain.onnx"
SIDE_PIXELS = 224
Embed = Callable[[Sequence[Picture]], Vectors]


def plain_network() -> Embed:
    """EfficientNet-Lite0 as it comes: 1280 pooled features, the mirror averaged in."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(PLAIN), options, providers=["CPUExecutionProvider"])

    def embed(figures: Sequence[Picture]) -> Vectors:
        answers: list[NDArray[np.float32]] = []
        for figure in figures:
            square = on_white_square(figure, SIDE_PIXELS).transpose(2, 0, 1)[None].astype(np.float32)
            answers.append(np.asarray(session.run(["vectors"], {"pictures": square})[0], np.float32))
        return np.concatenate(answers)

    return embed


def by_hand(figures: Sequence[Picture]) -> Vectors:
    """Colour histograms (Lab, 4 x 4 cells) and histograms of gradients (9 directions, 8 x 8 cells), roots taken."""
    return np.stack([described_by_hand(on_white_square(figure, 128)) for figure in figures])


def described_by_hand(square: NDArray[np.uint8]) -> NDArray[np.float32]:
    lab = cv2.cvtColor(square, cv2.COLOR_RGB2LAB)
    colours = [
        cv2.calcHist([np.ascontiguousarray(part)], [0, 1, 2], None, [4, 4, 4], [0, 256, 80, 176, 80, 176]).ravel()
        for rows in np.vsplit(lab, 4)
        for part in np.hsplit(rows, 4)
    ]
    grey = lab[..., 0].astype(np.float32)
    steep, angle = cv2.cartToPolar(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    direction = np.minimum(angle % np.pi / np.pi * 9, 8).astype(np.int64)
    cells = np.arange(128) // 16
    at = (cells[:, None] * 8 + cells[None, :]) * 9 + direction
    gradients = np.bincount(at.ravel(), weights=steep.ravel(), minlength=8 * 8 * 9)
    parts = [np.sqrt(part / max(float(part.sum()), 1e-9)) for part in (np.concatenate(colours), gradients)]
    joined = np.concatenate(parts).astype(np.float32)
    return (joined / np.linalg.norm(joined)).astype(np.float32)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CAST
    cv2.setNumThreads(1)
    labelled = read_figures(folder)
    built_in = OnnxEmbedder()
    console = Console(width=110)
    names = ("AUC", "AUC same style", "equal error", "recall at 1", "ms an image")
    table = Table("embedding", *names, title=f"{len(labelled.figures)} pictures of {folder.name}, one thread")
    peers: dict[str, Embed] = {
        built_in.space.key: built_in.embed,
        "EfficientNet-Lite0": plain_network(),
        "colours and gradients": by_hand,
    }
    for name, embed in peers.items():
        table.add_row(name, *row_of(embed, labelled))
    console.print(table)
    judged = measure_thresholds(built_in.embed(labelled.figures), labelled, built_in.profile)
    console.print(
        f"At calibrated thresholds: accuracy {judged.accuracy:.3f}, own pictures refused {judged.own_refused:.3f}, "
        f"others accepted {judged.others_accepted:.4f} (same style {judged.others_accepted_same_style:.4f})"
    )


def row_of(embed: Embed, labelled: LabelledFigures) -> list[str]:
    """Answer one row: the figures of an embedding, cutting out and embedding timed together."""
    embed(labelled.figures[:1])
    started = time.perf_counter()
    vectors = embed(labelled.figures)
    milliseconds = (time.perf_counter() - started) * 1000 / len(labelled.figures)
    found = figures_of(vectors, labelled, labelled.cut_ms_per_image + milliseconds)
    shares = (found.auc, found.auc_same_style, found.equal_error_rate, found.recall_at_1)
    return [*(f"{share:.4f}" for share in shares), f"{found.ms_per_image:.1f}"]


if __name__ == "__main__":
    main()
