"""The figures of `lab identity`, on six of the cast and on scores made by hand."""

from pathlib import Path

import numpy as np
import pytest

from adapters.identity.embedder import OnnxEmbedder
from adapters.identity.metrics import (
    area_under_curve,
    equal_error_rate,
    measure_identity,
    measure_thresholds,
    read_figures,
)
from domain.errors import Invalid
from tests.builders_identity import CAST


def test_a_folder_of_the_cast_is_told_apart(embedder: OnnxEmbedder) -> None:
    measured = measure_identity(CAST, embedder)

    assert list(measured) == ["auc", "auc_same_style", "equal_error_rate", "recall_at_1", "ms_per_image"]
    # One in three of these pairs of one style are two look-alikes, toonHead-000 and -002.
    assert measured["auc"] > 0.98
    assert measured["auc_same_style"] > 0.93
    assert measured["recall_at_1"] == 1


def test_calibrated_thresholds_judge_nearly_all_pictures_rightly(embedder: OnnxEmbedder) -> None:
    labelled = read_figures(CAST)

    measured = measure_thresholds(embedder.embed(labelled.figures), labelled, embedder.profile)

    assert measured.own_refused <= 0.05
    assert measured.others_accepted <= 0.1


def test_scores_that_separate_have_an_area_of_one_and_no_error() -> None:
    scores, is_same = np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False])

    assert area_under_curve(scores, is_same) == 1
    assert equal_error_rate(scores, is_same) == 0


def test_scores_that_say_nothing_have_an_area_of_a_half() -> None:
    scores, is_same = np.array([0.5, 0.5, 0.5, 0.5]), np.array([True, False, True, False])

    assert area_under_curve(scores, is_same) == 0.5


def test_one_pair_of_four_the_wrong_way_round_is_counted() -> None:
    scores, is_same = np.array([0.9, 0.4, 0.5, 0.1]), np.array([True, True, False, False])

    assert area_under_curve(scores, is_same) == 0.75
    assert equal_error_rate(scores, is_same) == 0.5


def test_a_folder_with_nothing_to_compare_is_refused(tmp_path: Path, embedder: OnnxEmbedder) -> None:
    with pytest.raises(Invalid, match="two folders"):
        measure_identity(tmp_path, embedder)
