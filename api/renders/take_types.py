"""Takes and what the identity gate said of them, as clients see them."""

import strawberry

from api.context import Info
from api.media.types import Media, load_media_or_none
from api.node import global_id
from api.scalars import Seed
from domain.identifiers import ObjectId
from domain.renders import judgements, shots
from domain.renders.judgements import Verdict
from domain.renders.states import Rung


@strawberry.type(description="What the identity gate says of one figure.")
class Finding:
    """One character, or a figure that nobody asked for."""

    verdict: Verdict = strawberry.field(description="What it is.")
    character_id: strawberry.ID | None = strawberry.field(description="Who it should be; null for a figure too many.")
    score: float | None = strawberry.field(
        description="Its likeness to the character, -1 to 1; of a clip the lowest of all frames looked at."
    )
    score_median: float | None = strawberry.field(description="The median over a clip's frames.")
    threshold: float | None = strawberry.field(description="The character's own threshold.")


@strawberry.type(description="What the identity gate says of a keyframe or a clip.")
class Judgement:
    """All findings together."""

    verdict: Verdict = strawberry.field(description="The worst finding.")
    score: float | None = strawberry.field(description="The lowest score of anybody in it.")
    frames: int = strawberry.field(description="How many frames were looked at.")
    findings: list[Finding] = strawberry.field(description="One for each of the cast and each figure too many.")


@strawberry.type(description="One attempt at one shot.")
class Take:
    """A take as clients see it."""

    keyframe_key: strawberry.Private[ObjectId | None]
    clip_key: strawberry.Private[ObjectId | None]
    id: strawberry.ID = strawberry.field(description="Names this take.")
    number: int = strawberry.field(description="Counts the takes of the shot from 1.")
    seed: Seed = strawberry.field(description="Its own seed, made of the render's, the shot and the take's number.")
    engine: str = strawberry.field(description="What made its keyframe; its clip is by the render's engine.")
    engine_version: str = strawberry.field(description="Which version of it; empty before anything was made.")
    digest: str = strawberry.field(description="The SHA-256 of all that shapes the clip; equal digests mean one clip.")
    rung: Rung = strawberry.field(description="How far up the identity ladder it came.")
    is_accepted: bool = strawberry.field(description="Whether it is the take that counts.")
    verdict: Verdict | None = strawberry.field(description="The gate's last word; null before it has looked.")
    score: float | None = strawberry.field(description="The lowest score of anybody in it.")
    keyframe_judgement: Judgement | None = strawberry.field(description="What the gate said of the keyframe.")
    clip_judgement: Judgement | None = strawberry.field(description="What the gate said of the clip.")

    @strawberry.field(description="The still that fixes its look, PNG; null before it is made.")
    async def keyframe(self, info: Info) -> Media | None:
        return await load_media_or_none(info, self.keyframe_key)

    @strawberry.field(description="The moving shot, MP4; null before it is made.")
    async def clip(self, info: Info) -> Media | None:
        return await load_media_or_none(info, self.clip_key)


def present_take(take: shots.Take) -> Take:
    return Take(
        id=global_id("Take", take.id),
        keyframe_key=take.keyframe.object_id if take.keyframe else None,
        clip_key=take.clip.object_id if take.clip else None,
        number=take.number,
        seed=Seed(take.seed),
        engine=take.engine,
        engine_version=take.keyframe.engine_version if take.keyframe else "",
        digest=take.clip_digest,
        rung=take.rung,
        is_accepted=take.is_accepted,
        verdict=take.verdict,
        score=take.score,
        keyframe_judgement=present_judgement(take.keyframe_judgement),
        clip_judgement=present_judgement(take.clip_judgement),
    )


def present_judgement(judgement: judgements.Judgement | None) -> Judgement | None:
    if judgement is None:
        return None
    return Judgement(
        verdict=judgement.verdict,
        score=judgement.score,
        frames=judgement.frames,
        findings=[present_finding(finding) for finding in judgement.findings],
    )


def present_finding(finding: judgements.Finding) -> Finding:
    return Finding(
        verdict=finding.verdict,
        character_id=global_id("Character", finding.character_id) if finding.character_id else None,
        score=finding.score,
        score_median=finding.score_median,
        threshold=finding.threshold,
    )
