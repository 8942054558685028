"""How much the cast of a film stays itself: every shot's figure beside the references, and beside the other shots'.

A figure's direction is the mean of its unit vectors over the sampled frames of the accepted clip; every score is the
cosine of two directions, as the gate's are. Anchored shots neither fall nor rise with the time since the character was
last seen; shots chained to one another fall, and `slope` says by how much.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from domain.characters.identity import Vector, dot
from domain.identifiers import CharacterId, ObjectId, RenderId, ShotId, WorkspaceId
from domain.renders.judgements import Verdict

LEAST_ALIKE_MAX = 20


@dataclass(frozen=True, slots=True)
class Portrait:
    """Who a character should be: the centre of its reference images, and the threshold calibrated for it."""

    character_id: CharacterId
    name: str
    centre: Vector
    threshold: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """A character in a shot that it is cast in; without a direction where no figure was found to be it.

    `starts_at` and `ends_at` are seconds of the film; `frames` is how many sampled frames it was found in.
    """

    shot_id: ShotId
    shot_number: int
    starts_at: float
    ends_at: float
    verdict: Verdict
    frames: int = 0
    direction: Vector | None = None


@dataclass(frozen=True, slots=True)
class ShotScore:
    """Reference to shot; `shots_since` and `seconds_since` tell how long ago the character was seen before."""

    shot_id: ShotId
    shot_number: int
    verdict: Verdict
    frames: int
    score: float | None = None
    shots_since: int | None = None
    seconds_since: float | None = None


@dataclass(frozen=True, slots=True)
class PairScore:
    """Shot to shot: two shots of one character, by their numbers."""

    shot_number: int
    other_number: int
    score: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Minimum and median of scores, and how many there were."""

    minimum: float
    median: float
    count: int


@dataclass(frozen=True, slots=True)
class DriftClass:
    """Shots whose character was last seen from `shots_min` to `shots_max` shots before: how many, and their scores."""

    shots_min: int
    shots_max: int
    scores: Spread


@dataclass(frozen=True, slots=True)
class CharacterConsistency:
    """One character through the film; `slope` is what the score gains (or loses) a shot of not being seen."""

    character_id: CharacterId
    name: str
    threshold: float
    shots: tuple[ShotScore, ...]
    to_references: Spread | None
    between_shots: Spread | None
    least_alike: tuple[PairScore, ...]
    drift: tuple[DriftClass, ...]
    slope: float | None


@dataclass(frozen=True, slots=True)
class ConsistencyReport:
    """All characters of one film, in one embedding space, with a contact sheet and a plot."""

    render_id: RenderId
    workspace_id: WorkspaceId
    film_digest: str
    characters: tuple[CharacterConsistency, ...]
    sheet_id: ObjectId
    plot_id: ObjectId
    made_at: datetime

    @property
    def object_ids(self) -> set[ObjectId]:
        return {self.sheet_id, self.plot_id}


def consistency_of(portrait: Portrait, sightings: Sequence[Sighting]) -> CharacterConsistency:
    """Score a character in all its shots, which come in the film's order."""
    shots = tuple(_shot_scores(portrait.centre, sightings))
    pairs = sorted(_pair_scores(sightings), key=lambda pair: (pair.score, pair.shot_number, pair.other_number))
    return CharacterConsistency(
        character_id=portrait.character_id,
        name=portrait.name,
        threshold=round(portrait.threshold, 4),
        shots=shots,
        to_references=spread_of([shot.score for shot in shots if shot.score is not None]),
        between_shots=spread_of([pair.score for pair in pairs]),
        least_alike=tuple(pairs[:LEAST_ALIKE_MAX]),
        drift=drift_of(shots),
        slope=slope_of(shots),
    )


def spread_of(scores: Sequence[float]) -> Spread | None:
    """Minimum and median; None where there is nothing."""
    return Spread(min(scores), round(statistics.median(scores), 4), len(scores)) if scores else None


def drift_of(shots: Sequence[ShotScore]) -> tuple[DriftClass, ...]:
    """Scores by recurrence distance, in classes that double: 1, 2, 3 to 4, 5 to 8 shots and so on."""
    classes: defaultdict[int, list[float]] = defaultdict(list)
    for since, score in _recurrences(shots):
        classes[(since - 1).bit_length()].append(score)
    found = [(power, spread_of(scores)) for power, scores in sorted(classes.items())]
    return tuple(DriftClass(2**power // 2 + 1, 2**power, spread) for power, spread in found if spread is not None)


def slope_of(shots: Sequence[ShotScore]) -> float | None:
    """The least-squares line of scores over shots since last seen; None where all distances are one."""
    seen = list(_recurrences(shots))
    if len({since for since, _ in seen}) < 2:
        return None
    line = statistics.linear_regression([since for since, _ in seen], [score for _, score in seen])
    return round(line.slope, 6)


def _shot_scores(centre: Vector, sightings: Sequence[Sighting]) -> Iterator[ShotScore]:
    last: Sighting | None = None
    for seen in sightings:
        is_found = seen.direction is not None
        is_again = is_found and last is not None
        yield ShotScore(
            shot_id=seen.shot_id,
            shot_number=seen.shot_number,
            verdict=seen.verdict,
            frames=seen.frames,
            score=_score(centre, seen.direction) if seen.direction is not None else None,
            shots_since=seen.shot_number - last.shot_number if is_again and last else None,
            seconds_since=round(seen.starts_at - last.ends_at, 3) if is_again and last else None,
        )
        last = seen if is_found else last


def _pair_scores(sightings: Sequence[Sighting]) -> Iterator[PairScore]:
    found = [(seen.shot_number, seen.direction) for seen in sightings if seen.direction is not None]
    for (number, direction), (other, other_direction) in combinations(found, 2):
        yield PairScore(number, other, _score(direction, other_direction))


def _recurrences(shots: Sequence[ShotScore]) -> Iterator[tuple[int, float]]:
    for shot in shots:
        if shot.shots_since is not None and shot.score is not None:
            yield shot.shots_since, shot.score


def _score(one: Vector, other: Vector) -> float:
    return round(dot(one, other), 4)
