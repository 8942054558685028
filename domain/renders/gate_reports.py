"""From what the identity gate reports of pixels to what a take keeps of it."""

from domain.characters.gate import ABSENT_SHARE_MAX, ClipReport, FrameReport, GateVerdict
from domain.renders.judgements import Finding, Judgement, Verdict

_VERDICTS = {
    GateVerdict.MATCH: Verdict.MATCH,
    GateVerdict.WRONG: Verdict.WRONG,
    GateVerdict.MISSING: Verdict.MISSING,
    GateVerdict.COPY: Verdict.COPY,
}


def judgement_of_frame(report: FrameReport, *, extras: bool = False) -> Judgement:
    """One finding a cast member, one a figure too many; with `extras` none is."""
    findings = [
        Finding(_VERDICTS[found.verdict], found.character_id, _kept(found.score), _kept(found.threshold))
        for found in report.characters
    ]
    strangers = () if extras else report.extra_figures
    return Judgement((*findings, *(Finding(Verdict.EXTRA) for _ in strangers)))


def judgement_of_clip(report: ClipReport, *, extras: bool = False) -> Judgement:
    """One finding a cast member, with minimum and median; one for a stranger that stays, unless `extras` may."""
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
    has_stranger = not extras and report.extra_frames > report.frames * ABSENT_SHARE_MAX
    return Judgement((*findings, *([Finding(Verdict.EXTRA)] if has_stranger else [])), frames=report.frames)


def _kept(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
