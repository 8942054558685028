"""Join the takes of a render into its film, with poster and captions, and keep the three files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.identifiers import ObjectId, RenderId, WorkspaceId
from domain.jobs.models import StepResult
from domain.media.models import StoredObject
from domain.media.policies import object_key
from domain.media.ports import ObjectStore
from domain.renders.errors import RenderMoveRefused, RenderNotFound
from domain.renders.models import Render
from domain.renders.ports import FilmJoiner, JoinedFile, JoinOrder, RenderTransactions
from domain.renders.results import CAPTIONS, FILM, POSTER, probe_json
from domain.renders.use_cases.joining import Cut, cut_of


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where films are made: the joiner, the storage, and an empty folder for files."""

    joiner: FilmJoiner
    store: ObjectStore
    folder: Path


@dataclass(frozen=True, slots=True)
class _Reel:
    render: Render
    cut: Cut
    clips: Sequence[StoredObject]


async def join_film(
    begin: RenderTransactions, *, render_id: RenderId, digest: str, workshop: Workshop, now: datetime
) -> StepResult:
    """Fetch the clips, join them, store film, poster and captions; no transaction is open while bytes move.

    Raises RenderNotFound, RenderMoveRefused when the takes are no longer those of `digest`, Invalid for clips that do
    not fit together, Unavailable.
    """
    reel = await _load(begin, render_id, digest)
    folder, store = workshop.folder, workshop.store
    paths = [folder / f"{number:05}.mp4" for number in range(len(reel.clips))]
    for stored, path in zip(reel.clips, paths, strict=True):
        await store.fetch_file(stored.key, path)
    settings = reel.render.settings
    order = JoinOrder(paths, reel.cut.captions, folder, settings.frame, settings.frames_per_second)
    joined = await workshop.joiner.join(order)
    files = {FILM: joined.film, POSTER: joined.poster, CAPTIONS: joined.captions}
    workspace_id = reel.render.workspace_id
    objects = {name: await _store(begin, workspace_id, store, file, now) for name, file in files.items()}
    return StepResult(digest, probe_json(joined.probe), objects)


async def _load(begin: RenderTransactions, render_id: RenderId, digest: str) -> _Reel:
    async with begin() as work:
        render = await work.renders.find(render_id)
        if render is None:
            raise RenderNotFound("There is no such render.")
        cut = await cut_of(work, render)
        if cut.digest != digest:
            raise RenderMoveRefused("The takes are no longer those that were to be joined.")
        found = await work.objects.find_many(render.workspace_id, list(set(cut.clip_ids)))
    return _Reel(render, cut, [found[clip_id] for clip_id in cut.clip_ids])


async def _store(
    begin: RenderTransactions, workspace_id: WorkspaceId, store: ObjectStore, file: JoinedFile, now: datetime
) -> ObjectId:
    async with begin() as work:
        object_id = ObjectId(work.new_id())
        key = object_key(workspace_id, file.content.sha256, object_id)
        kept = await work.objects.reserve(StoredObject(object_id, workspace_id, key, file.content, touched_at=now))
    await store.put_file(kept.key, file.path, content_type=file.content.content_type)
    return kept.id
