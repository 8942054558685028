"""What each queue holds, for metrics."""

from collections.abc import Sequence

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.queue_counts import COUNTED_MAX, look_at_queues
from domain.jobs.load import QueueLoad
from domain.jobs.policies import SEEN_SECONDS


class PostgresQueueLoads:
    """Looks at the queues as the jobs' role, which sees every workspace."""

    def __init__(
        self, database: PostgresDatabase, *, seen_seconds: float = SEEN_SECONDS, counted_max: int = COUNTED_MAX
    ) -> None:
        self._database = database
        self._seen_seconds = seen_seconds
        self._counted_max = counted_max

    async def look(self) -> Sequence[QueueLoad]:
        """Answer every queue's load now."""
        async with self._database.work() as work:
            return await look_at_queues(work.session, seen_seconds=self._seen_seconds, counted=self._counted_max)
