"""The training of an adapter, live."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

import strawberry

from api.characters.adapter_types import AdapterVersion, present_adapter
from api.characters.loaders import ADAPTERS
from api.context import Context, Info
from api.events.following import Told, stream_events
from api.live import merged, preview_url, watch_progress
from api.node import local_id
from api.permissions import VIEWER
from domain.characters.adapters import AdapterVersion as AdapterModel
from domain.characters.errors import AdapterNotFound
from domain.characters.events import CharacterEvent, character_stream
from domain.characters.tasks import ADAPTER_PART
from domain.events import Progress
from domain.identifiers import AdapterId

ENDINGS = frozenset(
    {
        CharacterEvent.ADAPTER_TRAINED,
        CharacterEvent.ADAPTER_REJECTED,
        CharacterEvent.TRAINING_FAILED,
        CharacterEvent.TRAINING_CANCELED,
    }
)


@strawberry.type(description="How far a training is, now; never stored.")
class TrainingProgress:
    """The latest of one training."""

    key: strawberry.Private[AdapterId]
    fraction: float = strawberry.field(description="How far it is, 0 to 1.")
    preview: str | None = strawberry.field(
        description="What the adapter makes by now, as a data URL of a small JPEG; null before there is one."
    )

    @strawberry.field(description="The version as it is now; null when its character was deleted.")
    async def adapter(self, info: Info) -> AdapterVersion | None:
        found = await info.context.load(ADAPTERS, self.key)
        return None if found is None else present_adapter(found)


@strawberry.type
class TrainingSubscriptions:
    """Trainings, as they go on."""

    @strawberry.subscription(
        description="How far the training of a version is. Ends, after a last message, when the training has ended or "
        "its character was deleted; what else happens to the character is told by `characterProgress`.",
        extensions=[VIEWER],
    )
    async def training_progress(
        self,
        info: Info,
        adapter_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The version.")],
    ) -> AsyncIterator[TrainingProgress]:
        context, key = info.context, AdapterId(local_id("AdapterVersion", adapter_id))
        adapter = await context.load(ADAPTERS, key)
        if adapter is None:
            raise AdapterNotFound("There is no such version.", field="id")
        if adapter.state.is_final:
            # Its end may be older than the events that are kept.
            yield TrainingProgress(key=key, fraction=1.0, preview=None)
            return
        async with aclosing(merged(_progress(context, adapter), _endings(context, adapter))) as news:
            async for told in news:
                if isinstance(told, Progress):
                    yield TrainingProgress(key=key, fraction=told.fraction, preview=preview_url(told))
                    continue
                yield TrainingProgress(key=key, fraction=1.0, preview=None)
                break


async def _progress(context: Context, adapter: AdapterModel) -> AsyncGenerator[Told | Progress]:
    part = f"{ADAPTER_PART}{adapter.id}"
    async with aclosing(watch_progress(context.services.progress, adapter.character_id)) as news:
        async for progress in news:
            if progress.part == part:
                yield progress


async def _endings(context: Context, adapter: AdapterModel) -> AsyncGenerator[Told | Progress]:
    stream = character_stream(adapter.workspace_id, adapter.character_id)
    async with aclosing(stream_events(context, stream, after=None)) as events:
        async for told in events:
            is_ours = told.event.data.get("adapterId") == str(adapter.id) and told.event.name in ENDINGS
            if is_ours or told.event.name == CharacterEvent.CHARACTER_DELETED:
                yield told
