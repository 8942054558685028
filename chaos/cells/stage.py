"""What all cells share: the real processes and servers, the product's code past the proxies, one client of the API."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bootstrap.container import Container
from chaos.cells.client import StoryboardClient
from chaos.rig import JOBS, Rig

NAMES = ("api", "jobs-a", "jobs-b", "cpu-1", "cpu-3")
ENGINES = '["chaos.engine:ChaosEngine"]'
LOOK_SECONDS = 0.02
REVIVALS_MAX = 3
PATIENCE_SECONDS = 30.0


async def until(is_true: Callable[[], Awaitable[bool]], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Look until it is true; raises TimeoutError naming what did not come."""
    try:
        async with asyncio.timeout(seconds):
            while not await is_true():  # noqa: ASYNC110 - what we wait for is another process's business
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise TimeoutError(f"{what}: not within {seconds:g} s") from None


@dataclass
class Stage:
    """One lab for all cells; each cell has a workspace or a storyboard of its own in it."""

    rig: Rig
    services: Container
    database: asyncpg.Connection
    client: StoryboardClient
    delivery: str = "hints"

    @property
    def orders(self) -> Path:
        """The folder of the failpoints' orders."""
        return self.rig.folder / "failpoints"

    def children(self) -> dict[str, list[int]]:
        """The processes that each worker has started, by the worker's name."""
        return {name: self.rig[name].child_pids() for name in NAMES if name.startswith("cpu")}

    def withdraw_orders(self) -> Iterator[str]:
        """Take back every order that has not fired, and end every hold; answer their names."""
        for path in self.orders.glob("*.taken"):
            path.with_suffix(".go").touch()
        for path in self.orders.glob("*.order"):
            path.unlink(missing_ok=True)
            yield path.stem

    async def deliver_by(self, delivery: str) -> None:
        """Have the jobs processes come by their own jobs so; they start anew where that is another way than before."""
        if delivery == self.delivery:
            return
        self.delivery = delivery
        self.rig.take(*JOBS, delivery=delivery)
        for name in JOBS:
            self.rig[name].kill9()
        await asyncio.gather(*map(self._revive, JOBS))

    async def heal(self, *, is_suspect: bool = False) -> None:
        """Have every process answer again; with `is_suspect` by starting each anew."""
        if is_suspect:
            for name in NAMES:
                self.rig[name].kill9()
        await asyncio.gather(*map(self._revive, NAMES))

    async def _revive(self, name: str) -> None:
        """A process that was on its way out may have answered once more."""
        process = self.rig[name]
        for _ in range(REVIVALS_MAX):
            if not process.is_running:
                process.start()
            with suppress(RuntimeError):
                await process.ready()
                return
        raise RuntimeError(f"{name} ends again and again; see {process.log}")


@asynccontextmanager
async def open_stage(folder: Path) -> AsyncGenerator[Stage]:
    """Start servers and processes, every one of them with failpoints."""
    async with Rig.opened(folder) as rig:
        rig.add_all()
        orders = rig.folder / "failpoints"
        orders.mkdir(mode=0o700)
        for name in NAMES:
            own = {"LAB_MODE": "embedded", "LAB_FAILPOINTS": str(orders), "LAB_FAILPOINTS_PROCESS": name}
            rig[name].environment |= own | {"LAB_WORKER_ENGINES": ENGINES, "LAB_ACCOUNTS__ACCESS_MINUTES": "60"}
        await rig.start(*NAMES)
        database = await rig.servers.connect()
        async with rig.container() as services, StoryboardClient.opened(rig.api_url) as client:
            yield Stage(rig, services, database, client)
        await database.close()
