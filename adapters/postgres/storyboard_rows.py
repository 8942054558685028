"""Between rows of storyboards and what the domain calls them."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, select

from adapters.postgres.tables import ShotRow, StoryboardRow, StoryboardVersionRow
from domain.identifiers import CharacterId, ShotId, StoryboardId, WorkspaceId
from domain.storyboards.models import Shot, ShotContent, Storyboard, StoryboardState
from domain.storyboards.ports import StoryboardOverview

STORYBOARDS = StoryboardRow.metadata.tables["storyboards"]
SHOTS = ShotRow.metadata.tables["shots"]
VERSIONS = StoryboardVersionRow.metadata.tables["storyboard_versions"]
# A script may be as long as a book: lists do without.
HEADER_COLUMNS = [column for column in STORYBOARDS.c if column.name != "script"]
_CONTENT = TypeAdapter(ShotContent)
_SHOTS = TypeAdapter(list[Shot])

AnyRow = Row[*tuple[object, ...]]


def select_storyboards(workspace_id: WorkspaceId | None) -> Select[*tuple[object, ...]]:
    return select(STORYBOARDS).where(STORYBOARDS.c.workspace_id == workspace_id)


def storyboard_values(storyboard: Storyboard) -> dict[str, object]:
    return {
        "id": storyboard.id,
        "workspace_id": storyboard.workspace_id,
        "title": storyboard.title,
        "script": storyboard.script,
        "language": storyboard.language,
        "style": storyboard.style,
        "seconds_target": storyboard.seconds_target,
        "cast_ids": None if storyboard.cast is None else list(storyboard.cast),
        "state": storyboard.state.value,
        "failure": storyboard.failure,
        "writer": storyboard.writer,
        "version": storyboard.version,
        "created_at": storyboard.created_at,
        "updated_at": storyboard.updated_at,
    }


def to_storyboard(row: AnyRow, shots: tuple[Shot, ...]) -> Storyboard:
    return Storyboard(
        id=StoryboardId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        title=row.title,
        script=row.script,
        language=row.language,
        style=row.style,
        seconds_target=row.seconds_target,
        cast=_to_cast(row),
        state=StoryboardState(row.state),
        version=row.version,
        shots=shots,
        created_at=row.created_at,
        updated_at=row.updated_at,
        failure=row.failure,
        writer=row.writer,
    )


def to_overview(row: AnyRow) -> StoryboardOverview:
    return StoryboardOverview(
        id=StoryboardId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        title=row.title,
        language=row.language,
        style=row.style,
        seconds_target=row.seconds_target,
        cast=_to_cast(row),
        state=StoryboardState(row.state),
        version=row.version,
        failure=row.failure,
        writer=row.writer,
        shots=row.shots_count,
        seconds=row.seconds,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _to_cast(row: AnyRow) -> tuple[CharacterId, ...] | None:
    return None if row.cast_ids is None else tuple(CharacterId(each) for each in row.cast_ids)


def shot_values(shot: Shot, *, storyboard: Storyboard, position: int) -> dict[str, object]:
    return {
        "id": shot.id,
        "workspace_id": storyboard.workspace_id,
        "storyboard_id": storyboard.id,
        "position": position,
        "content": _CONTENT.dump_python(shot.content, mode="json"),
    }


def to_shot(row: AnyRow) -> Shot:
    return Shot(ShotId(row.id), _CONTENT.validate_python(row.content))


def shots_document(shots: tuple[Shot, ...]) -> list[Any]:
    return _SHOTS.dump_python(list(shots), mode="json")


def to_shots(document: object) -> list[Shot]:
    return _SHOTS.validate_python(document)
