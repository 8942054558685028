"""Versions of a character's adapter as clients see them."""

from datetime import datetime

import strawberry

from api.characters.loaders import CHARACTERS
from api.context import Info
from api.enums import describe_enum
from api.media.types import load_media_or_none
from api.node import Node, global_id
from domain.characters import adapters as models
from domain.characters.adapters import AdapterState
from domain.identifiers import AdapterId, CharacterId, ObjectId

describe_enum(
    AdapterState,
    "Where a version of an adapter stands.",
    {
        AdapterState.TRAINING: "It is being trained, or waits for a worker.",
        AdapterState.READY: "It is trained, and can be used.",
        AdapterState.REJECTED: "It is trained, and its scores speak against its use: `refusal` says which.",
        AdapterState.FAILED: "It could not be trained: `refusal` says why.",
        AdapterState.CANCELED: "Its training was canceled.",
    },
)


@strawberry.type(description="One moment of a training.")
class CurvePoint:
    """A point of both curves."""

    step: int = strawberry.field(description="After how many steps.")
    loss: float = strawberry.field(description="The loss over fixed noise; the lower the better.")
    identity: float | None = strawberry.field(
        description="How alike pictures of it are to those held out, 0 to 1; null where it was not measured."
    )


@strawberry.type(description="What the fixed suite of prompts and seeds shows; each 0 to 1, the higher the better.")
class AdapterScores:
    """Scores of the suite."""

    identity: float = strawberry.field(description="How alike its pictures of the character are to the references.")
    prompt: float = strawberry.field(description="How well they show what the prompts ask for.")
    purity: float = strawberry.field(description="How little pictures that are not of the character change.")


@strawberry.type(description="One version of a character's adapter, a LoRA that has learned its look.")
class AdapterVersion(Node):
    """A version as clients see it."""

    key: strawberry.Private[AdapterId]
    character_key: strawberry.Private[CharacterId]
    files: strawberry.Private[models.AdapterFiles | None]
    number: int = strawberry.field(description="Counts the character's versions, from 1.")
    state: AdapterState = strawberry.field(description="Where it stands.")
    trigger: str = strawberry.field(description="The word that calls the character in a prompt.")
    pictures: int = strawberry.field(description="How many pictures teach it.")
    held_out: int = strawberry.field(description="How many pictures only judge it.")
    rank: int = strawberry.field(description="The rank of its matrices.")
    steps_max: int = strawberry.field(description="How long it is trained at most.")
    steps: int | None = strawberry.field(description="How far its training went; null before its end.")
    curve: list[CurvePoint] = strawberry.field(description="Loss and identity over the steps; empty before its end.")
    scores: AdapterScores | None = strawberry.field(description="What its suite shows; null before its end.")
    present_scores: AdapterScores | None = strawberry.field(
        description="What the suite of the version in use showed then; null where none was in use."
    )
    refusal: str = strawberry.field(description="The figures that speak against it, or why it failed; may be empty.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    ended_at: datetime | None = strawberry.field(description="When its training ended; null before.")

    @strawberry.field(description="Whether new renders use it.")
    async def is_in_use(self, info: Info) -> bool:
        character = await info.context.load(CHARACTERS, self.character_key)
        return character is not None and character.adapter_id == self.key

    @strawberry.field(description="Its curves as a PNG, at an address that expires; null before its end.")
    async def plot_url(self, info: Info) -> str | None:
        return await _url(info, self.files and self.files.plot_id)

    @strawberry.field(description="Its suite's pictures as a PNG, at an address that expires; null before its end.")
    async def samples_url(self, info: Info) -> str | None:
        return await _url(info, self.files and self.files.samples_id)

    @strawberry.field(description="Its weights for diffusers, at an address that expires; null before its end.")
    async def weights_url(self, info: Info) -> str | None:
        return await _url(info, self.files and self.files.weights_id)


async def _url(info: Info, object_id: ObjectId | None) -> str | None:
    media = await load_media_or_none(info, object_id)
    return None if media is None else media.url


def present_adapter(model: models.AdapterVersion) -> AdapterVersion:
    plan, learned = model.plan, model.learned
    return AdapterVersion(
        id=global_id("AdapterVersion", model.id),
        key=model.id,
        character_key=model.character_id,
        files=model.files,
        number=model.number,
        state=model.state,
        trigger=model.trigger,
        pictures=plan.pictures,
        held_out=plan.held_out,
        rank=plan.rank,
        steps_max=plan.steps_max,
        steps=None if learned is None else learned.steps,
        curve=[]
        if learned is None
        else [CurvePoint(step=p.step, loss=p.loss, identity=p.identity) for p in learned.curve],
        scores=_scores(learned.scores) if learned else None,
        present_scores=_scores(learned.present_scores) if learned and learned.present_scores else None,
        refusal=model.refusal,
        created_at=model.created_at,
        ended_at=model.ended_at,
    )


def _scores(model: models.AdapterScores) -> AdapterScores:
    return AdapterScores(identity=model.identity, prompt=model.prompt, purity=model.purity)
