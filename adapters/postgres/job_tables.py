"""Rows of the job engine: jobs, steps, events, workers and queues; moved by the functions of the migrations alone."""

# SQLModel declares `__tablename__` as a declared_attr and documents a plain string.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID  # noqa: N811 - the type, beside the value
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field

from adapters.postgres.tables import Row, document, key, moment, reference, words

STATES = "'blocked', 'queued', 'dispatched', 'running', 'succeeded', 'failed', 'canceled', 'aborted', 'dead'"
FINAL_STATES = "'succeeded', 'failed', 'canceled', 'aborted', 'dead'"
FINAL_EVENTS = "'JobSucceeded', 'JobFailed', 'JobCanceled', 'JobAborted', 'JobDied'"


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's xid8: the number of a transaction, never reused."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def number(column_type: type = Integer, *, default: int | None = 0, nullable: bool = False) -> Any:
    server_default = None if default is None else str(default)
    return Field(default=default, sa_column=Column(column_type, nullable=nullable, server_default=server_default))


def now_column() -> Any:
    column = Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    return Field(default=None, sa_column=column)


def workspace_key() -> Any:
    column = Column(PgUUID(as_uuid=True), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    return Field(sa_column=column)


class JobRow(Row, table=True):
    """One piece of background work: the row is the queue entry, the lease and the fence."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("workspace_id", "idempotency_key"),
        CheckConstraint(f"state in ({STATES})", name="state"),
        CheckConstraint("(state = 'running') = (lease_until is not null)", name="running_has_lease"),
        CheckConstraint(f"(state in ({FINAL_STATES})) = (finished_at is not null)", name="final_has_end"),
        Index(
            "ix_jobs_pick",
            "queue",
            "workspace_id",
            "needs",
            text("priority desc"),
            "id",
            postgresql_where=text("state = 'queued' and is_due"),
        ),
        Index(
            "ix_jobs_oldest",
            "queue",
            "workspace_id",
            "needs",
            "created_at",
            "id",
            postgresql_where=text("state = 'queued' and is_due"),
        ),
        Index("ix_jobs_postponed", "queue", "run_at", postgresql_where=text("state = 'queued' and not is_due")),
        Index("ix_jobs_worker", "worker_id", postgresql_where=text("state = 'running'")),
        Index(
            "ix_jobs_active",
            "queue",
            "workspace_id",
            postgresql_where=text("state in ('dispatched', 'running')"),
        ),
        Index("ix_jobs_lease", "lease_until", postgresql_where=text("state = 'running'")),
        Index("ix_jobs_claim", "claim_id", postgresql_where=text("state = 'running'")),
        Index("ix_jobs_dispatched", "queue", "dispatched_at", postgresql_where=text("state = 'dispatched'")),
        Index(
            "ix_jobs_start_before",
            "start_before",
            postgresql_where=text("state in ('blocked', 'queued', 'dispatched') and start_before is not null"),
        ),
        Index(
            "ix_jobs_subject",
            "subject_id",
            postgresql_where=text("finished_at is null and subject_id is not null"),
        ),
        Index("ix_jobs_finished", "finished_at", postgresql_where=text("finished_at is not null")),
        Index("ix_jobs_blocked", "queue", postgresql_where=text("state = 'blocked'")),
        Index("ix_jobs_given_up", "state", "id", postgresql_where=text("state in ('failed', 'dead', 'aborted')")),
        Index("ix_jobs_checkpoint_id", "checkpoint_id", postgresql_where=text("checkpoint_id is not null")),
    )
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id", index=False)
    subject_id: UUID | None = Field(default=None, sa_column=Column(PgUUID(as_uuid=True), nullable=True))
    kind: str = words()
    queue: str = Field(sa_column=Column(Text, ForeignKey("queue_controls.queue"), nullable=False))
    engine: str | None = words(nullable=True)
    command_version: int | None = number(default=None, nullable=True)
    needs: str = words()
    affinity: str | None = words(nullable=True)
    payload: dict[str, Any] = document()
    inputs: list[dict[str, Any]] = document(default="[]")
    priority: int = number(SmallInteger, default=10)
    idempotency_key: str | None = words(nullable=True)
    estimated_seconds: float = number(Float, default=5)
    deadline_seconds: float = number(Float, default=900)
    attempts_max: int = number(default=5)
    lost_max: int = number(default=3)
    created_at: datetime = now_column()
    run_at: datetime = now_column()
    is_due: bool = Field(default=True, sa_column=Column(Boolean, nullable=False, server_default="true"))
    start_before: datetime | None = moment(nullable=True)
    state: str = words(default="queued")
    waiting_on: int = number()
    delivery: int = number(BigInteger)
    dispatched_at: datetime | None = moment(nullable=True)
    epoch: int = number(BigInteger)
    claim_id: UUID | None = Field(default=None, sa_column=Column(PgUUID(as_uuid=True), nullable=True))
    worker_id: str | None = words(nullable=True)
    started_at: datetime | None = moment(nullable=True)
    lease_until: datetime | None = moment(nullable=True)
    deadline_at: datetime | None = moment(nullable=True)
    attempts: int = number()
    lost: int = number()
    cancel_requested_at: datetime | None = moment(nullable=True)
    cancel_reason: str = words()
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, nullable=True))
    error_code: str | None = words(nullable=True)
    error_message: str | None = words(nullable=True)
    worked_seconds: float = number(Float, default=0)
    finished_at: datetime | None = moment(nullable=True)
    event_number: int = number(BigInteger)
    requeues: int = number()
    settled_deliveries: int = number(BigInteger)
    aside_reason: str | None = words(nullable=True)
    checkpoint_id: UUID | None = reference("objects.id", on_delete="SET NULL", nullable=True, index=False)


class JobDependencyRow(Row, table=True):
    """A job that waits until another has succeeded."""

    __tablename__ = "job_dependencies"
    job_id: UUID = Field(
        sa_column=Column(PgUUID(as_uuid=True), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    )
    waits_for: UUID = Field(
        sa_column=Column(PgUUID(as_uuid=True), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True, index=True)
    )


class StepResultRow(Row, table=True):
    """What a finished step made, found by the digest of all that shaped it; the first to commit stays."""

    __tablename__ = "step_results"
    __table_args__ = (
        Index("ix_step_results_figures", "created_at", postgresql_where=text("result ? 'figure_vectors'")),
        Index("ix_step_results_judgements", "created_at", postgresql_where=text("result ? 'findings'")),
    )
    workspace_id: UUID = workspace_key()
    digest: str = Field(sa_column=Column(Text, primary_key=True))
    result: dict[str, Any] = document()
    created_at: datetime = now_column()


class StepObjectRow(Row, table=True):
    """One object that a step made; while it stands the object is kept."""

    __tablename__ = "step_objects"
    workspace_id: UUID = workspace_key()
    digest: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=Column(Text, primary_key=True))
    object_id: UUID = reference("objects.id", on_delete="RESTRICT")


class StreamRow(Row, table=True):
    """The last number given in one stream; its lock makes the numbers dense and ordered by commit."""

    __tablename__ = "streams"
    kind: str = Field(sa_column=Column(String(20), primary_key=True))
    id: UUID = key()
    workspace_id: UUID = reference("workspaces.id")
    last_number: int = number(BigInteger)


class EventRow(Row, table=True):
    """Something that happened; `xid` and `id` order a workspace's feed."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_feed", "workspace_id", "xid", "id"),
        Index("ix_events_at", "at", postgresql_where=text("stream_kind <> 'job'")),
        Index(
            "uq_events_final",
            "stream_id",
            text("coalesce(data ->> 'requeues', '0')"),
            unique=True,
            postgresql_where=text(f"stream_kind = 'job' and name in ({FINAL_EVENTS})"),
        ),
    )
    stream_kind: str = Field(sa_column=Column(String(20), primary_key=True))
    stream_id: UUID = Field(sa_column=Column(PgUUID(as_uuid=True), primary_key=True))
    number: int = Field(sa_column=Column(BigInteger, primary_key=True))
    workspace_id: UUID = reference("workspaces.id", index=False)
    xid: str = Field(
        default=None,
        sa_column=Column(TransactionId(), nullable=False, server_default=text("pg_current_xact_id()")),
    )
    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    name: str = words()
    data: dict[str, Any] = document()
    at: datetime = now_column()


class FeedMarkRow(Row, table=True):
    """The last event that was cut from a workspace's feed: a cursor before it may have missed something."""

    __tablename__ = "feed_marks"
    workspace_id: UUID = workspace_key()
    xid: str = Field(sa_column=Column(TransactionId(), nullable=False))
    id: int = Field(sa_column=Column(BigInteger, nullable=False))


class LabRow(Row, table=True):
    """Which lab this is, in one row; the feed's ids below the floor are of an older cluster of servers."""

    __tablename__ = "lab"
    id: UUID = Field(sa_column=Column(PgUUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()")))
    had_objects: bool = Field(sa_column=Column(Boolean, nullable=False))
    feed_xid: str | None = Field(default=None, sa_column=Column(TransactionId(), nullable=True))
    feed_floor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class QueueControlRow(Row, table=True):
    """One queue: whether it is paused, and how far its fair time has come."""

    __tablename__ = "queue_controls"
    queue: str = Field(sa_column=Column(Text, primary_key=True))
    is_paused: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))
    virtual_time: float = number(Float)
    running_max: int | None = number(default=None, nullable=True)


class JobLaneRow(Row, table=True):
    """Jobs of one workspace that need the same of a worker; written by the pick alone, which looks at few of them."""

    __tablename__ = "job_lanes"
    __table_args__ = (
        Index("ix_job_lanes_waiting", "queue", "needs", "virtual_time", postgresql_where=text("is_waiting")),
    )
    queue: str = Field(sa_column=Column(Text, ForeignKey("queue_controls.queue"), primary_key=True))
    workspace_id: UUID = Field(
        sa_column=Column(
            PgUUID(as_uuid=True), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    needs: str = Field(sa_column=Column(Text, primary_key=True))
    virtual_time: float = number(Float)
    is_waiting: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))


class PickNoteRow(Row, table=True):
    """What the next pick has to know: a lane has something to give or, without `needs`, a share was corrected."""

    __tablename__ = "pick_notes"
    queue: str = Field(sa_column=Column(Text, primary_key=True))
    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    workspace_id: UUID = Field(sa_column=Column(PgUUID(as_uuid=True), nullable=False))
    needs: str | None = words(nullable=True)


class WorkspaceShareRow(Row, table=True):
    """How many weighted seconds of a queue a workspace has had."""

    __tablename__ = "workspace_shares"
    workspace_id: UUID = workspace_key()
    queue: str = Field(sa_column=Column(Text, ForeignKey("queue_controls.queue"), primary_key=True))
    virtual_time: float = number(Float)


class WorkerRow(Row, table=True):
    """A worker that asked for work lately: its free hands make the dispatch window."""

    __tablename__ = "workers"
    __table_args__ = (CheckConstraint("state in ('ready', 'draining')", name="state"),)
    id: str = Field(sa_column=Column(Text, primary_key=True))
    queue: str = Field(sa_column=Column(Text, ForeignKey("queue_controls.queue"), nullable=False))
    engines: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    command_version: int = number(default=1)
    slots: int = number(default=1)
    state: str = words(default="ready")
    software_version: str = words()
    last_seen_at: datetime = now_column()
    knows: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    warm: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))


class WorkerModelsRow(Row, table=True):
    """What a worker's engines have been given, apart from its row, which is written at every claim."""

    __tablename__ = "worker_models"
    worker_id: str = Field(sa_column=Column(Text, ForeignKey("workers.id", ondelete="CASCADE"), primary_key=True))
    models: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))


class JobRunTimeRow(Row, table=True):
    """What jobs of one kind, engine, size and length have taken; classes are those of `run_class`."""

    __tablename__ = "job_run_times"
    queue: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(sa_column=Column(Text, primary_key=True))
    engine: str = Field(sa_column=Column(Text, primary_key=True))
    size_class: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    frames_class: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    runs: int = number(BigInteger, default=None)
    mean_seconds: float = number(Float, default=None)
    variance: float = number(Float, default=None)


class JobRunTimeMarkRow(Row, table=True):
    """The last ended job that was counted in the run times; one row."""

    __tablename__ = "job_run_time_mark"
    __table_args__ = (CheckConstraint("is_only", name="one"),)
    is_only: bool = Field(default=True, sa_column=Column(Boolean, primary_key=True, server_default="true"))
    finished_at: datetime = moment()
    job_id: UUID = Field(sa_column=Column(PgUUID(as_uuid=True), nullable=False))


class OperatorRow(Row, table=True):
    """A user who may operate the engine; granted on the command line alone."""

    __tablename__ = "operators"
    user_id: UUID = Field(
        sa_column=Column(PgUUID(as_uuid=True), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    granted_at: datetime = now_column()


class OperatorActionRow(Row, table=True):
    """What an operator did, why, and how it was before; kept for ever."""

    __tablename__ = "operator_actions"
    __table_args__ = (
        CheckConstraint("char_length(reason) between 1 and 500", name="reason"),
        Index("ix_operator_actions_target", "target", "id"),
    )
    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = now_column()
    operator: str = Field(sa_column=Column(Text, nullable=False))
    action: str = Field(sa_column=Column(Text, nullable=False))
    target: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    before: dict[str, Any] = document()
