"""What a fault is done with, and the healing after the last of them."""

import asyncio
from dataclasses import dataclass, field

from chaos.proxy import CommitTrap, Proxy
from chaos.rig import Rig
from chaos.vendor import Vendor
from chaos.watch import Watch
from chaos.workload import Workload

RESUME_QUEUES = "select queue_resume('chaos', 'The attack is over.', queue) from queue_controls where is_paused"
RESUME_WORKERS = (
    "select worker_set_state('chaos', 'The attack is over.', id, 'ready') from workers where state = 'draining'"
)


@dataclass
class Attack:
    """The rig under attack and those who take part; `forged` are the hints that the attack itself has written."""

    rig: Rig
    vendor: Vendor
    workload: Workload
    watch: Watch
    forged: set[str] = field(default_factory=set[str])
    traps: list[CommitTrap] = field(default_factory=list[CommitTrap])

    @property
    def commits_lost(self) -> int:
        return sum(trap.sprung.is_set() for trap in self.traps)

    def proxy(self, target: str) -> Proxy:
        """The proxy that a fault's target names, as `owner.store`."""
        owner, store = target.rsplit(".", 1)
        return self.rig.network.proxy(owner, store)

    async def as_owner(self, sql: str) -> None:
        """Run one statement as the database's owner, past the proxies."""
        connection = await self.rig.servers.connect()
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def heal(self) -> None:
        """Everything runs, answers and is connected again."""
        self.rig.network.heal()
        self.vendor.loses_answers = 0.0
        for process in self.rig.processes:
            process.cont()
        servers = self.rig.servers
        await servers.start_postgres()
        if not servers.stack.redis.is_running:
            await servers.start_redis()
        if not servers.stack.storage.is_running:
            await servers.start_storage()
        await self.rig.start()
        await asyncio.gather(*(process.ready() for process in self.rig.processes))
        await self.as_owner(RESUME_QUEUES)
        await self.as_owner(RESUME_WORKERS)
        redis = servers.redis()
        await redis.config_set("maxmemory", "0")
        await redis.aclose()
