"""A process of the lab with one of its parts replaced from outside: `python -m chaos.mutated MUTANT api|jobs`."""

import asyncio
import os
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres import claims, feed
from adapters.redis.delivery import ArqDeliveries
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import Delivery, Queue
from domain.jobs.policies import SEEN_SECONDS

SLOW_COMMIT_SECONDS = 0.05


def read_by_serial() -> None:
    """The feed's cursor is the event's serial number alone, as if commits came in that order."""
    feed.READ_WORKSPACE = text(
        f"select {feed.COLUMNS} from events where workspace_id = :workspace_id and id > :id"  # noqa: S608 - constants
        " and (:xid)\\:\\:text is not null order by id limit :limit"
    ).columns(data=JSONB)


def hint_before_commit() -> None:
    """The dispatcher tells the workers from inside the transaction, which then takes its time to commit."""

    async def pick(self: claims.PostgresDispatches, queue: Queue, *, limit: int) -> Sequence[Delivery]:
        parameters = {"queue": str(queue), "lookahead": 1, "seen_seconds": SEEN_SECONDS, "limit": limit}
        async with self._database.work() as work:  # pyright: ignore[reportPrivateUsage]
            rows = await work.session.execute(claims.PICK, parameters)
            picked = [Delivery(JobId(r.job_id), r.delivery, queue, WorkspaceId(r.workspace_id)) for r in rows]
            if picked:
                await ArqDeliveries(os.environ["LAB_REDIS__URL"]).deliver(picked)
                await asyncio.sleep(SLOW_COMMIT_SECONDS)
        return picked

    claims.PostgresDispatches.pick = pick


MUTATIONS: Mapping[str, Callable[[], None]] = {
    "serial_cursor": read_by_serial,
    "hint_before_commit": hint_before_commit,
}

if __name__ == "__main__":
    MUTATIONS[sys.argv[1]]()
    runpy.run_module({"api": "api", "jobs": "chaos.jobs"}[sys.argv[2]], run_name="__main__", alter_sys=True)
