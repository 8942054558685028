"""What a seed left behind: the jobs, events, steps and objects of its users, read past every proxy."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from chaos.record import Deed
from chaos.subscribers import Subscriber
from chaos.vendor import Vendor
from chaos.workload import User

FINAL_STATES = frozenset({"succeeded", "failed", "canceled", "aborted", "dead"})
JOB_STREAM = "job"
# Where `chaos.tasks` tells of a job's steps.
STEPS_STREAM = "storyboard"
EVENTS = """
select stream_kind, stream_id::text, number, workspace_id::text, xid::text || '-' || id as cursor, name, data::text, at
from events where workspace_id = any($1) order by xid, id
"""
JOBS = """
select id::text, workspace_id::text, kind, queue, state, epoch, claim_id::text, attempts, attempts_max, lost, lost_max,
       coalesce(idempotency_key, '') as idempotency_key, subject_id::text, started_at, error_code, worker_id
from jobs where workspace_id = any($1)
"""
STEPS = "select digest, result::text from step_results where workspace_id = any($1)"
OBJECTS = "select key, size_bytes, sha256, reference_count from objects where workspace_id = any($1)"
ACTS = "select at, action, target from operator_actions order by id"
RENDERS = "select id::text, state from renders where workspace_id = any($1)"

Data: TypeAlias = dict[str, str | int | float | None]


@dataclass(frozen=True)
class Told:
    """One stored event."""

    stream_kind: str
    stream_id: str
    number: int
    workspace_id: str
    cursor: str
    name: str
    data: Data
    at: datetime

    @property
    def epoch(self) -> int:
        return int(self.data.get("epoch") or 0)


@dataclass(frozen=True)
class Job:
    """One job as it stands at the end."""

    id: str
    workspace_id: str
    kind: str
    queue: str
    state: str
    epoch: int
    claim_id: str | None
    attempts: int
    attempts_max: int
    lost: int
    lost_max: int
    idempotency_key: str
    subject_id: str | None
    started_at: datetime | None
    error_code: str | None
    worker_id: str | None


@dataclass(frozen=True)
class Act:
    """What an operator did, by the note that it left."""

    at: datetime
    action: str
    target: str


@dataclass(frozen=True)
class Stored:
    """One object that a row knows of."""

    key: str
    size_bytes: int
    sha256: str
    references: int


@dataclass(frozen=True)
class History:
    """All that the invariants look at."""

    users: Sequence[User]
    subscribers: Sequence[Subscriber]
    deeds: Sequence[Deed]
    charges: dict[str, list[str]]
    charged_at: dict[str, list[float]]
    acts: Sequence[Act]
    healed_at: datetime
    jobs: dict[str, Job]
    events: Sequence[Told]
    steps: dict[str, Data]
    objects: Sequence[Stored]
    renders: dict[str, str]

    def streams(self, kind: str) -> dict[str, list[Told]]:
        """The events of each stream of a kind, by number."""
        streams: defaultdict[str, list[Told]] = defaultdict(list)
        for event in self.events:
            if event.stream_kind == kind:
                streams[event.stream_id].append(event)
        return {key: sorted(told, key=lambda event: event.number) for key, told in streams.items()}

    def deeds_of(self, what: str) -> list[Deed]:
        """The deeds of this seed's jobs only: the processes live longer than a seed."""
        return [deed for deed in self.deeds if deed.get("what") == what and deed.get("job", "") in self.jobs]


def told(row: asyncpg.Record) -> Told:
    return Told(**{**row, "data": json.loads(row["data"])})


async def read_history(
    connection: asyncpg.Connection,
    *,
    users: Sequence[User],
    subscribers: Sequence[Subscriber],
    deeds: Sequence[Deed],
    vendor: Vendor,
    healed_at: datetime,
) -> History:
    """Read everything of these users in one snapshot."""
    ids: list[UUID] = [user.workspace_id for user in users]
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        events = await connection.fetch(EVENTS, ids)
        jobs = await connection.fetch(JOBS, ids)
        steps = await connection.fetch(STEPS, ids)
        objects = await connection.fetch(OBJECTS, ids)
        renders = await connection.fetch(RENDERS, ids)
        acts = await connection.fetch(ACTS)
    return History(
        users=users,
        subscribers=subscribers,
        deeds=deeds,
        charges=dict(vendor.charges),
        charged_at=dict(vendor.charged_at),
        healed_at=healed_at,
        acts=[Act(**row) for row in acts],
        jobs={row["id"]: Job(*row.values()) for row in jobs},
        events=[told(row) for row in events],
        steps={row["digest"]: json.loads(row["result"]) for row in steps},
        objects=[Stored(row["key"], row["size_bytes"], row["sha256"], row["reference_count"]) for row in objects],
        renders={row["id"]: row["state"] for row in renders},
    )
