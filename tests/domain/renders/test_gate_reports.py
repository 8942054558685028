"""What a take keeps of the gate's reports."""

from domain.characters.gate import (
    CharacterVerdict,
    ClipReport,
    ClipVerdict,
    CopyRule,
    FrameReport,
    GateVerdict,
)
from domain.renders.gate_reports import judgement_of_clip, judgement_of_frame
from domain.renders.judgements import Finding, Judgement, Verdict
from tests.builders_renders import HARE, TORTOISE


def test_a_frame_keeps_one_finding_a_character_and_one_a_stranger() -> None:
    found = CharacterVerdict(HARE, GateVerdict.COPY, 0.5, figure=1, score=0.912345, nearest=0.99)
    gone = CharacterVerdict(TORTOISE, GateVerdict.MISSING, 0.6)
    judgement = judgement_of_frame(FrameReport((found, gone), (3, 4), CopyRule.ACCEPTED))
    assert judgement == Judgement(
        (
            Finding(Verdict.COPY, HARE, 0.9123, 0.5),
            Finding(Verdict.MISSING, TORTOISE, None, 0.6),
            Finding(Verdict.EXTRA),
            Finding(Verdict.EXTRA),
        )
    )


def test_a_clip_keeps_minimum_and_median() -> None:
    seen = ClipVerdict(HARE, GateVerdict.MATCH, 0.5, frames_found=5, score_min=0.6, score_median=0.7)
    judgement = judgement_of_clip(ClipReport((seen,), frames=5, extra_frames=1, copies=CopyRule.REFUSED))
    assert judgement == Judgement((Finding(Verdict.MATCH, HARE, 0.6, 0.5, 0.7),), frames=5)


def test_a_stranger_that_stays_in_a_clip_is_kept_and_one_that_passes_is_not() -> None:
    for frames, verdict in ((1, Verdict.MATCH), (2, Verdict.EXTRA)):
        report = ClipReport((), frames=5, extra_frames=frames, copies=CopyRule.REFUSED)
        assert judgement_of_clip(report).verdict is verdict


def test_whoever_else_is_seen_where_extras_may_be_is_no_finding() -> None:
    found = CharacterVerdict(HARE, GateVerdict.MATCH, 0.5, figure=1, score=0.9, nearest=0.9)
    seen = ClipVerdict(HARE, GateVerdict.MATCH, 0.5, frames_found=5, score_min=0.6, score_median=0.7)
    frame = FrameReport((found,), (2, 3), CopyRule.REFUSED)
    clip = ClipReport((seen,), frames=5, extra_frames=5, copies=CopyRule.REFUSED)
    assert [finding.verdict for finding in judgement_of_frame(frame, extras=True).findings] == [Verdict.MATCH]
    assert [finding.verdict for finding in judgement_of_clip(clip, extras=True).findings] == [Verdict.MATCH]
    gone = FrameReport((CharacterVerdict(HARE, GateVerdict.MISSING, 0.5),), (2,), CopyRule.REFUSED)
    assert judgement_of_frame(gone, extras=True).verdict is Verdict.MISSING


def test_the_gate_and_what_is_kept_of_it_agree_on_what_passes() -> None:
    for verdict in GateVerdict:
        for copies in CopyRule:
            report = FrameReport((CharacterVerdict(HARE, verdict, 0.5, 1, 0.7, 0.7),), (), copies)
            is_normal = copies is CopyRule.ACCEPTED
            assert judgement_of_frame(report).is_passed(copies_are_normal=is_normal) is report.is_passed
