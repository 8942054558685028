"""Calibration, look-alikes and copies, on vectors of a plane where a score is the cosine of an angle."""

import math
from dataclasses import replace

import pytest

from domain.characters.identity import EmbeddingSpace, Identity, centre_of, unit
from domain.characters.policies import (
    calibrate_threshold,
    expected_score,
    identity_of,
    is_copy,
    leave_one_out_scores,
    look_alike,
    score_of,
)
from domain.errors import Invalid
from tests.builders_identity import PLANE, PROFILE, at_degrees, identity_at


def test_one_reference_expects_the_mean_of_pairs() -> None:
    assert expected_score(0.85, 1) == pytest.approx(0.85)


def test_more_references_raise_the_score_to_expect() -> None:
    assert 0.85 < expected_score(0.85, 2) < expected_score(0.85, 8) < math.sqrt(0.85)


def test_each_picture_is_scored_against_the_others() -> None:
    scores = leave_one_out_scores([at_degrees(0), at_degrees(10), at_degrees(20)])

    assert scores == pytest.approx([math.cos(math.radians(angle)) for angle in (15, 0, 15)])


def test_one_picture_gets_the_threshold_of_the_space() -> None:
    assert calibrate_threshold([at_degrees(0)], PROFILE) == pytest.approx(0.85 - 2.25 * 0.08)


def test_pictures_alike_earn_a_sharper_threshold_than_pictures_unlike() -> None:
    alike = calibrate_threshold([at_degrees(angle) for angle in (0, 4, 8, 12, 16)], PROFILE)
    unlike = calibrate_threshold([at_degrees(angle) for angle in (0, 25, 50, 75, 95)], PROFILE)

    assert alike > unlike


def test_the_threshold_never_falls_to_where_others_pass() -> None:
    scattered = [at_degrees(angle) for angle in (0, 60, 110, 150)]

    assert calibrate_threshold(scattered, PROFILE) >= PROFILE.other_high


def test_what_films_take_from_a_score_lowers_the_threshold() -> None:
    vectors = [at_degrees(angle) for angle in (0, 10, 20)]
    filmed = replace(PROFILE, film_loss=0.05, film_deviation=0.06)

    assert calibrate_threshold(vectors, filmed) < calibrate_threshold(vectors, PROFILE) - 0.05


def test_a_character_without_pictures_has_no_threshold() -> None:
    with pytest.raises(Invalid):
        calibrate_threshold([], PROFILE)


def test_an_identity_accepts_its_own_pictures() -> None:
    vectors = [at_degrees(angle) for angle in (0, 8, 16, 24)]
    identity = identity_of(vectors, PROFILE)

    assert all(score_of(identity, vector) >= identity.threshold for vector in vectors)


def test_vectors_that_cancel_out_have_no_centre() -> None:
    with pytest.raises(Invalid):
        centre_of([unit([1, 0]), unit([-1, 0])])


def test_characters_whose_pictures_pass_for_each_other_look_alike() -> None:
    warning = look_alike(identity_at(0, 10, 20), identity_at(15, 25, 35))

    assert warning is not None
    assert warning.likeness == pytest.approx(math.cos(math.radians(15)))


def test_characters_far_apart_do_not_look_alike() -> None:
    assert look_alike(identity_at(0, 10), identity_at(80, 90)) is None


def test_identities_of_two_spaces_are_never_compared() -> None:
    foreign = Identity(EmbeddingSpace("plane", 2, 2), at_degrees(0), (at_degrees(0),), 0.8)

    with pytest.raises(Invalid, match="plane@2"):
        look_alike(identity_at(0), foreign)


def test_a_reference_over_again_is_a_copy_and_a_new_picture_is_not() -> None:
    identity = identity_at(0, 30)

    assert is_copy(identity, at_degrees(1), PROFILE)
    assert not is_copy(identity, at_degrees(15), PROFILE)


def test_a_space_is_named_with_its_version() -> None:
    assert PLANE.key == "plane@1"
