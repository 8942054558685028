"""Measure the cast in clips: the identity gate's figures and matching, answered as directions and crops."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from adapters.identity.embedder import FigureEmbedder, on_white_square
from adapters.identity.figures import Figure, figures_in
from adapters.identity.frames import read_frames
from adapters.identity.gate import measure, split_labels
from adapters.identity.pictures import Vectors, read_labels, write_png
from adapters.identity.vectors import FigureVectors, vectors_by
from domain.characters.gate import CLIP_FRAMES_MIN, ExpectedCharacter
from domain.characters.identity import EmbeddedFigures, centre_of
from domain.characters.spaces import Spaces
from domain.errors import Invalid
from domain.identifiers import CharacterId
from domain.renders.consistency_ports import MeasuredFigure

CROP_PIXELS = 160

Found = tuple[CharacterId, Figure, Vectors]


class EmbeddingConsistencyMeter:
    """Measures with the gate's own vectors, so that a report and a verdict speak of the same scores."""

    def __init__(self, embedder: FigureEmbedder, spaces: Spaces | None = None) -> None:
        self._embedder = embedder
        self._spaces = spaces or Spaces(embedder.profile)

    async def measure_clip(
        self,
        *,
        clip_mp4: bytes,
        labels_png: bytes,
        sampled_frames: Sequence[int],
        expected: Sequence[ExpectedCharacter],
        embedded: EmbeddedFigures | None = None,
    ) -> Sequence[MeasuredFigure]:
        """Measure who is found in at least five frames, in a thread."""
        if len(sampled_frames) < CLIP_FRAMES_MIN:
            raise Invalid(f"A clip is measured by at least {CLIP_FRAMES_MIN} frames, not {len(sampled_frames)}.")
        vectors = vectors_by(self._embedder, self._spaces, embedded)
        for character in expected:
            character.identity.require_space(vectors.profile.space)

        def measure_all() -> Sequence[MeasuredFigure]:
            frames = read_frames(clip_mp4, sampled_frames)
            maps = split_labels(read_labels(labels_png), frames)
            found: defaultdict[CharacterId, list[Found]] = defaultdict(list)
            for number, frame, labels in zip(sampled_frames, frames, maps, strict=True):
                for each in _find(figures_in(frame, labels, at=number), vectors, expected):
                    found[each[0]].append(each)
            return [_measured(seen) for seen in found.values()]

        return await asyncio.to_thread(measure_all)


def _find(figures: Sequence[Figure], vectors: FigureVectors, expected: Sequence[ExpectedCharacter]) -> Iterator[Found]:
    embedded = vectors.of(figures)
    scores = measure(expected, tuple(figure.number for figure in figures), embedded)
    for row, column in scores.pairs:
        yield expected[row].character_id, figures[column], embedded[column]


def _measured(seen: Sequence[Found]) -> MeasuredFigure:
    directions = [tuple(float(value) for value in vector) for _, _, vector in seen]
    middle = seen[len(seen) // 2][1]
    crop = on_white_square(middle.rgba, CROP_PIXELS)
    return MeasuredFigure(seen[0][0], len(seen), centre_of(directions), write_png(crop.astype(np.uint8)))
