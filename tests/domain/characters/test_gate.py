"""The verdicts of the identity gate, from scores alone."""

from dataclasses import replace

import pytest

from domain.characters.gate import (
    CopyRule,
    ExpectedCharacter,
    FrameReport,
    FrameScores,
    GatePolicy,
    GateVerdict,
    judge_clip,
    judge_frame,
)
from domain.characters.identity import EmbeddingSpace, Identity
from domain.errors import Invalid
from tests.builders_identity import PROFILE, at_degrees, character_id, expected_at

ANNA, BEN = expected_at(1, 0, 10), expected_at(2, 80, 90)
STRICT = GatePolicy(PROFILE, CopyRule.REFUSED)


def seen(
    score: float | None, *, nearest: float = 0.9, extra: bool = False, copies: CopyRule = CopyRule.REFUSED
) -> FrameReport:
    """A frame that shows Anna with a score, or hides her, and perhaps a stranger."""
    columns = [] if score is None else [score]
    figures = tuple(range(1, 1 + len(columns) + extra))
    row = (*columns, *([0.1] * extra))
    pairs = ((0, 0),) if columns else ()
    measured = FrameScores(figures, (row,), (tuple(nearest for _ in row),), pairs)
    return judge_frame([ANNA], measured, GatePolicy(PROFILE, copies))


def verdict_of(report: FrameReport) -> GateVerdict:
    return report.characters[0].verdict


@pytest.mark.parametrize(
    ("report", "verdict", "is_passed"),
    [
        (seen(0.9), GateVerdict.MATCH, True),
        (seen(0.8), GateVerdict.MATCH, True),
        (seen(0.79), GateVerdict.WRONG, False),
        (seen(None), GateVerdict.MISSING, False),
        (seen(0.95, nearest=0.985), GateVerdict.COPY, False),
        (seen(0.95, nearest=0.985, copies=CopyRule.ACCEPTED), GateVerdict.COPY, True),
        (seen(0.9, extra=True), GateVerdict.MATCH, False),
    ],
)
def test_a_frame_is_judged_by_score_presence_and_likeness(
    report: FrameReport,
    verdict: GateVerdict,
    is_passed: bool,  # noqa: FBT001 a column of the table
) -> None:
    assert verdict_of(report) is verdict
    assert report.is_passed is is_passed


def test_a_missing_character_has_no_score_rather_than_none_of_it() -> None:
    report = seen(None)

    assert report.characters[0].score is None
    assert report.score is None


def test_figures_that_belong_to_nobody_are_extra() -> None:
    assert seen(0.9, extra=True).extra_figures == (2,)


def test_a_frame_is_scored_by_its_weakest_character() -> None:
    measured = FrameScores((1, 2), ((0.95, 0.2), (0.1, 0.84)), ((0.9, 0.2), (0.1, 0.9)), ((0, 0), (1, 1)))

    report = judge_frame([ANNA, BEN], measured, STRICT)

    assert report.is_passed
    assert report.score == 0.84
    assert [found.figure for found in report.characters] == [1, 2]


def test_an_empty_frame_without_cast_passes() -> None:
    report = judge_frame([], FrameScores((), (), (), ()), STRICT)

    assert report.is_passed
    assert report.score is None


def test_a_clip_is_judged_by_its_median_and_lowest_frame() -> None:
    report = judge_clip([seen(score) for score in (0.9, 0.85, 0.72, 0.88, 0.91)])

    assert report.is_passed
    assert report.score == 0.88
    assert report.score_min == 0.72


@pytest.mark.parametrize("scores", [(0.9, 0.9, 0.6, 0.9, 0.9), (0.75, 0.75, 0.75, 0.9, 0.9)])
def test_a_clip_that_drifts_is_wrong(scores: tuple[float, ...]) -> None:
    report = judge_clip([seen(score) for score in scores])

    assert report.characters[0].verdict is GateVerdict.WRONG
    assert not report.is_passed


def test_a_character_hidden_for_one_frame_in_five_is_not_missing() -> None:
    assert judge_clip([seen(0.9), seen(0.9), seen(None), seen(0.9), seen(0.9)]).is_passed


def test_a_character_hidden_for_two_frames_in_five_is_missing() -> None:
    report = judge_clip([seen(0.9), seen(None), seen(None), seen(0.9), seen(0.9)])

    assert report.characters[0].verdict is GateVerdict.MISSING
    assert report.characters[0].frames_found == 3


def test_a_clip_copied_throughout_is_a_copy() -> None:
    report = judge_clip([seen(0.95, nearest=0.99)] * 5)

    assert report.characters[0].verdict is GateVerdict.COPY


def test_a_stranger_who_stays_fails_the_clip() -> None:
    report = judge_clip([seen(0.9, extra=True)] * 2 + [seen(0.9)] * 3)

    assert report.extra_frames == 2
    assert not report.is_passed


def test_four_frames_are_too_few_to_judge_a_clip() -> None:
    with pytest.raises(Invalid):
        judge_clip([seen(0.9)] * 4)


def test_an_identity_of_another_space_is_refused() -> None:
    foreign = Identity(EmbeddingSpace("other", 1, 2), at_degrees(0), (at_degrees(0),), 0.5)
    expected = [ExpectedCharacter(character_id(9), foreign)]

    with pytest.raises(Invalid, match="other@1"):
        judge_frame(expected, FrameScores((1,), ((0.9,),), ((0.9,),), ((0, 0),)), STRICT)


def test_a_small_figure_may_score_lower_by_what_its_size_costs() -> None:
    profile = replace(PROFILE, small_losses=((20, 0.4), (40, 0.2), (80, 0.0)))
    assert [profile.small_loss(side) for side in (10, 20, 30, 40, 60, 80, 300)] == pytest.approx(
        [0.4, 0.4, 0.3, 0.2, 0.1, 0.0, 0.0]
    )
    for side, verdict in ((40, GateVerdict.MATCH), (80, GateVerdict.WRONG)):
        measured = FrameScores((1,), ((0.65,),), ((0.65,),), ((0, 0),), (side,))
        assert verdict_of(judge_frame([ANNA], measured, GatePolicy(profile))) is verdict
