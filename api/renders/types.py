"""Renders, their shots and films as clients see them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from api.context import Batch, Info
from api.media.types import Media, load_media
from api.node import Node, global_id
from api.renders.consistency_types import ConsistencyReport, present_report
from api.renders.loaders import REPORTS, SHOTS, TAKES
from api.renders.queue_types import RenderQueue, present_queue
from api.renders.settings_types import RenderCost, RenderSettings, present_cost, present_settings
from api.renders.take_types import Take, present_take
from api.scalars import Seed
from domain.identifiers import ObjectId, RenderId, ShotId
from domain.renders import models, shots
from domain.renders.states import RenderState, ShotState


@strawberry.type(description="A finished film.")
class Film:
    """The outputs of a render."""

    video_key: strawberry.Private[ObjectId]
    poster_key: strawberry.Private[ObjectId]
    captions_key: strawberry.Private[ObjectId]
    width: int = strawberry.field(description="Its width in pixels.")
    height: int = strawberry.field(description="Its height in pixels.")
    frames: int = strawberry.field(description="How many frames, counted by decoding them.")
    frames_per_second: int = strawberry.field(description="How many of them a second.")
    seconds: float = strawberry.field(description="How long it is.")
    video_codec: str = strawberry.field(description="The codec, such as h264.")
    pixel_format: str = strawberry.field(description="The pixel format, such as yuv420p.")

    @strawberry.field(description="The film: H.264 in MP4, ready to be streamed.")
    async def video(self, info: Info) -> Media:
        return await load_media(info, self.video_key)

    @strawberry.field(description="A telling frame, JPEG.")
    async def poster(self, info: Info) -> Media:
        return await load_media(info, self.poster_key)

    @strawberry.field(description="The words with their speakers, WebVTT.")
    async def captions(self, info: Info) -> Media:
        return await load_media(info, self.captions_key)


@strawberry.type(description="One shot of a render.")
class RenderShot:
    """A shot as it was frozen, and where it stands."""

    render_key: strawberry.Private[RenderId]
    shot_key: strawberry.Private[ShotId]
    id: strawberry.ID = strawberry.field(description="The storyboard's shot.")
    number: int = strawberry.field(description="Its place in the film, from 1.")
    action: str = strawberry.field(description="What happens in it, as it was frozen.")
    seconds: float = strawberry.field(description="How long it is.")
    state: ShotState = strawberry.field(description="Where it stands.")
    take_number: int = strawberry.field(description="The take it is at; 0 before the first.")
    failure: str = strawberry.field(description="Why it failed; empty otherwise.")

    @strawberry.field(description="All its takes, by number.")
    async def takes(self, info: Info) -> list[Take]:
        return [present_take(take) for take in await self._takes(info)]

    @strawberry.field(description="The take that counts; null before there is one.")
    async def take(self, info: Info) -> Take | None:
        return next((present_take(take) for take in await self._takes(info) if take.is_accepted), None)

    async def _takes(self, info: Info) -> Sequence[shots.Take]:
        return await info.context.load(TAKES, (self.render_key, self.shot_key)) or ()


@strawberry.type(description="One order to film one storyboard as it stood.")
class Render(Node):
    """A render as clients see it."""

    key: strawberry.Private[RenderId]
    storyboard_id: strawberry.ID = strawberry.field(description="The storyboard that it films.")
    storyboard_version: int = strawberry.field(description="The version that was frozen.")
    title: str = strawberry.field(description="The storyboard's title then.")
    state: RenderState = strawberry.field(description="Where it stands.")
    settings: RenderSettings = strawberry.field(description="What was chosen.")
    seed: Seed = strawberry.field(description="What the seeds of its takes are made of; order it to get them again.")
    spent: RenderCost = strawberry.field(description="What was made for it so far; what it took over costs nothing.")
    committed: RenderCost = strawberry.field(description="What is planned for it, counted against its budget.")
    failure: str = strawberry.field(description="Why it failed; empty otherwise.")
    film: Film | None = strawberry.field(
        description="The film; null before the first is joined. While a shot is re-rolled it is the one before."
    )
    created_at: datetime = strawberry.field(description="When it was ordered.")
    started_at: datetime | None = strawberry.field(description="When filming began.")
    finished_at: datetime | None = strawberry.field(description="When it was over.")

    @strawberry.field(description="Where it stands in the queues, and when it may be finished.")
    async def queue(self, info: Info) -> RenderQueue:
        shared = info.context.shared_queues
        standing = await info.context.load(Batch(shared.fetch), self.key)
        return present_queue(await shared.queue(standing))

    @strawberry.field(description="Its shots, in order; at most 1000.")
    async def shots(self, info: Info) -> list[RenderShot]:
        return [present_shot(shot) for shot in await info.context.load(SHOTS, self.key) or ()]

    @strawberry.field(
        description="How consistent the cast of its film is; null until a job has looked at the film, which begins "
        "when it is finished, and where nobody is cast. A film joined anew is reported on anew."
    )
    async def consistency(self, info: Info) -> ConsistencyReport | None:
        found = await info.context.load(REPORTS, self.key)
        return None if found is None else present_report(found)


def present_render(render: models.Render) -> Render:
    return Render(
        id=global_id("Render", render.id),
        key=render.id,
        storyboard_id=global_id("Storyboard", render.storyboard_id),
        storyboard_version=render.snapshot.storyboard_version,
        title=render.snapshot.title,
        state=render.state,
        settings=present_settings(render.settings),
        seed=Seed(render.seed),
        spent=present_cost(render.spent),
        committed=present_cost(render.committed),
        failure=render.failure,
        film=present_film(render.film) if render.film else None,
        created_at=render.created_at,
        started_at=render.started_at,
        finished_at=render.finished_at,
    )


def present_film(film: models.Film) -> Film:
    probe = film.probe
    return Film(
        video_key=film.video_id,
        poster_key=film.poster_id,
        captions_key=film.captions_id,
        width=probe.width,
        height=probe.height,
        frames=probe.frames,
        frames_per_second=probe.frames_per_second,
        seconds=probe.seconds,
        video_codec=probe.video_codec,
        pixel_format=probe.pixel_format,
    )


def present_shot(shot: shots.RenderShot) -> RenderShot:
    frozen = shot.shot
    return RenderShot(
        render_key=shot.render_id,
        shot_key=frozen.id,
        id=global_id("Shot", frozen.id),
        number=frozen.number,
        action=frozen.content.action,
        seconds=frozen.content.seconds,
        state=shot.state,
        take_number=shot.take_number,
        failure=shot.failure,
    )
