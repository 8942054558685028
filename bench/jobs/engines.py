"""The engines that are compared: what each folder of `peers/` says, and an environment of its own for each."""

import hashlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PEERS = Path(__file__).with_name("peers")
PLACE = Path(".bench")
OURS = "ours"
NOWHERE = "redis://127.0.0.1:9/0"
# What every engine's program needs to be found and to run alike.
PROGRAM = {
    "PYTHONPATH": os.pathsep.join((str(PEERS), str(Path.cwd()))),
    "BENCH_CONCURRENCY": "10",
    "BENCH_RECORD": os.devnull,
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One engine under one set of settings, in one class of durability: a row of a table."""

    name: str
    peer: str
    durability: str
    ack: str
    command: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    # After how long at the most a killed worker's jobs come back; 0 where nothing gives them back by itself.
    gives_back_seconds: float = 0.0
    has_priorities: bool = True
    # The same engine as another row, by other settings.
    is_variant: bool = False
    # What a reader has to know of its figures, by workload.
    remarks: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def key(self) -> str:
        """A name that files and databases can bear."""
        return "row_" + hashlib.sha256(f"{self.name} {self.durability}".encode()).hexdigest()[:10]


def ours() -> list[Row]:
    command = (sys.executable, "-m", "bench.jobs.ours")
    ack = "late, fenced, with events"
    ways = {
        "ours": {"BENCH_DELIVERY": "asking"},
        "ours, Redis away": {"BENCH_DELIVERY": "asking", "BENCH_REDIS": NOWHERE},
        "ours, dispatched through ARQ": {"BENCH_DELIVERY": "hints"},
    }
    lease_seconds = 10.0
    return [
        Row(name, OURS, "D3", ack, command, how, lease_seconds + 5, is_variant=name != "ours")
        for name, how in ways.items()
    ]


def known() -> Sequence[str]:
    return [OURS, *sorted(each.parent.name for each in PEERS.glob("*/peer.toml"))]


def rows(peers: Collection[str], durabilities: Collection[str]) -> list[Row]:
    """Every row of the peers in the classes asked for; environments that are not there yet are made."""
    found = ours() if OURS in peers else []
    for peer in known()[1:]:
        if peer in peers:
            found += of_peer(peer)
    return [each for each in found if each.durability in durabilities]


def of_peer(peer: str) -> list[Row]:
    said = tomllib.loads((PEERS / peer / "peer.toml").read_text())
    command = node_command(peer) if (PEERS / peer / "package.json").exists() else python_command(peer)
    classes = ("D3",) if said["store"] == "postgres" else ("D0", "D1")
    return [
        Row(
            name,
            peer,
            durability,
            settings.get("ACK", said["ack"]),
            command,
            settings,
            gives_back_seconds=said.get("gives_back_seconds", 0.0),
            has_priorities=said.get("has_priorities", True),
            is_variant=name in said.get("variants", ()),
            remarks=said.get("remarks", {}),
        )
        for durability in classes
        for name, settings in said["rows"].items()
    ]


def python_command(peer: str) -> Sequence[str]:
    folder, lock = PLACE / peer, PEERS / peer / "requirements.lock"
    python = folder / "bin" / "python"
    if is_stale(folder, lock):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            lock,
        ]
        subprocess.run(install, check=True)
        mark(folder, lock)
    return (str(python.absolute()), str(PEERS / peer / "engine.py"))


def node_command(peer: str) -> Sequence[str]:
    folder, lock = PLACE / peer, PEERS / peer / "package-lock.json"
    if is_stale(folder, lock):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            (folder / name).write_bytes((PEERS / peer / name).read_bytes())
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=folder, check=True)  # noqa: S607
        mark(folder, lock)
    for script in (PEERS / peer / "engine.mjs", PEERS / "driver.mjs"):
        (folder / script.name).write_bytes(script.read_bytes())
    return ("node", str((folder / "engine.mjs").absolute()))


def is_stale(folder: Path, lock: Path) -> bool:
    made = folder / ".lock"
    return not made.exists() or made.read_bytes() != lock.read_bytes()


def mark(folder: Path, lock: Path) -> None:
    (folder / ".lock").write_bytes(lock.read_bytes())
