"""What the identity gate saw in a keyframe or clip: one finding a figure, and what they come to."""

from dataclasses import dataclass
from enum import StrEnum

from domain.events import Json
from domain.identifiers import CharacterId


class Verdict(StrEnum):
    """What a figure turned out to be; `unchecked` where the policy does not look."""

    MATCH = "match"
    COPY = "copy"
    WRONG = "wrong"
    MISSING = "missing"
    EXTRA = "extra"
    UNCHECKED = "unchecked"


# From bad to good: a shot's verdict is its worst finding.
_BADNESS = (Verdict.MISSING, Verdict.WRONG, Verdict.EXTRA, Verdict.COPY, Verdict.MATCH, Verdict.UNCHECKED)


@dataclass(frozen=True, slots=True)
class Finding:
    """One cast member, or a figure that nobody asked for: verdict and score (cosine; a clip's is its minimum)."""

    verdict: Verdict
    character_id: CharacterId | None = None
    score: float | None = None
    threshold: float | None = None
    score_median: float | None = None

    def to_json(self) -> dict[str, Json]:
        return {
            "verdict": self.verdict.value,
            "character_id": str(self.character_id) if self.character_id else None,
            "score": self.score,
            "threshold": self.threshold,
            "score_median": self.score_median,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings of one keyframe, or of one clip over `frames` frames."""

    findings: tuple[Finding, ...] = ()
    frames: int = 1

    @property
    def verdict(self) -> Verdict:
        if not self.findings:
            return Verdict.MATCH
        return min((finding.verdict for finding in self.findings), key=_BADNESS.index)

    @property
    def score(self) -> float | None:
        """The lowest score of a cast member; absent where nobody was scored."""
        scores = [finding.score for finding in self.findings if finding.score is not None]
        return min(scores, default=None)

    def is_passed(self, *, copies_are_normal: bool) -> bool:
        """Whether everyone is there, is who they should be, and nobody else is.

        A copy of a reference is what an engine that pastes its references is expected to show.
        """
        passing = {Verdict.MATCH, Verdict.UNCHECKED} | ({Verdict.COPY} if copies_are_normal else set())
        return self.verdict in passing

    @property
    def rank(self) -> tuple[int, int, bool, float]:
        """Orders the takes of a shot, the best last: fewest of the cast missing, then fewest wrong ones.

        Then those where nobody is too many, since a clip does not count them, then the margin over thresholds.
        """
        found = [finding.verdict for finding in self.findings]
        margins = [
            finding.score - finding.threshold
            for finding in self.findings
            if finding.score is not None and finding.threshold is not None
        ]
        bad = -found.count(Verdict.MISSING), -found.count(Verdict.WRONG), Verdict.EXTRA not in found
        return (*bad, min(margins, default=-1.0))

    def to_json(self) -> dict[str, Json]:
        return {"findings": [finding.to_json() for finding in self.findings], "frames": self.frames}


UNCHECKED = Judgement((Finding(Verdict.UNCHECKED),), frames=0)
