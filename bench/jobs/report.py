"""The tables: one a workload and class of durability, the median of the rounds with the least and the most."""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bench.jobs.engines import PEERS, Row
from bench.jobs.workloads import WORKLOADS, spread

# By (class, workload), row and column: a value a round.
Figures: TypeAlias = dict[tuple[str, str], dict[str, dict[str, list[float]]]]

CLASSES: Mapping[str, str] = {
    "D0": "memory only: lost with the server",
    "D1": "Valkey, append-only file, fsync every second",
    "D3": "PostgreSQL, synchronous_commit = on: survives a power cut",
}


@dataclass(frozen=True, slots=True)
class Host:
    """Where and how it was measured."""

    kernel: str
    fsync_ms: float
    seconds: float
    rounds: int


def tables(figures: Figures, rows: Sequence[Row], names: Sequence[str], host: Host) -> str:
    head = [
        measured_on(host),
        "",
        *versions(rows),
    ]
    for name in names:
        for durability, meaning in CLASSES.items():
            if found := figures.get((durability, name)):
                head += ["", *table(name, f"{durability}, {meaning}", found, rows, durability)]
    return "\n".join(head) + "\n"


def measured_on(host: Host) -> str:
    return (
        f"{os.cpu_count()} cores, kernel {host.kernel}, Python {platform.python_version()}, "
        f"fdatasync of 8 KiB {host.fsync_ms:.2f} ms in the median; {host.rounds} rounds in turning order, "
        f"median (min–max); {host.seconds / 60:.0f} min in all."
    )


def versions(rows: Sequence[Row]) -> Iterator[str]:
    for peer in dict.fromkeys(row.peer for row in rows):
        python, node = PEERS / peer / "requirements.in", PEERS / peer / "package.json"
        if python.exists():
            yield f"- {peer}: {', '.join(python.read_text().split())}"
        if node.exists():
            pinned: Mapping[str, str] = json.loads(node.read_text())["dependencies"]
            yield f"- {peer}: {', '.join(f'{name}@{version}' for name, version in pinned.items())}"


def table(
    name: str, meaning: str, found: Mapping[str, Mapping[str, list[float]]], rows: Sequence[Row], durability: str
) -> list[str]:
    workload = WORKLOADS[name]
    lines = [
        f"### {name} {workload.name} ({meaning})",
        "",
        f"Scaled: {workload.scaled}.",
        "",
        f"| engine | ack | {' | '.join(workload.columns)} |",
        f"| --- | --- |{' ---: |' * len(workload.columns)}",
    ]
    for row in rows:
        if row.durability == durability and (values := found.get(row.name)):
            cells = (spread(values[column]) if values.get(column) else "–" for column in workload.columns)
            lines.append(f"| {row.name} | {row.ack} | {' | '.join(cells)} |")
    return lines
