"""From what the identity gate reports of pixels to what a take keeps of it."""

from domain.characters.gate import ABSENT_SHARE_MAX, ClipReport, FrameReport, GateVerdict
from domain.renders.judgements import Finding, Judgement, Verdict

_VERDICTS = {
    GateVerdict.MATCH: Verdict.MATCH,
    GateVerdict.WRONG: Verdict.WRONG,
    GateVerdict.MISSING: Verdict.MISSING,
    GateVerdict.COPY: Verdict.COPY,
}


def judgement_of_frame(report: FrameReport) -> Judgement:
    """One finding a cast member, one a figure too many."""
    findings = [
        Finding(_VERDICTS[found.verdict], found.character_id, _kept(found.score), _kept(found.threshold))
        for found in report.characters
    ]
    return Judgement((*findings, *(Finding(Verdict.EXTRA) for _ in report.extra_figures)))


def judgement_of_clip(report: ClipReport) -> Judgement:
    """One finding a cast member, with minimum and median; one for a stranger that stays."""
    findings = [
        Finding(
            _VERDICTS[found.verdict],
            found.character_id,
            _kept(found.score_min),
            _kept(found.threshold),
            _kept(found.score_median),
        )
        for found in report.characters
    ]
    has_stranger = report.extra_frames > report.frames * ABSENT_SHARE_MAX
    return Judgement((*findings, *([Finding(Verdict.EXTRA)] if has_stranger else [])), frames=report.frames)


def _kept(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
