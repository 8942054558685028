"""What identities need from the outside: a reader of pictures, and the gate that knows faces in frames."""

from collections.abc import Sequence
from typing import Protocol

from domain.characters.gate import ClipReport, CopyRule, ExpectedCharacter, FrameReport
from domain.characters.identity import EmbeddedFigures, PictureReading, SpaceProfile


class PictureReader(Protocol):
    """Reads who is in a picture."""

    @property
    def profile(self) -> SpaceProfile:
        """The embedding space of the vectors, and how scores fall in it."""
        ...

    async def read(self, content: bytes) -> PictureReading:
        """Cut the figure out, judge the picture and embed the figure; raises Invalid when the bytes are no picture."""
        ...


class IdentityGate(Protocol):
    """Checks frames and clips for the right characters."""

    async def check_keyframe(
        self,
        *,
        frame_png: bytes,
        labels_png: bytes,
        expected: Sequence[ExpectedCharacter],
        copies: CopyRule,
        embedded: EmbeddedFigures | None = None,
    ) -> FrameReport:
        """Match the figures of a label map (0 is background, 1..n are figures) with the expected characters.

        Their vectors are `embedded` by a worker, or made here in the built-in space. Raises SpaceUnknown, Invalid for
        vectors that do not fit the map.
        """
        ...

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
        """Check the sampled frames, whose label maps are stacked from top to bottom; Invalid for fewer than 5."""
        ...
