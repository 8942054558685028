"""The rules of identity: how a threshold is calibrated, when two characters look alike, what a copy is.

All of them read scores: the cosine of a picture's vector with the centre of a character's reference vectors.
"""

import math
from collections.abc import Sequence

from domain.characters.identity import Identity, LookAlike, SpaceProfile, Vector, centre_of, dot
from domain.errors import Invalid

# How many pictures the space's own average weighs against a character's; of 1 to 3 pictures it is nearly the answer.
PRIOR_PICTURES = 4
# How far below its own mean score a character's picture may fall: 2.25 deviations keep 99 of 100.
DEVIATIONS_BELOW = 2.25
# Two characters look alike when this share of one's pictures would pass as the other.
LOOK_ALIKE_SHARE = 0.25


def expected_score(pair_mean: float, references: int) -> float:
    """Answer the score to expect of a picture against the centre of n references.

    With c the mean cosine of two pictures of one character, the mean of n unit vectors has the squared length
    (1 + (n - 1) c) / n, and a further picture has the inner product c with it: c / sqrt((1 + (n - 1) c) / n).
    """
    return pair_mean / math.sqrt((1 + (references - 1) * pair_mean) / references)


def leave_one_out_scores(vectors: Sequence[Vector]) -> list[float]:
    """Answer each picture's score against the centre of all the others."""
    return [dot(vector, centre_of([*vectors[:i], *vectors[i + 1 :]])) for i, vector in enumerate(vectors)]


def calibrate_threshold(vectors: Sequence[Vector], profile: SpaceProfile) -> float:
    """Answer the score from which a picture shows this character.

    Each picture is scored against the others; what the scores miss of `expected_score` tells how varied this
    character is. Mean and variance of that are drawn towards the space's own by PRIOR_PICTURES pictures' worth, and
    what films do to a picture is added, which references cannot tell:

        bias = sum(d) / (n + k)                d_i = s_i - expected_score(pair_mean, n - 1)
        variance = (k pair_deviation^2 + sum((d_i - bias)^2)) / (n + k) + film_deviation^2
        threshold = expected_score(pair_mean, n) + bias - film_loss - DEVIATIONS_BELOW * sqrt(variance)

    With one picture d is empty. The threshold is never below `other_high`, where other characters of the same
    drawing style would pass, however scattered the pictures are. Raises Invalid without pictures.
    """
    if not vectors:
        raise Invalid("A character without pictures has no threshold.")
    count = len(vectors)
    misses: list[float] = []
    if count > 1:
        usual = expected_score(profile.pair_mean, count - 1)
        misses = [score - usual for score in leave_one_out_scores(vectors)]
    weight = len(misses) + PRIOR_PICTURES
    bias = math.fsum(misses) / weight
    spread = math.fsum((miss - bias) ** 2 for miss in misses)
    variance = (PRIOR_PICTURES * profile.pair_deviation**2 + spread) / weight + profile.film_deviation**2
    mean = expected_score(profile.pair_mean, count) + bias - profile.film_loss
    return max(mean - DEVIATIONS_BELOW * math.sqrt(variance), profile.other_high)


def identity_of(vectors: Sequence[Vector], profile: SpaceProfile) -> Identity:
    """Answer the identity that reference vectors make; raises Invalid without any."""
    return Identity(profile.space, centre_of(vectors), tuple(vectors), calibrate_threshold(vectors, profile))


def score_of(identity: Identity, vector: Vector) -> float:
    """Answer how much a picture's vector is this character's, -1 to 1."""
    return dot(identity.centre, vector)


def nearest_reference(identity: Identity, vector: Vector) -> float:
    """Answer the cosine of the reference that resembles the vector most."""
    return max(dot(reference, vector) for reference in identity.vectors)


def is_copy(identity: Identity, vector: Vector, profile: SpaceProfile) -> bool:
    """Whether a picture is one of the references over again rather than a new one of the same character."""
    identity.require_space(profile.space)
    return nearest_reference(identity, vector) >= profile.copy_score


def look_alike(one: Identity, other: Identity) -> LookAlike | None:
    """Answer a warning when many of one character's pictures would pass as the other; raises Invalid across spaces."""
    one.require_space(other.space)
    if max(share_that_passes(one, other), share_that_passes(other, one)) < LOOK_ALIKE_SHARE:
        return None
    return LookAlike(likeness=dot(one.centre, other.centre), threshold=min(one.threshold, other.threshold))


def share_that_passes(judge: Identity, judged: Identity) -> float:
    """Answer the share of one character's references that score above another's threshold."""
    passing = sum(score_of(judge, vector) >= judge.threshold for vector in judged.vectors)
    return passing / len(judged.vectors)
