"""Rows of renders, shots and takes as entities and back; documents in them are read by the entities' own types."""

from pydantic import TypeAdapter
from sqlalchemy import Row

from adapters.postgres.tables import RenderRow, RenderShotRow, TakeRow
from domain.identifiers import ObjectId, RenderId, ShotId, StoryboardId, TakeId, UserId, WorkspaceId
from domain.renders.budgets import Budget, Cost
from domain.renders.judgements import Judgement
from domain.renders.models import Film, Probe, Render
from domain.renders.settings import RenderSettings
from domain.renders.shots import Picture, RenderShot, Take
from domain.renders.snapshot import FrozenShot, Snapshot
from domain.renders.states import RenderState, Rung, ShotState
from domain.storyboards.models import ShotContent

RENDERS = RenderRow.metadata.tables["renders"]
SHOTS = RenderShotRow.metadata.tables["render_shots"]
TAKES = TakeRow.metadata.tables["takes"]

_SETTINGS, _SNAPSHOT = TypeAdapter(RenderSettings), TypeAdapter(Snapshot)
_BUDGET, _COST, _PROBE = TypeAdapter(Budget), TypeAdapter(Cost), TypeAdapter(Probe)
_CONTENT, _JUDGEMENT = TypeAdapter(ShotContent), TypeAdapter(Judgement)

AnyRow = Row[*tuple[object, ...]]
Values = dict[str, object]


def render_values(render: Render) -> Values:
    """Every column of a render."""
    return {
        "id": render.id,
        "workspace_id": render.workspace_id,
        "storyboard_id": render.storyboard_id,
        "requested_by": render.requested_by,
        "settings": _SETTINGS.dump_python(render.settings, mode="json"),
        "snapshot": _SNAPSHOT.dump_python(render.snapshot, mode="json"),
        "cast_ids": [character.character_id for character in render.snapshot.cast],
        "seed": render.seed,
        "budget": _BUDGET.dump_python(render.budget, mode="json"),
        "created_at": render.created_at,
        **changing_values(render),
    }


def changing_values(render: Render) -> Values:
    """The columns that change after a render was requested; the snapshot is not among them."""
    film = render.film
    return {
        "state": render.state.value,
        "failure": render.failure,
        "committed": _COST.dump_python(render.committed, mode="json"),
        "spent": _COST.dump_python(render.spent, mode="json"),
        "film_id": film.video_id if film else None,
        "poster_id": film.poster_id if film else None,
        "captions_id": film.captions_id if film else None,
        "film_digest": film.digest if film else "",
        "film_probe": _PROBE.dump_python(film.probe, mode="json") if film else {},
        "updated_at": render.updated_at,
        "started_at": render.started_at,
        "finished_at": render.finished_at,
    }


def to_render(row: AnyRow) -> Render:
    return Render(
        id=RenderId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        storyboard_id=StoryboardId(row.storyboard_id),
        snapshot=_SNAPSHOT.validate_python(row.snapshot),
        settings=_SETTINGS.validate_python(row.settings),
        seed=row.seed,
        created_at=row.created_at,
        updated_at=row.updated_at,
        budget=_BUDGET.validate_python(row.budget),
        committed=_COST.validate_python(row.committed),
        spent=_COST.validate_python(row.spent),
        state=RenderState(row.state),
        requested_by=UserId(row.requested_by) if row.requested_by else None,
        film=_to_film(row),
        failure=row.failure,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _to_film(row: AnyRow) -> Film | None:
    if row.film_id is None:
        return None
    probe = _PROBE.validate_python(row.film_probe)
    return Film(row.film_digest, ObjectId(row.film_id), ObjectId(row.poster_id), ObjectId(row.captions_id), probe)


def shot_values(shot: RenderShot) -> Values:
    return {
        "render_id": shot.render_id,
        "shot_id": shot.shot.id,
        "workspace_id": shot.workspace_id,
        "position": shot.shot.number,
        "content": _CONTENT.dump_python(shot.shot.content, mode="json"),
        "state": shot.state.value,
        "failure": shot.failure,
        "rung": shot.rung.value,
        "first_take": shot.first_take,
        "take_number": shot.take_number,
        "last_take": shot.last_take,
        "retries": shot.retries,
    }


def to_shot(row: AnyRow) -> RenderShot:
    frozen = FrozenShot(ShotId(row.shot_id), row.position, _CONTENT.validate_python(row.content))
    return RenderShot(
        render_id=RenderId(row.render_id),
        workspace_id=WorkspaceId(row.workspace_id),
        shot=frozen,
        state=ShotState(row.state),
        first_take=row.first_take,
        take_number=row.take_number,
        last_take=row.last_take,
        rung=Rung(row.rung),
        retries=row.retries,
        failure=row.failure,
    )


def take_values(take: Take) -> Values:
    keyframe, clip = take.keyframe, take.clip
    return {
        "id": take.id,
        "workspace_id": take.workspace_id,
        "render_id": take.render_id,
        "shot_id": take.shot_id,
        "number": take.number,
        "rung": take.rung.value,
        "is_accepted": take.is_accepted,
        "engine": take.engine,
        "seed": take.seed,
        "keyframe_digest": take.keyframe_digest,
        "keyframe_id": keyframe.object_id if keyframe else None,
        "keyframe_figures_id": keyframe.figures_id if keyframe else None,
        "keyframe_version": keyframe.engine_version if keyframe else "",
        "keyframe_judgement": _judged(take.keyframe_judgement),
        "clip_digest": take.clip_digest,
        "clip_id": clip.object_id if clip else None,
        "clip_figures_id": clip.figures_id if clip else None,
        "clip_version": clip.engine_version if clip else "",
        "clip_samples": list(clip.sampled_frames) if clip else [],
        "clip_judgement": _judged(take.clip_judgement),
    }


def to_take(row: AnyRow) -> Take:
    keyframe = clip = None
    if row.keyframe_id is not None:
        keyframe = Picture(ObjectId(row.keyframe_id), ObjectId(row.keyframe_figures_id), row.keyframe_version)
    if row.clip_id is not None:
        samples = tuple(row.clip_samples)
        clip = Picture(ObjectId(row.clip_id), ObjectId(row.clip_figures_id), row.clip_version, samples)
    return Take(
        id=TakeId(row.id),
        render_id=RenderId(row.render_id),
        workspace_id=WorkspaceId(row.workspace_id),
        shot_id=ShotId(row.shot_id),
        number=row.number,
        seed=row.seed,
        engine=row.engine,
        keyframe_digest=row.keyframe_digest,
        clip_digest=row.clip_digest,
        keyframe=keyframe,
        clip=clip,
        keyframe_judgement=_to_judgement(row.keyframe_judgement),
        clip_judgement=_to_judgement(row.clip_judgement),
        rung=Rung(row.rung),
        is_accepted=row.is_accepted,
    )


def _judged(judgement: Judgement | None) -> object:
    return None if judgement is None else _JUDGEMENT.dump_python(judgement, mode="json")


def _to_judgement(document: object) -> Judgement | None:
    return None if document is None else _JUDGEMENT.validate_python(document)
