"""The verdicts of the identity gate: who of the cast is in a frame or a clip, who is not, and who should not be."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.characters.identity import Identity, SpaceProfile
from domain.errors import Invalid
from domain.identifiers import CharacterId

CLIP_FRAMES_MIN = 5
# A moving camera may hide a figure for a moment: absent in more than this share of the frames is missing.
ABSENT_SHARE_MAX = 0.25
# One frame of a clip, blurred by motion, may fall this far below the threshold as long as the median holds.
FRAME_SLACK = 0.1


class GateVerdict(StrEnum):
    """What the gate found of one expected character."""

    MATCH = "match"
    WRONG = "wrong"
    MISSING = "missing"
    COPY = "copy"


class CopyRule(StrEnum):
    """Whether a figure that is a reference over again is fine, as for an engine that films the cut-outs themselves."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ExpectedCharacter:
    """A character that must be in the frame, once."""

    character_id: CharacterId
    identity: Identity


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """How the scores of one space are judged."""

    profile: SpaceProfile
    copies: CopyRule = CopyRule.REFUSED


@dataclass(frozen=True, slots=True)
class FrameScores:
    """What was measured in one frame: rows are the expected characters, columns the figures, numbered by `figures`.

    `nearest` is the cosine with the most similar reference; `pairs` is the one-to-one matching (row, column); `sides`
    are the figures' longer sides in pixels.
    """

    figures: tuple[int, ...]
    scores: tuple[tuple[float, ...], ...]
    nearest: tuple[tuple[float, ...], ...]
    pairs: tuple[tuple[int, int], ...]
    sides: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CharacterVerdict:
    """What one frame says of one character; a missing one has neither figure nor score."""

    character_id: CharacterId
    verdict: GateVerdict
    threshold: float
    figure: int | None = None
    score: float | None = None
    nearest: float | None = None


@dataclass(frozen=True, slots=True)
class FrameReport:
    """What the gate says of one frame."""

    characters: tuple[CharacterVerdict, ...]
    extra_figures: tuple[int, ...]
    copies: CopyRule

    @property
    def is_passed(self) -> bool:
        """Whether everyone expected is there, as themselves, and nobody else."""
        return not self.extra_figures and all(is_fine(found.verdict, self.copies) for found in self.characters)

    @property
    def score(self) -> float | None:
        """The lowest score of those that were found; None when nobody was expected or found."""
        return min((found.score for found in self.characters if found.score is not None), default=None)


@dataclass(frozen=True, slots=True)
class ClipVerdict:
    """What the frames of a clip say together of one character."""

    character_id: CharacterId
    verdict: GateVerdict
    threshold: float
    frames_found: int
    score_min: float | None = None
    score_median: float | None = None


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What the gate says of a clip; `extra_frames` counts the frames that hold a figure too many."""

    characters: tuple[ClipVerdict, ...]
    frames: int
    extra_frames: int
    copies: CopyRule

    @property
    def is_passed(self) -> bool:
        """Whether the cast is itself throughout, and nobody else stays."""
        has_extra = self.extra_frames > self.frames * ABSENT_SHARE_MAX
        return not has_extra and all(is_fine(found.verdict, self.copies) for found in self.characters)

    @property
    def score(self) -> float | None:
        """The lowest median of those that were found; None when nobody was expected or found."""
        medians = [found.score_median for found in self.characters if found.score_median is not None]
        return min(medians, default=None)

    @property
    def score_min(self) -> float | None:
        """The lowest score of any frame."""
        return min((found.score_min for found in self.characters if found.score_min is not None), default=None)


def is_fine(verdict: GateVerdict, copies: CopyRule) -> bool:
    """Whether a verdict lets the take through."""
    return verdict is GateVerdict.MATCH or (verdict is GateVerdict.COPY and copies is CopyRule.ACCEPTED)


def judge_frame(expected: Sequence[ExpectedCharacter], measured: FrameScores, policy: GatePolicy) -> FrameReport:
    """Answer the verdict on every expected character and the figures that belong to none."""
    columns = dict(measured.pairs)
    verdicts = tuple(
        judge_figure(character, row, columns.get(row), measured, policy) for row, character in enumerate(expected)
    )
    matched = set(columns.values())
    extra = tuple(figure for column, figure in enumerate(measured.figures) if column not in matched)
    return FrameReport(verdicts, extra, policy.copies)


def judge_figure(
    character: ExpectedCharacter, row: int, column: int | None, measured: FrameScores, policy: GatePolicy
) -> CharacterVerdict:
    """Answer the verdict on one character and the figure it was matched with, if any."""
    character.identity.require_space(policy.profile.space)
    threshold = character.identity.threshold
    if column is None:
        return CharacterVerdict(character.character_id, GateVerdict.MISSING, threshold)
    score, nearest = measured.scores[row][column], measured.nearest[row][column]
    if measured.sides:
        threshold -= policy.profile.small_loss(measured.sides[column])
    verdict = GateVerdict.MATCH
    if score < threshold:
        verdict = GateVerdict.WRONG
    elif nearest >= policy.profile.copy_score:
        verdict = GateVerdict.COPY
    return CharacterVerdict(character.character_id, verdict, threshold, measured.figures[column], score, nearest)


def judge_clip(frames: Sequence[FrameReport]) -> ClipReport:
    """Answer the verdict on a clip from reports of at least five of its frames; raises Invalid for fewer."""
    if len(frames) < CLIP_FRAMES_MIN:
        raise Invalid(f"A clip is judged by at least {CLIP_FRAMES_MIN} frames, not {len(frames)}.")
    characters = tuple(judge_throughout(seen) for seen in zip(*(frame.characters for frame in frames), strict=True))
    extra = sum(bool(frame.extra_figures) for frame in frames)
    return ClipReport(characters, len(frames), extra, frames[0].copies)


def judge_throughout(seen: Sequence[CharacterVerdict]) -> ClipVerdict:
    """Answer what the frames say together of one character: minimum, median and verdict."""
    first = seen[0]
    scores = [found.score for found in seen if found.score is not None]
    if len(seen) - len(scores) > len(seen) * ABSENT_SHARE_MAX:
        return ClipVerdict(first.character_id, GateVerdict.MISSING, first.threshold, len(scores))
    lowest, median = min(scores), statistics.median(scores)
    # A figure that comes nearer or goes off is judged in each frame by its size there.
    thresholds = [found.threshold for found in seen if found.score is not None]
    room = [score - threshold for score, threshold in zip(scores, thresholds, strict=True)]
    threshold = statistics.median(thresholds)
    verdict = GateVerdict.MATCH
    if statistics.median(room) < 0 or min(room) < -FRAME_SLACK:
        verdict = GateVerdict.WRONG
    elif all(found.verdict is GateVerdict.COPY for found in seen if found.score is not None):
        verdict = GateVerdict.COPY
    return ClipVerdict(first.character_id, verdict, threshold, len(scores), lowest, median)
