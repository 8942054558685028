"""A whole lab of real processes to be attacked: three servers, started once, and each process behind its own proxies.

    async with Rig.opened(folder) as rig:                       # servers only: about 3 s
        rig.add_all()                                           # api, jobs-a, jobs-b, cpu-1 to cpu-3, gpu-1
        rig["jobs-a"].environment["LAB_FAILPOINTS"] = "..."     # before the start; each process has its own environment
        await rig.start("jobs-a", "cpu-1")                      # or every one without names; waits until they answer
        rig["cpu-1"].kill9(); rig["cpu-1"].start()              # also stop(), cont(), term(), restart(), child_pids()
        rig.network.proxy("jobs-a", "postgres").lose_commits("job_finish")
        rig.network.heal()                                      # the network is whole again
        connection = await rig.servers.connect()                # as the database's owner, past the proxies
        async with rig.container() as services: ...             # the product's own code, past the proxies

Proxies: (api | jobs-a | jobs-b | harness, postgres | valkey | storage), (cpu-1 ... gpu-1, valkey | control).
`rig.records / "<name>.jsonl"` is the process's own append-only record of what it did. The two copies of the jobs
process run the product's tasks and those of `chaos.tasks`; the workers have the engine `chaos` (`chaos.engine`), the
first two of them `animatic` as well. Times are short: `JOBS_TIMES` and `WORKER_TIMES`. What is started is
`python -m MODULE` under its own environment, forked from a process that has read the third-party packages already
(`chaos.nursery`).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from bootstrap.container import Container, open_container
from bootstrap.embedded import free_port, http_answers, inherited_environment
from bootstrap.settings import Settings, nested
from chaos.clock import SHIFT
from chaos.nursery import Nursery
from chaos.process import RigProcess
from chaos.proxy import Address, Proxy, tcp_address, unix_address
from chaos.servers import Servers

LEASE_SECONDS = 2.0
TICK_SECONDS = 0.2
DELIVERY_SECONDS = 1.5
JOBS_TIMES: Mapping[str, str] = {
    "LAB_JOBS__LEASE_SECONDS": str(LEASE_SECONDS),
    "LAB_JOBS__TICK_SECONDS": str(TICK_SECONDS),
    "LAB_JOBS__DELIVERY_SECONDS": str(DELIVERY_SECONDS),
    "LAB_JOBS__ASK_SECONDS": "0.5",
    "LAB_JOBS__OWN_DELIVERY": "hints",
    "LAB_JOBS__RETRY_FIRST_SECONDS": "0.2",
    "LAB_JOBS__DRAIN_SECONDS": "1",
    "LAB_JOBS__CONCURRENCY": "4",
    "LAB_DATABASE__ANSWER_SECONDS": "3",
}
WORKER_TIMES: Mapping[str, str] = {
    "LAB_WORKER_ASK_SECONDS": "1",
    "LAB_WORKER_BEAT_SECONDS": "0.3",
    "LAB_WORKER_STALL_SECONDS": "4",
    "LAB_WORKER_HALT_SECONDS": "0.5",
    "LAB_WORKER_STOP_SECONDS": "0.5",
    "LAB_WORKER_DRAIN_SECONDS": "1",
}
STORES = ("postgres", "valkey", "storage")
JOBS = ("jobs-a", "jobs-b")
# Which queue a worker serves, whom it asks, and whether it has the animatic engine.
WORKERS: Mapping[str, tuple[str, str, bool]] = {
    "cpu-1": ("cpu", "jobs-a", True),
    "cpu-2": ("cpu", "jobs-a", True),
    "cpu-3": ("cpu", "jobs-b", False),
    "gpu-1": ("gpu", "jobs-b", False),
}
# Workers whose clocks are wrong by so many seconds: no lease is reckoned by a worker's clock. To the one that is
# behind, hints come from the future: it hears none for an hour, and lives by its asking.
CLOCK_SHIFTS: Mapping[str, int] = {"cpu-3": 3600, "gpu-1": -3600}
CHAOS_ENGINE = '"chaos.engine:ChaosEngine"'
ANIMATIC_ENGINE = '"gpu_worker.pipelines.animatic.engine:AnimaticEngine"'
HARNESS = "harness"
ROOT = str(Path(__file__).parents[1])


class Network:
    """The proxies, by who connects and to what."""

    def __init__(self, servers: Servers, ports: Mapping[str, int]) -> None:
        self._servers = servers
        self._ports = ports
        self._proxies: dict[tuple[str, str], Proxy] = {}

    async def start(self) -> None:
        stack = self._servers.stack
        for owner in ("api", *JOBS, HARNESS):
            self._add(owner, "postgres", unix_address(self._servers.postgres_socket))
            self._add(owner, "valkey", tcp_address(stack.redis_port))
            self._add(owner, "storage", tcp_address(stack.storage_port))
        for owner, (_queue, asked, _has_animatic) in WORKERS.items():
            self._add(owner, "valkey", tcp_address(stack.redis_port))
            self._add(owner, "control", tcp_address(self._ports[asked]))
        for proxy in self._proxies.values():
            await proxy.start()

    def _add(self, owner: str, store: str, server: Address) -> None:
        self._proxies[owner, store] = Proxy(f"{owner}.{store}", server, speaks_postgres=store == "postgres")

    async def stop(self) -> None:
        for proxy in self._proxies.values():
            await proxy.stop()

    def proxy(self, owner: str, store: str) -> Proxy:
        return self._proxies[owner, store]

    def proxies(self, store: str = "") -> list[Proxy]:
        """Every proxy, or those to one store."""
        return [proxy for (_owner, to), proxy in self._proxies.items() if store in {"", to}]

    def heal(self) -> None:
        for proxy in self._proxies.values():
            proxy.heal()


class Rig:
    """Servers, processes by name, and the proxies between them; made by `Rig.opened`."""

    def __init__(self, folder: Path) -> None:
        self.servers = Servers(folder)
        self.folder = self.servers.stack.folder
        self.records = self.folder / "records"
        self.logs = self.folder / "logs"
        for made in (self.records, self.logs):
            made.mkdir(exist_ok=True)
        self.vendor_url = ""
        self._nursery = Nursery()
        self._processes: dict[str, RigProcess] = {}
        self._ports = {name: free_port() for name in ("api", *JOBS, *WORKERS)}
        self.network = Network(self.servers, self._ports)

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder: Path) -> AsyncGenerator["Rig"]:
        """Start the servers, hand out the rig, end every process."""
        rig = cls(folder)
        rig._nursery.start()
        try:
            await rig.servers.start()
            await rig.network.start()
            yield rig
        finally:
            rig._nursery.stop()
            await rig.network.stop()
            await rig.servers.stop()

    def __getitem__(self, name: str) -> RigProcess:
        return self._processes[name]

    @property
    def processes(self) -> list[RigProcess]:
        return list(self._processes.values())

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['api']}"

    def control_url(self, name: str) -> str:
        """Where a jobs process answers workers, past the proxies."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def environment(self, owner: str) -> dict[str, str]:
        """The product's settings, with the addresses of the owner's own proxies."""
        settings = {**self.servers.stack.environment(), **JOBS_TIMES}
        postgres, valkey, storage = (self.network.proxy(owner, store).port for store in STORES)
        for name, role in (("URL", "lab_app"), ("SYSTEM_URL", "lab_system"), ("OWNER_URL", "postgres")):
            settings[f"LAB_DATABASE__{name}"] = f"postgresql://{role}@127.0.0.1:{postgres}/lab"
        settings["LAB_REDIS__URL"] = f"redis://127.0.0.1:{valkey}/0"
        settings["LAB_STORAGE__ENDPOINT_URL"] = f"http://127.0.0.1:{storage}"
        settings["LAB_API__PORT"] = str(self._ports["api"])
        settings["LAB_JOBS__CONTROL_PORT"] = str(self._ports.get(owner, 0))
        return settings

    def container(self, *, owner: str | None = None) -> AbstractAsyncContextManager[Container]:
        """Open the product's container in this process: past the proxies, or through those of an owner."""
        given = self.environment(owner) if owner else {**self.servers.stack.environment(), **JOBS_TIMES}
        return open_container(Settings.model_validate(nested(given)))

    def add_all(self, *, mutant: str = "") -> None:
        """Make every process, none started yet; those of API and jobs with a mutation (`chaos.mutants`) inside."""
        mutated = ["chaos.mutated", mutant]
        self._add("api", [*mutated, "api"] if mutant else ["api"], self.environment("api"))
        for name in JOBS:
            self._add(name, [*mutated, "jobs"] if mutant else ["chaos.jobs"], self.environment(name))
        for name in WORKERS:
            self._add(name, ["gpu_worker"], self._worker_environment(name))

    def take(self, *names: str, delivery: str = "asking") -> None:
        """Have these jobs processes take their own jobs past the dispatcher, or not, from their next start on."""
        for name in names:
            self[name].environment["LAB_JOBS__OWN_DELIVERY"] = delivery

    def take_far_ahead(self, *names: str) -> None:
        """Have these jobs processes take jobs that are not short ahead of their hands, from their next start on."""
        for name in names:
            self[name].environment["LAB_JOBS__AHEAD_SECONDS"] = "2"

    def _worker_environment(self, name: str) -> dict[str, str]:
        queue, _asked, has_animatic = WORKERS[name]
        engines = [CHAOS_ENGINE, ANIMATIC_ENGINE] if has_animatic else [CHAOS_ENGINE]
        return dict(WORKER_TIMES) | {
            SHIFT: str(CLOCK_SHIFTS.get(name, 0)),
            "LAB_WORKER_ID": name,
            "LAB_WORKER_QUEUE": queue,
            "LAB_WORKER_CONTROL_URL": f"http://127.0.0.1:{self.network.proxy(name, 'control').port}",
            "LAB_WORKER_TOKEN": self.servers.stack.secrets.worker_token,
            "LAB_WORKER_REDIS_URL": f"redis://127.0.0.1:{self.network.proxy(name, 'valkey').port}/0",
            "LAB_WORKER_CACHE_FOLDER": str(self.folder / "cache" / name),
            "LAB_WORKER_ENGINES": f"[{','.join(engines)}]",
            "LAB_WORKER_HEALTH_PORT": str(self._ports[name]),
        }

    def _add(self, name: str, command: list[str], settings: Mapping[str, str]) -> None:
        path = {"api": "readyz", "jobs-a": "healthz", "jobs-b": "healthz"}.get(name, "health")
        url = f"http://127.0.0.1:{self._ports[name]}/{path}"
        own = {"CHAOS_RECORD": str(self.records / f"{name}.jsonl"), "CHAOS_VENDOR_URL": self.vendor_url}
        environment = inherited_environment() | {"OMP_NUM_THREADS": "1", "PYTHONPATH": ROOT} | dict(settings) | own
        self._processes[name] = RigProcess(
            name,
            command,
            log=self.logs / f"{name}.log",
            environment=environment,
            nursery=self._nursery,
            answers=lambda: http_answers(url),
        )

    def end_all(self) -> None:
        """Kill every process; the servers stay."""
        for process in self.processes:
            process.kill9()

    async def start(self, *names: str) -> None:
        """Start these processes, or all that are not running, and wait until they answer."""
        wanted = [self[name] for name in names] or [each for each in self.processes if not each.is_running]
        for process in wanted:
            process.start()
        await asyncio.gather(*(process.ready() for process in wanted))
