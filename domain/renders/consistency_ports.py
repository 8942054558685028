"""What a report of consistency needs from the outside: who measures clips, who paints, and where reports are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.characters.gate import ExpectedCharacter
from domain.characters.identity import EmbeddedFigures, Vector
from domain.identifiers import CharacterId, RenderId
from domain.renders.consistency import CharacterConsistency, ConsistencyReport
from domain.renders.judgements import Verdict


@dataclass(frozen=True, slots=True)
class MeasuredFigure:
    """A character's figure in a clip: in how many sampled frames, its mean direction, and its middle crop as PNG."""

    character_id: CharacterId
    frames: int
    direction: Vector
    crop_png: bytes


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A character in one shot; without a crop where it was not found."""

    shot_number: int
    verdict: Verdict
    score: float | None
    crop_png: bytes | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A character's cells, in the film's order; shots that it is not cast in have none."""

    name: str
    cells: Sequence[SheetCell]


class ConsistencyMeter(Protocol):
    """Finds the cast in clips as the identity gate does, and measures instead of judging."""

    async def measure_clip(
        self,
        *,
        clip_mp4: bytes,
        labels_png: bytes,
        sampled_frames: Sequence[int],
        expected: Sequence[ExpectedCharacter],
        embedded: EmbeddedFigures | None = None,
    ) -> Sequence[MeasuredFigure]:
        """Measure who was found; raises Invalid for a clip, vectors or an identity that do not fit, SpaceUnknown."""
        ...


class ReportPainter(Protocol):
    """Draws reports as PNG."""

    async def paint_sheet(self, title: str, rows: Sequence[SheetRow]) -> bytes:
        """A contact sheet: one row a character, one column a shot, each crop with score and verdict."""
        ...

    async def paint_plot(self, title: str, characters: Sequence[CharacterConsistency]) -> bytes:
        """Scores over shots, one line a character, and the drift beside it."""
        ...


class ConsistencyReports(Protocol):
    """Rows of reports, at most one a render, of the transaction's workspace alone; they go with their render."""

    async def find(self, render_id: RenderId) -> ConsistencyReport | None: ...

    async def find_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, ConsistencyReport]: ...

    async def save(self, report: ConsistencyReport) -> None:
        """Write the report down in the place of an older one; what that held is released by the caller."""
        ...
