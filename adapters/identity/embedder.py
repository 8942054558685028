"""The built-in embedder: a network run by onnxruntime that turns cut-out figures into unit vectors."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from adapters.identity.pictures import Picture, Vectors, box_of
from domain.characters.identity import EmbeddingSpace, SpaceProfile
from domain.errors import Unavailable

BUILT_IN = Path(__file__).parent / "weights" / "builtin-effnet-lite0-m1.json"
BATCH = 16


class FigureEmbedder(Protocol):
    """Turns figures into vectors of one space."""

    @property
    def profile(self) -> SpaceProfile: ...

    @property
    def space(self) -> EmbeddingSpace: ...

    def embed(self, figures: Sequence[Picture]) -> Vectors:
        """Answer unit vectors (n, dimensions) of n pictures, RGBA with the figure's alpha or RGB taken whole."""
        ...


class OnnxEmbedder:
    """Runs the ONNX network that a description file beside it names; refuses weights whose SHA-256 is another."""

    def __init__(self, description: Path = BUILT_IN, *, threads: int = 1) -> None:
        """Read and check the weights; raises Unavailable when they are missing or not the ones described."""
        try:
            described = json.loads(description.read_text())
            weights = (description.parent / described["file"]).read_bytes()
        except (OSError, KeyError, ValueError) as error:
            raise Unavailable(f"The embedder's weights cannot be read: {description}") from error
        if hashlib.sha256(weights).hexdigest() != described["sha256"]:
            raise Unavailable(f"The embedder's weights are not the ones described: {described['file']}")
        self._side = int(described["side_pixels"])
        self._profile = read_profile(described)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    @property
    def profile(self) -> SpaceProfile:
        return self._profile

    @property
    def space(self) -> EmbeddingSpace:
        return self._profile.space

    def embed(self, figures: Sequence[Picture]) -> Vectors:
        squares = [on_white_square(figure, self._side) for figure in figures]
        answers = [np.zeros((0, self.space.dimensions), np.float32)]
        for start in range(0, len(squares), BATCH):
            batch = np.stack(squares[start : start + BATCH]).transpose(0, 3, 1, 2).astype(np.float32)
            answers.append(np.asarray(self._session.run(["vectors"], {"pictures": batch})[0], np.float32))
        return np.concatenate(answers)


def read_profile(described: Mapping[str, Any]) -> SpaceProfile:
    """Answer the space and its scores from a description; raises KeyError, TypeError or ValueError for another text."""
    space = EmbeddingSpace(
        str(described["space"]),
        int(described["version"]),
        int(described["dimensions"]),
        str(described.get("weights", "")),
    )
    return SpaceProfile(
        space=space,
        pair_mean=float(described["pair_mean"]),
        pair_deviation=float(described["pair_deviation"]),
        other_high=float(described["other_high"]),
        copy_score=float(described["copy_score"]),
        film_loss=float(described["film_loss"]),
        film_deviation=float(described["film_deviation"]),
        small_losses=tuple((float(side), float(loss)) for side, loss in described.get("small_losses", [])),
    )


def on_white_square(figure: Picture, side: int) -> NDArray[np.uint8]:
    """Answer the figure (RGBA, or RGB taken whole), trimmed to its alpha, centred on a white square of side pixels."""
    if figure.shape[2] == 4:
        top, bottom, left, right = box_of(np.where(figure[..., 3] > 16, figure[..., 3], 0).astype(np.uint8))
        figure = figure[top:bottom, left:right]
    square = np.full((side, side, 3), 255, np.uint8)
    height, width = figure.shape[:2]
    if not height or not width:
        return square
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    # Resized with alpha multiplied in, so that the colour of see-through pixels does not bleed into the edge.
    share = (
        figure[..., 3:].astype(np.float32) / 255 if figure.shape[2] == 4 else np.ones((height, width, 1), np.float32)
    )
    on_white = cv2.resize(figure[..., :3] * share + 255 * (1 - share), size, interpolation=way)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = np.rint(on_white).astype(np.uint8)
    return square
