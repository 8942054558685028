"""Report how consistent a finished film's cast is: measure its clips, paint sheet and plot, keep the report."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from domain.characters.gate import ExpectedCharacter
from domain.characters.identity import EmbeddedFigures
from domain.identifiers import CharacterId, JobId, ObjectId, RenderId, WorkspaceId
from domain.jobs.models import NewJob, Priority
from domain.media.models import Content, StoredObject
from domain.media.policies import object_key
from domain.media.ports import ObjectStore
from domain.media.use_cases import hold_object, release_object
from domain.renders.consistency import CharacterConsistency, ConsistencyReport, Portrait, Sighting, consistency_of
from domain.renders.consistency_ports import ConsistencyMeter, MeasuredFigure, ReportPainter, SheetCell, SheetRow
from domain.renders.digests import figures_digest
from domain.renders.events import CONSISTENCY_REPORTED, render_event
from domain.renders.judgements import Verdict
from domain.renders.models import Film, Render
from domain.renders.planning import Order
from domain.renders.ports import RenderTransactions, RenderWork
from domain.renders.results import read_figures
from domain.renders.shots import Picture, RenderShot, Take
from domain.renders.states import RenderState
from domain.renders.use_cases.embedding import Unembedded, order_embedding
from domain.renders.workloads import deadline_of, report_workload

CLIP_BYTES_MAX = 200_000_000
PNG = "image/png"


@dataclass(frozen=True, slots=True)
class ReportTools:
    """Who measures, who paints, and where the pictures go."""

    meter: ConsistencyMeter
    painter: ReportPainter
    store: ObjectStore


@dataclass(frozen=True, slots=True)
class _Scene:
    """A shot with a cast and the clip that counts, and when it is on in the film.

    `embedded` are a worker's vectors of the clip's figures, where the cast was frozen in a worker's space.
    """

    shot: RenderShot
    take: Take
    clip: Picture
    starts_at: float
    ends_at: float

    embedded: EmbeddedFigures | None = None

    @property
    def cast_ids(self) -> Sequence[CharacterId]:
        return [member.character_id for member in self.shot.shot.content.cast]

    def verdict_of(self, character_id: CharacterId) -> Verdict:
        judgement = self.take.clip_judgement
        found = [each.verdict for each in judgement.findings if each.character_id == character_id] if judgement else []
        return found[0] if found else Verdict.UNCHECKED


@dataclass(frozen=True, slots=True)
class _Material:
    render: Render
    scenes: Sequence[_Scene]
    expected: Mapping[CharacterId, ExpectedCharacter]
    objects: Mapping[ObjectId, StoredObject]

    def portrait_of(self, character_id: CharacterId) -> Portrait:
        identity = self.expected[character_id].identity
        names = {member.character_id: member.name for member in self.render.snapshot.cast}
        return Portrait(character_id, names[character_id], identity.centre, identity.threshold)


@dataclass(slots=True)
class _Measured:
    """What was seen of each character, shot by shot, and its crops by character and shot number."""

    sightings: defaultdict[CharacterId, list[Sighting]] = field(default_factory=lambda: defaultdict(list))
    crops: dict[tuple[CharacterId, int], bytes] = field(default_factory=dict[tuple[CharacterId, int], bytes])

    def add(self, scene: _Scene, figures: Sequence[MeasuredFigure]) -> None:
        shot, found = scene.shot.shot, {figure.character_id: figure for figure in figures}
        for character_id in scene.cast_ids:
            seen = Sighting(shot.id, shot.number, scene.starts_at, scene.ends_at, scene.verdict_of(character_id))
            # Of who is missing, what came nearest in a frame or two is somebody else.
            if seen.verdict is not Verdict.MISSING and (figure := found.get(character_id)):
                seen = replace(seen, frames=figure.frames, direction=figure.direction)
                self.crops[character_id, shot.number] = figure.crop_png
            self.sightings[character_id].append(seen)

    def row_of(self, character: CharacterConsistency) -> SheetRow:
        cells = [
            SheetCell(
                shot.shot_number,
                shot.verdict,
                shot.score,
                self.crops.get((character.character_id, shot.shot_number)),
            )
            for shot in character.shots
        ]
        return SheetRow(character.name, cells)


def report_job(work: RenderWork, render: Render, film: Film, *, waits_for: Sequence[JobId] = ()) -> NewJob:
    """The job that reports on the film, after all that somebody waits for."""
    # No idempotency key: under its lock a render is finished once with each film.
    workload = report_workload(shots=render.snapshot.shots_total)
    return NewJob(
        id=JobId(work.new_id()),
        workspace_id=render.workspace_id,
        kind=workload.kind,
        queue=workload.queue,
        payload={"render_id": str(render.id), "digest": film.digest},
        subject_id=render.id,
        priority=Priority.BULK,
        estimated_seconds=workload.declared_seconds,
        deadline_seconds=deadline_of(workload),
        waits_for=waits_for,
    )


async def lacks_figures(work: RenderWork, *, render_id: RenderId, digest: str) -> bool:
    """Whether clips of the film are to be embedded by a worker first; none is where the gate has judged them."""
    return bool(await _unembedded(work, await work.renders.find(render_id), digest))


async def report_later(work: RenderWork, *, render_id: RenderId, digest: str, job_id: JobId) -> None:
    """Have those clips embedded, and the film reported on after that; `job_id`, the job that asks, does so once."""
    render = await work.renders.lock(render_id)
    ordered: list[JobId] = []
    for each in await _unembedded(work, render, digest):
        key = f"{job_id}:{each.digest}:figures"
        ordered += await order_embedding(work, each, key=key, priority=Priority.BULK)
    if render is not None and render.film is not None and ordered:
        await work.jobs.enqueue(report_job(work, render, render.film, waits_for=ordered))


async def _unembedded(work: RenderWork, render: Render | None, digest: str) -> Sequence[Unembedded]:
    if render is None or await _is_done(work, render, digest):
        return ()
    return [
        Unembedded(render, scene.clip, scene.take.clip_digest, space)
        for scene in await _scenes(work, render)
        if scene.embedded is None and (space := render.snapshot.worker_space_of(scene.shot.shot.content))
    ]


async def make_report(
    begin: RenderTransactions, *, render_id: RenderId, digest: str, tools: ReportTools, now: datetime
) -> ConsistencyReport | None:
    """Measure every clip and store sheet and plot; no transaction is open while bytes move.

    None where the render is gone, has another film by now, or was reported on already. Raises NotFound for a cast
    member or clip that is gone, Invalid for what cannot be measured, Unavailable.
    """
    async with begin() as work:
        material = await _load(work, render_id, digest)
    if material is None:
        return None
    measured = await _measure(material, tools)
    # Every pair of shots is compared: seconds of arithmetic for a character with a thousand.
    characters = [
        await asyncio.to_thread(consistency_of, material.portrait_of(character_id), seen)
        for character_id, seen in measured.sightings.items()
    ]
    render = material.render
    sheet = await tools.painter.paint_sheet(render.snapshot.title, [measured.row_of(each) for each in characters])
    plot = await tools.painter.paint_plot(render.snapshot.title, characters)
    return ConsistencyReport(
        render_id=render.id,
        workspace_id=render.workspace_id,
        film_digest=digest,
        characters=tuple(characters),
        sheet_id=await _store(begin, render.workspace_id, tools.store, sheet, now),
        plot_id=await _store(begin, render.workspace_id, tools.store, plot, now),
        made_at=now,
    )


async def record_report(work: RenderWork, *, report: ConsistencyReport, now: datetime) -> bool:
    """Keep the report of the film that its render has; False, with nothing changed, where that is another or gone.

    A render that is filming again, or failed or was canceled at that, is left alone too: its shots are not the film's.
    """
    render = await work.renders.lock(report.render_id)
    if render is None or render.state is not RenderState.FINISHED or await _is_done(work, render, report.film_digest):
        return False
    old = await work.consistency_reports.find(render.id)
    for object_id in sorted(report.object_ids):
        await hold_object(work, workspace_id=render.workspace_id, object_id=object_id)
    for object_id in sorted(old.object_ids if old else ()):
        await release_object(work, workspace_id=render.workspace_id, object_id=object_id, now=now)
    await work.consistency_reports.save(report)
    await work.events.append(render_event(render, CONSISTENCY_REPORTED, characters=len(report.characters)))
    return True


async def _is_done(work: RenderWork, render: Render, digest: str) -> bool:
    """Whether there is nothing to report on, or a report of this very film."""
    if render.film is None or render.film.digest != digest:
        return True
    known = await work.consistency_reports.find(render.id)
    return known is not None and known.film_digest == digest


async def _load(work: RenderWork, render_id: RenderId, digest: str) -> _Material | None:
    render = await work.renders.find(render_id)
    if render is None or await _is_done(work, render, digest):
        return None
    scenes = await _scenes(work, render)
    cast_ids = {character_id for scene in scenes for character_id in scene.cast_ids}
    cast = [character for character in render.snapshot.cast if character.character_id in cast_ids]
    expected = await work.frozen_casts.expected(cast)
    pictures = {each for scene in scenes for each in (scene.clip.object_id, scene.clip.figures_id)}
    objects = await work.objects.find_many(render.workspace_id, sorted(pictures))
    return _Material(render, scenes, {each.character_id: each for each in expected}, objects)


async def _scenes(work: RenderWork, render: Render) -> Sequence[_Scene]:
    scenes = _scenes_of(render, await work.renders.shots(render.id), await work.renders.takes(render.id))
    spaces = [render.snapshot.worker_space_of(scene.shot.shot.content) for scene in scenes]
    digests = [
        figures_digest(scene.take.clip_digest, space=space) if space else ""
        for scene, space in zip(scenes, spaces, strict=True)
    ]
    found = await work.steps.find_many(render.workspace_id, set(filter(None, digests)))
    return [
        replace(scene, embedded=read_figures(found[digest], space=space)) if space and digest in found else scene
        for scene, space, digest in zip(scenes, spaces, digests, strict=True)
    ]


def _scenes_of(render: Render, shots: Sequence[RenderShot], takes: Sequence[Take]) -> Sequence[_Scene]:
    accepted = {take.shot_id: take for take in takes if take.is_accepted}
    scenes: list[_Scene] = []
    starts_at = 0.0
    for shot in shots:
        ends_at = starts_at + Order(render, shot.shot).frames / render.settings.frames_per_second
        take = accepted.get(shot.shot.id)
        if take is not None and take.clip is not None and shot.shot.content.cast:
            scenes.append(_Scene(shot, take, take.clip, starts_at, ends_at))
        starts_at = ends_at
    return scenes


async def _measure(material: _Material, tools: ReportTools) -> _Measured:
    """Fetch and measure one clip after the other, so that one is in memory at a time."""
    measured = _Measured()
    for scene in material.scenes:
        clip, labels = material.objects[scene.clip.object_id], material.objects[scene.clip.figures_id]
        figures = await tools.meter.measure_clip(
            clip_mp4=await tools.store.read(clip.key, bytes_max=CLIP_BYTES_MAX),
            labels_png=await tools.store.read(labels.key, bytes_max=CLIP_BYTES_MAX),
            sampled_frames=scene.clip.sampled_frames,
            expected=[material.expected[character_id] for character_id in scene.cast_ids],
            embedded=scene.embedded,
        )
        measured.add(scene, figures)
    return measured


async def _store(
    begin: RenderTransactions, workspace_id: WorkspaceId, store: ObjectStore, png: bytes, now: datetime
) -> ObjectId:
    content = Content(PNG, len(png), sha256(png).hexdigest())
    async with begin() as work:
        object_id = ObjectId(work.new_id())
        key = object_key(workspace_id, content.sha256, object_id)
        kept = await work.objects.reserve(StoredObject(object_id, workspace_id, key, content, touched_at=now))
    await store.put(kept.key, png, content_type=PNG)
    return kept.id
