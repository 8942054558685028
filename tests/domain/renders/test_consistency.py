"""Scores, pairs and drift, reckoned from directions that are known."""

import math

import pytest

from domain.renders.consistency import DriftClass, Spread
from tests.builders_consistency import consistency


def cosine(degrees: float) -> float:
    return round(math.cos(math.radians(degrees)), 4)


def test_every_shot_is_scored_by_the_references() -> None:
    found = consistency({1: 0, 2: 60, 3: 30})
    assert [shot.score for shot in found.shots] == [cosine(0), cosine(60), cosine(30)]
    assert found.to_references == Spread(cosine(60), cosine(30), 3)


def test_every_pair_of_shots_is_scored_and_the_least_alike_told_first() -> None:
    found = consistency({1: 0, 2: 60, 3: 10})
    assert found.between_shots == Spread(cosine(60), cosine(50), 3)
    assert [(pair.shot_number, pair.other_number) for pair in found.least_alike] == [(1, 2), (2, 3), (1, 3)]


def test_a_shot_in_which_nobody_was_found_has_no_score_and_joins_no_pair() -> None:
    found = consistency({1: 0, 2: None, 3: 0})
    assert [shot.score for shot in found.shots] == [1.0, None, 1.0]
    assert found.between_shots == Spread(1.0, 1.0, 1)


def test_a_recurrence_counts_from_where_the_character_was_last_seen() -> None:
    found = consistency({1: 0, 2: None, 5: 0})
    assert [shot.shots_since for shot in found.shots] == [None, None, 4]
    assert [shot.seconds_since for shot in found.shots] == [None, None, 6.0]


def test_drift_is_told_in_classes_that_double() -> None:
    found = consistency({1: 0, 2: 10, 3: 20, 6: 30, 10: 40, 15: 50})
    assert found.drift == (
        DriftClass(1, 1, Spread(cosine(20), round((cosine(10) + cosine(20)) / 2, 4), 2)),
        DriftClass(3, 4, Spread(cosine(40), round((cosine(30) + cosine(40)) / 2, 4), 2)),
        DriftClass(5, 8, Spread(cosine(50), cosine(50), 1)),
    )


@pytest.mark.parametrize(("far", "is_falling"), [(40.0, True), (0.0, False)])
def test_the_slope_tells_whether_absence_costs_likeness(far: float, *, is_falling: bool) -> None:
    slope = consistency({1: 0, 2: 0, 3: 0, 9: far}).slope
    assert slope is not None
    assert slope == (pytest.approx((cosine(40) - 1) / 5) if is_falling else 0)


def test_there_is_no_slope_where_all_distances_are_one() -> None:
    assert consistency({1: 0, 2: 10, 3: 20}).slope is None


def test_a_character_that_is_never_found_has_neither_scores_nor_drift() -> None:
    found = consistency({1: None, 2: None})
    assert (found.to_references, found.between_shots, found.drift, found.slope) == (None, None, (), None)
