"""The identity gate on pixels: crop the figures, embed them, match them one to one with the cast."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from adapters.identity.embedder import FigureEmbedder
from adapters.identity.figures import Figure, figures_in
from adapters.identity.frames import read_frames
from adapters.identity.pictures import Picture, Plane, Vectors, read_labels, read_picture
from adapters.identity.vectors import BuiltInVectors, FigureVectors, vectors_by
from domain.characters.gate import (
    ClipReport,
    CopyRule,
    ExpectedCharacter,
    FrameReport,
    FrameScores,
    GatePolicy,
    judge_clip,
    judge_frame,
)
from domain.characters.identity import EmbeddedFigures
from domain.characters.spaces import Spaces
from domain.errors import Invalid


class EmbeddingIdentityGate:
    """Checks frames by the vectors of their figures; the same frame gets the same verdict."""

    def __init__(self, embedder: FigureEmbedder, spaces: Spaces | None = None) -> None:
        self._embedder = embedder
        self._spaces = spaces or Spaces(embedder.profile)

    async def check_keyframe(
        self,
        *,
        frame_png: bytes,
        labels_png: bytes,
        expected: Sequence[ExpectedCharacter],
        copies: CopyRule,
        embedded: EmbeddedFigures | None = None,
    ) -> FrameReport:
        """Match the figures of a label map with the expected characters."""
        vectors = vectors_by(self._embedder, self._spaces, embedded)

        def check() -> FrameReport:
            figures = figures_in(read_picture(frame_png), read_labels(labels_png))
            return judge_figures(figures, vectors, expected, copies)

        return await asyncio.to_thread(check)

    async def check_clip(
        self,
        *,
        clip_mp4: bytes,
        labels_png: bytes,
        sampled_frames: Sequence[int],
        expected: Sequence[ExpectedCharacter],
        copies: CopyRule,
        embedded: EmbeddedFigures | None = None,
    ) -> ClipReport:
        """Check the sampled frames of a clip, whose label maps are stacked from top to bottom."""
        vectors = vectors_by(self._embedder, self._spaces, embedded)

        def check() -> ClipReport:
            frames = read_frames(clip_mp4, sampled_frames)
            maps = split_labels(read_labels(labels_png), frames)
            found = [
                figures_in(frame, labels, at=number)
                for number, frame, labels in zip(sampled_frames, frames, maps, strict=True)
            ]
            return judge_clip([judge_figures(figures, vectors, expected, copies) for figures in found])

        return await asyncio.to_thread(check)

    def judge(
        self, frame: Picture, labels: Plane, expected: Sequence[ExpectedCharacter], copies: CopyRule
    ) -> FrameReport:
        """Answer the verdict on one frame of pixels in the built-in space."""
        return judge_figures(figures_in(frame, labels), BuiltInVectors(self._embedder), expected, copies)


def judge_figures(
    figures: Sequence[Figure], vectors: FigureVectors, expected: Sequence[ExpectedCharacter], copies: CopyRule
) -> FrameReport:
    """Answer the verdict on one frame's figures."""
    numbers = tuple(figure.number for figure in figures)
    sides = tuple(max(figure.rgba.shape[:2]) for figure in figures)
    measured = replace(measure(expected, numbers, vectors.of(figures)), sides=sides)
    return judge_frame(expected, measured, GatePolicy(vectors.profile, copies))


def measure(expected: Sequence[ExpectedCharacter], numbers: tuple[int, ...], vectors: Vectors) -> FrameScores:
    """Answer scores, nearest references and the matching that leaves the most room above the thresholds together."""
    if not expected or not numbers:
        empty = tuple(() for _ in expected)
        return FrameScores(numbers, empty, empty, ())
    centres = np.array([character.identity.centre for character in expected], np.float32)
    scores = centres @ vectors.T
    nearest = np.stack([nearest_of(character, vectors) for character in expected])
    room = scores - np.array([[character.identity.threshold] for character in expected], np.float32)
    rows, columns = linear_sum_assignment(room, maximize=True)
    pairs = tuple((int(row), int(column)) for row, column in zip(rows, columns, strict=True))
    return FrameScores(numbers, as_tuples(scores), as_tuples(nearest), pairs)


def nearest_of(character: ExpectedCharacter, vectors: Vectors) -> Vectors:
    """Answer for each figure the cosine of the reference that resembles it most."""
    references = np.array(character.identity.vectors, np.float32)
    return (references @ vectors.T).max(axis=0).astype(np.float32)


def as_tuples(matrix: Vectors) -> tuple[tuple[float, ...], ...]:
    """Answer a matrix as the domain keeps it."""
    return tuple(tuple(float(value) for value in row) for row in matrix)


def split_labels(stacked: Plane, frames: Sequence[Picture]) -> list[Plane]:
    """Cut a stack of label maps into one a frame; raises Invalid when they do not fit the frames."""
    if not frames or stacked.shape[0] != sum(frame.shape[0] for frame in frames):
        raise Invalid(f"A stack of label maps {stacked.shape[0]} rows high does not fit {len(frames)} frames.")
    return list(np.vsplit(stacked, len(frames)))
