"""Read one reference picture: its figure, its faults, its view, its hash and its vector."""

import asyncio

from adapters.identity.cut_out import cut_out
from adapters.identity.embedder import FigureEmbedder
from adapters.identity.perceptual_hash import perceptual_hash
from adapters.identity.pictures import read_picture, write_png
from adapters.identity.quality import judge_quality
from adapters.identity.view import view_of
from domain.characters.identity import PictureReading, SpaceProfile


class EmbeddingPictureReader:
    """Reads pictures with the given embedder, off the event loop."""

    def __init__(self, embedder: FigureEmbedder) -> None:
        self._embedder = embedder

    @property
    def profile(self) -> SpaceProfile:
        return self._embedder.profile

    async def read(self, content: bytes) -> PictureReading:
        """Cut the figure out, judge, measure and embed it; raises Invalid when the bytes are no picture."""
        return await asyncio.to_thread(self.read_now, content)

    def read_now(self, content: bytes) -> PictureReading:
        """Do the same on this thread."""
        picture = read_picture(content)
        cut = cut_out(picture)
        faults = judge_quality(cut)
        is_readable = not any(fault.is_fatal for fault in faults)
        vector = tuple(float(value) for value in self._embedder.embed([cut.rgba])[0]) if is_readable else None
        return PictureReading(
            cut_out_png=write_png(cut.rgba),
            cut_out_method=cut.method.value,
            cut_out_confidence=cut.confidence,
            faults=faults,
            perceptual_hash=perceptual_hash(picture),
            space=self._embedder.space,
            vector=vector,
            view=view_of(cut),
        )
