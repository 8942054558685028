"""Every row of the business; SQLModel with `table=True` does not validate, so entities are checked in the domain.

The engine's own tables (jobs, steps, events, workers) are declared in `job_tables.py`. Rows that belong to a workspace
carry `workspace_id` and stand behind row-level security; users, sessions, workspaces and memberships are read before a
workspace is known and do not.
"""

# SQLModel declares `__tablename__` as a declared_attr and documents a plain string.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlmodel import Field, SQLModel

EMBEDDING_SIZE = 768

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """What every table shares: one metadata with one naming convention."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


def key() -> Any:
    return Field(sa_column=Column(PG_UUID(as_uuid=True), primary_key=True))


def reference(target: str, *, on_delete: str = "CASCADE", nullable: bool = False, index: bool = True) -> Any:
    column = Column(PG_UUID(as_uuid=True), ForeignKey(target, ondelete=on_delete), nullable=nullable, index=index)
    return Field(default=None, sa_column=column)


def moment(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable))


def words(*, nullable: bool = False, default: str = "") -> Any:
    return Field(
        default=default, sa_column=Column(Text, nullable=nullable, server_default=None if nullable else default)
    )


def document(*, default: str = "{}") -> Any:
    return Field(default=None, sa_column=Column(JSONB, nullable=False, server_default=text(f"'{default}'::jsonb")))


def vector() -> Any:
    return Field(default=None, sa_column=Column(Vector(EMBEDDING_SIZE), nullable=True))


class UserRow(Row, table=True):
    """Somebody who can sign in."""

    __tablename__ = "users"
    id: UUID = key()
    email: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    name: str = words()
    password_hash: str = words()
    created_at: datetime = moment()


class WorkspaceRow(Row, table=True):
    """The tenant; `weight` and `running_max` belong to the fair pick of jobs."""

    __tablename__ = "workspaces"
    id: UUID = key()
    name: str = words()
    created_at: datetime = moment()
    weight: float = Field(default=1.0, sa_column=Column(Float, nullable=False, server_default="1"))
    running_max: int = Field(default=8, sa_column=Column(Integer, nullable=False, server_default="8"))


class MembershipRow(Row, table=True):
    """A user's role in a workspace."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role in ('owner', 'editor', 'viewer')", name="role"),)
    workspace_id: UUID = Field(
        sa_column=Column(PG_UUID(as_uuid=True), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    )
    user_id: UUID = Field(
        sa_column=Column(
            PG_UUID(as_uuid=True), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    role: str = words()
    created_at: datetime = moment()


class SessionRow(Row, table=True):
    """One sign-in on one device: the family of its refresh tokens, revoked as a whole."""

    __tablename__ = "sessions"
    id: UUID = key()
    user_id: UUID = reference("users.id")
    workspace_id: UUID = reference("workspaces.id")
    created_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment(nullable=True)
    revoke_reason: str | None = words(nullable=True)


class RefreshTokenRow(Row, table=True):
    """One refresh token of a session, by the SHA-256 of its text; a second use revokes the session."""

    __tablename__ = "refresh_tokens"
    id: UUID = key()
    session_id: UUID = reference("sessions.id")
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    issued_at: datetime = moment()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    used_at: datetime | None = moment(nullable=True)


class AttemptRow(Row, table=True):
    """How often a hashed key was tried, as one moment: the generic cell rate algorithm's arrival time."""

    __tablename__ = "attempts"
    key: str = Field(sa_column=Column(Text, primary_key=True))
    arrival_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


class UploadRow(Row, table=True):
    """Bytes that a client may put, or has put, under a presigned URL."""

    __tablename__ = "uploads"
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    object_key: str = words()
    file_name: str = words()
    content_type: str = words()
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str = Field(sa_column=Column(String(64), nullable=False))
    created_at: datetime = moment()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    claimed_at: datetime | None = moment(nullable=True)


class ObjectRow(Row, table=True):
    """Bytes in object storage, counted by what refers to them; doomed, then swept, when nothing does for a while."""

    __tablename__ = "objects"
    __table_args__ = (
        UniqueConstraint("workspace_id", "sha256"),
        Index("ix_objects_unreferenced", "touched_at", postgresql_where=text("reference_count = 0")),
        CheckConstraint("reference_count >= 0", name="reference_count"),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id", index=False)
    key: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    sha256: str = Field(sa_column=Column(String(64), nullable=False))
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    content_type: str = words()
    reference_count: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    created_at: datetime = moment()
    touched_at: datetime = moment()
    doomed_at: datetime | None = moment(nullable=True)


class StrayRow(Row, table=True):
    """Bytes that a sweep found to be owned by nothing; the next one deletes them if that is still so."""

    __tablename__ = "strays"
    key: str = Field(sa_column=Column(Text, primary_key=True))
    holder_id: UUID | None = Field(default=None, sa_column=Column(PG_UUID(as_uuid=True), nullable=True))
    marked_at: datetime = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=False, index=True, server_default=text("clock_timestamp()")),
    )


class CharacterRow(Row, table=True):
    """A character; `embedding` is the centre of its identity in `embedding_space`.

    The search columns hold the terms that `domain/characters/search_terms.py` cuts from the texts beside them.
    """

    __tablename__ = "characters"
    __table_args__ = (
        Index("ix_characters_workspace_id_created_at_id", "workspace_id", "created_at", "id"),
        Index("ix_characters_search_vector", "search_vector", postgresql_using="gin"),
        Index("ix_characters_search_grams", "search_grams", postgresql_using="gin"),
        Index(
            "ix_characters_embedding",
            "embedding",
            postgresql_using="hnsw",
            postgresql_ops={"embedding": "vector_cosine_ops"},
        ),
        CheckConstraint("char_length(name) between 1 and 100", name="name"),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    name: str = Field(sa_column=Column(String(100), nullable=False))
    aliases: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    description: str = words()
    character_metadata: dict[str, Any] = Field(
        sa_column=Column("metadata", JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    )
    state: str = words()
    embedding: list[float] | None = vector()
    embedding_space: str | None = words(nullable=True)
    threshold: float | None = Field(default=None, sa_column=Column(Float, nullable=True))
    images_learned: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    revision: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    adapter_ids: list[UUID] = Field(sa_column=Column(ARRAY(PG_UUID(as_uuid=True)), nullable=False, server_default="{}"))
    search_vector: str = Field(sa_column=Column(TSVECTOR, nullable=False, server_default=""))
    search_grams: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    created_at: datetime = moment()
    updated_at: datetime = moment()


class CharacterImageRow(Row, table=True):
    """A picture of a character: what was uploaded (until it is read), the copies made of it, and what was measured."""

    __tablename__ = "character_images"
    __table_args__ = (
        CheckConstraint("type in ('reference', 'generated')", name="type"),
        Index("ix_character_images_character_id_position", "character_id", "position"),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    character_id: UUID = reference("characters.id", index=False)
    type: str = words()
    position: int = Field(sa_column=Column(Integer, nullable=False))
    state: str = words()
    refusal: str | None = words(nullable=True)
    source_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    working_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    thumbnail_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    cut_out_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    width: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    height: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    quality: dict[str, Any] = document()
    perceptual_hash: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    duplicate_of_id: UUID | None = reference("character_images.id", on_delete="SET NULL", nullable=True)
    embedding: list[float] | None = vector()
    embedding_space: str | None = words(nullable=True)
    created_at: datetime = moment()


class ImageVectorRow(Row, table=True):
    """The vector of a picture in a worker's embedding space; as many numbers as that space has."""

    __tablename__ = "image_vectors"
    image_id: UUID = Field(
        sa_column=Column(PG_UUID(as_uuid=True), ForeignKey("character_images.id", ondelete="CASCADE"), primary_key=True)
    )
    space: str = Field(sa_column=Column(Text, primary_key=True))
    workspace_id: UUID = reference("workspaces.id")
    embedding: list[float] = Field(sa_column=Column(Vector(), nullable=False))


class SpaceIdentityRow(Row, table=True):
    """What was learned of a character in a worker's embedding space, at one of its revisions."""

    __tablename__ = "space_identities"
    character_id: UUID = Field(
        sa_column=Column(PG_UUID(as_uuid=True), ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True)
    )
    space: str = Field(sa_column=Column(Text, primary_key=True))
    workspace_id: UUID = reference("workspaces.id")
    threshold: float = Field(sa_column=Column(Float, nullable=False))
    images: int = Field(sa_column=Column(Integer, nullable=False))
    revision: int = Field(sa_column=Column(Integer, nullable=False))
    learned_at: datetime = moment()


class AdapterVersionRow(Row, table=True):
    """One version of a character's adapter: how it is trained, what came of it, and the files that it holds."""

    __tablename__ = "adapter_versions"
    __table_args__ = (
        UniqueConstraint("character_id", "number"),
        CheckConstraint("number > 0", name="number"),
        Index("ix_adapter_versions_character_id_created_at_id", "character_id", "created_at", "id"),
        Index("uq_adapter_versions_training", "character_id", unique=True, postgresql_where=text("state = 'training'")),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    character_id: UUID = reference("characters.id", index=False)
    number: int = Field(sa_column=Column(Integer, nullable=False))
    state: str = words()
    trigger: str = words()
    plan: dict[str, Any] = document()
    # No foreign key: a version outlives its job, which is forgotten after a while.
    job_id: UUID = Field(sa_column=Column(PG_UUID(as_uuid=True), nullable=False))
    present_id: UUID | None = reference("adapter_versions.id", on_delete="SET NULL", nullable=True)
    learned: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    weights_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    plot_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    samples_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    refusal: str = words()
    created_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class LookAlikeRow(Row, table=True):
    """Two characters that may be taken for each other, the lesser id first."""

    __tablename__ = "look_alikes"
    __table_args__ = (CheckConstraint("one_id < other_id", name="order"),)
    one_id: UUID = Field(
        sa_column=Column(PG_UUID(as_uuid=True), ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True)
    )
    other_id: UUID = Field(
        sa_column=Column(
            PG_UUID(as_uuid=True), ForeignKey("characters.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    workspace_id: UUID = reference("workspaces.id")
    likeness: float = Field(sa_column=Column(Float, nullable=False))
    found_at: datetime = moment()


class StoryboardRow(Row, table=True):
    """A storyboard as it stands; its shots are rows of their own."""

    __tablename__ = "storyboards"
    __table_args__ = (
        Index("ix_storyboards_workspace_id_created_at_id", "workspace_id", "created_at", "id"),
        Index("ix_storyboards_writing", "id", postgresql_where=text("state = 'writing'")),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    title: str = words()
    script: str = words()
    language: str = words()
    style: str = words()
    seconds_target: float | None = Field(default=None, sa_column=Column(Float, nullable=True))
    cast_ids: list[UUID] | None = Field(default=None, sa_column=Column(ARRAY(PG_UUID(as_uuid=True)), nullable=True))
    state: str = words()
    failure: str = words()
    writer: str = words()
    version: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    created_at: datetime = moment()
    updated_at: datetime = moment()


class ShotRow(Row, table=True):
    """One shot of a storyboard as it stands now."""

    __tablename__ = "shots"
    __table_args__ = (UniqueConstraint("storyboard_id", "position", deferrable=True, initially="DEFERRED"),)
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    storyboard_id: UUID = reference("storyboards.id", index=False)
    position: int = Field(sa_column=Column(Integer, nullable=False))
    content: dict[str, Any] = document()


class StoryboardVersionRow(Row, table=True):
    """All shots of a storyboard as one version had them, for undo."""

    __tablename__ = "storyboard_versions"
    storyboard_id: UUID = Field(
        sa_column=Column(PG_UUID(as_uuid=True), ForeignKey("storyboards.id", ondelete="CASCADE"), primary_key=True)
    )
    version: int = Field(sa_column=Column(Integer, primary_key=True))
    workspace_id: UUID = reference("workspaces.id")
    edit: str = words()
    shots: list[dict[str, Any]] = document(default="[]")
    created_at: datetime = moment()


class RenderRow(Row, table=True):
    """One order to film one storyboard as it stood; `cast_ids` are those of its snapshot, to be searched."""

    __tablename__ = "renders"
    __table_args__ = (
        Index("ix_renders_workspace_id_created_at_id", "workspace_id", "created_at", "id"),
        Index("ix_renders_storyboard_id_created_at_id", "storyboard_id", "created_at", "id"),
        Index("ix_renders_cast_ids", "cast_ids", postgresql_using="gin"),
        Index("ix_renders_workspace_id_film_digest", "workspace_id", "film_digest"),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    # No foreign key: a render outlives its storyboard, whose snapshot it keeps.
    storyboard_id: UUID = Field(sa_column=Column(PG_UUID(as_uuid=True), nullable=False))
    requested_by: UUID | None = reference("users.id", on_delete="SET NULL", nullable=True)
    state: str = words()
    failure: str = words()
    settings: dict[str, Any] = document()
    snapshot: dict[str, Any] = document()
    cast_ids: list[UUID] = Field(sa_column=Column(ARRAY(PG_UUID(as_uuid=True)), nullable=False, server_default="{}"))
    seed: int = Field(sa_column=Column(BigInteger, nullable=False))
    budget: dict[str, Any] = document()
    committed: dict[str, Any] = document()
    spent: dict[str, Any] = document()
    film_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    poster_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    captions_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    film_digest: str = words()
    film_probe: dict[str, Any] = document()
    created_at: datetime = moment()
    updated_at: datetime = moment()
    started_at: datetime | None = moment(nullable=True)
    finished_at: datetime | None = moment(nullable=True)


class RenderShotRow(Row, table=True):
    """One shot of a render and the take it is at; `position` counts from 1."""

    __tablename__ = "render_shots"
    __table_args__ = (UniqueConstraint("render_id", "position"),)
    render_id: UUID = Field(
        sa_column=Column(PG_UUID(as_uuid=True), ForeignKey("renders.id", ondelete="CASCADE"), primary_key=True)
    )
    shot_id: UUID = Field(sa_column=Column(PG_UUID(as_uuid=True), primary_key=True))
    workspace_id: UUID = reference("workspaces.id")
    position: int = Field(sa_column=Column(Integer, nullable=False))
    content: dict[str, Any] = document()
    state: str = words()
    failure: str = words()
    rung: str = words()
    first_take: int = Field(sa_column=Column(Integer, nullable=False))
    take_number: int = Field(sa_column=Column(Integer, nullable=False))
    last_take: int = Field(sa_column=Column(Integer, nullable=False))
    retries: int = Field(sa_column=Column(Integer, nullable=False))


class TakeRow(Row, table=True):
    """One attempt at one shot: what was made and how the gate judged it."""

    __tablename__ = "takes"
    __table_args__ = (
        UniqueConstraint("render_id", "shot_id", "number"),
        Index("ix_takes_workspace_id_keyframe_digest", "workspace_id", "keyframe_digest"),
        Index("ix_takes_workspace_id_clip_digest", "workspace_id", "clip_digest"),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    render_id: UUID = reference("renders.id", index=False)
    shot_id: UUID = Field(sa_column=Column(PG_UUID(as_uuid=True), nullable=False))
    number: int = Field(sa_column=Column(Integer, nullable=False))
    rung: str = words()
    is_accepted: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))
    engine: str = words()
    seed: int = Field(sa_column=Column(BigInteger, nullable=False))
    keyframe_digest: str = words()
    keyframe_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    keyframe_figures_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    keyframe_version: str = words()
    keyframe_judgement: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    clip_digest: str = words()
    clip_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    clip_figures_id: UUID | None = reference("objects.id", on_delete="RESTRICT", nullable=True)
    clip_version: str = words()
    clip_samples: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False, server_default="{}"))
    clip_judgement: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))


class ConsistencyReportRow(Row, table=True):
    """How consistent the cast of a render's film is; at most one a render, of the film named by `film_digest`."""

    __tablename__ = "consistency_reports"
    render_id: UUID = Field(
        sa_column=Column(PG_UUID(as_uuid=True), ForeignKey("renders.id", ondelete="CASCADE"), primary_key=True)
    )
    workspace_id: UUID = reference("workspaces.id")
    film_digest: str = words()
    characters: list[dict[str, Any]] = document(default="[]")
    sheet_id: UUID = reference("objects.id", on_delete="RESTRICT")
    plot_id: UUID = reference("objects.id", on_delete="RESTRICT")
    made_at: datetime = moment()
