"""Reports of consistency as clients see them."""

from datetime import datetime

import strawberry

import api.renders.enums as _  # noqa: F401 - the enums get their descriptions there
from api.context import Info
from api.media.types import Media, load_media
from api.node import global_id
from domain.identifiers import ObjectId
from domain.renders import consistency
from domain.renders.judgements import Verdict


@strawberry.type(description="Scores together.")
class Spread:
    """Minimum and median."""

    minimum: float = strawberry.field(description="The lowest.")
    median: float = strawberry.field(description="The median.")
    count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="A character in one shot that it is cast in, beside its references.")
class ShotConsistency:
    """Reference to shot."""

    shot_id: strawberry.ID = strawberry.field(description="The storyboard's shot.")
    number: int = strawberry.field(description="The shot's place in the film, from 1.")
    verdict: Verdict = strawberry.field(description="What the identity gate said of it in the clip that counts.")
    frames: int = strawberry.field(description="In how many of the sampled frames it was found.")
    score: float | None = strawberry.field(
        description="The cosine of its references' centre and the mean direction of its figure; null where not found."
    )
    shots_since: int | None = strawberry.field(description="How many shots ago it was seen last; null at the first.")
    seconds_since: float | None = strawberry.field(description="How many seconds of film after that shot's end.")


@strawberry.type(description="Two shots of one character, beside each other.")
class ShotPair:
    """Shot to shot."""

    number: int = strawberry.field(description="The earlier shot's place in the film.")
    other_number: int = strawberry.field(description="The later shot's.")
    score: float = strawberry.field(description="The cosine of the two figures' directions.")


@strawberry.type(description="Shots whose character was last seen so many shots before.")
class Drift:
    """One class of recurrence distance."""

    shots_min: int = strawberry.field(description="From so many shots.")
    shots_max: int = strawberry.field(description="To so many.")
    scores: Spread = strawberry.field(description="Reference to shot there.")


@strawberry.type(description="How much one character stays itself through a film.")
class CharacterConsistency:
    """One character of the report."""

    character_id: strawberry.ID = strawberry.field(description="Who.")
    name: str = strawberry.field(description="Its name when the render was ordered.")
    threshold: float = strawberry.field(description="From which score a picture shows it, by its references.")
    shots: list[ShotConsistency] = strawberry.field(description="Every shot that it is cast in, in order.")
    to_references: Spread | None = strawberry.field(description="Reference to shot; null where it was never found.")
    between_shots: Spread | None = strawberry.field(description="All pairs of its shots; null below two.")
    least_alike: list[ShotPair] = strawberry.field(description="The least alike pairs, the lowest first; at most 20.")
    drift: list[Drift] = strawberry.field(
        description="Reference to shot by recurrence distance: 1, 2, 3 to 4, 5 to 8 shots since it was seen, and so on."
    )
    slope: float | None = strawberry.field(
        description="What the score gains for each further shot since it was seen; negative where it drifts. Null "
        "where all distances are one."
    )


@strawberry.type(description="How consistent the cast of a film is.")
class ConsistencyReport:
    """The report of one film."""

    sheet_key: strawberry.Private[ObjectId]
    plot_key: strawberry.Private[ObjectId]
    characters: list[CharacterConsistency] = strawberry.field(description="Everybody who is cast in some shot.")
    made_at: datetime = strawberry.field(description="When the film was looked at.")

    @strawberry.field(
        description="PNG: a row for each character, a column for each shot, with crop, score and verdict; of a film "
        "with more than 60 shots an even choice."
    )
    async def contact_sheet(self, info: Info) -> Media:
        return await load_media(info, self.sheet_key)

    @strawberry.field(description="PNG: scores over the shots, a line for each character, and the drift beside them.")
    async def plot(self, info: Info) -> Media:
        return await load_media(info, self.plot_key)


def present_report(report: consistency.ConsistencyReport) -> ConsistencyReport:
    return ConsistencyReport(
        sheet_key=report.sheet_id,
        plot_key=report.plot_id,
        characters=[_present_character(character) for character in report.characters],
        made_at=report.made_at,
    )


def _present_character(character: consistency.CharacterConsistency) -> CharacterConsistency:
    return CharacterConsistency(
        character_id=global_id("Character", character.character_id),
        name=character.name,
        threshold=character.threshold,
        shots=[_present_shot(shot) for shot in character.shots],
        to_references=_present_spread(character.to_references) if character.to_references else None,
        between_shots=_present_spread(character.between_shots) if character.between_shots else None,
        least_alike=[
            ShotPair(number=pair.shot_number, other_number=pair.other_number, score=pair.score)
            for pair in character.least_alike
        ],
        drift=[
            Drift(shots_min=each.shots_min, shots_max=each.shots_max, scores=_present_spread(each.scores))
            for each in character.drift
        ],
        slope=character.slope,
    )


def _present_shot(shot: consistency.ShotScore) -> ShotConsistency:
    return ShotConsistency(
        shot_id=global_id("Shot", shot.shot_id),
        number=shot.shot_number,
        verdict=shot.verdict,
        frames=shot.frames,
        score=shot.score,
        shots_since=shot.shots_since,
        seconds_since=shot.seconds_since,
    )


def _present_spread(spread: consistency.Spread) -> Spread:
    return Spread(minimum=spread.minimum, median=spread.median, count=spread.count)
