"""The tables: one a workload and class of durability, the median of the rounds with the least and the most."""

import json
import os
import platform
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench.jobs.engines import PEERS, Row
from bench.jobs.session import Size
from bench.jobs.workloads import WORKLOADS

CLASSES: Mapping[str, str] = {
    "D0": "memory only: lost with the server",
    "D1": "Valkey, append-only file, fsync every second",
    "D3": "PostgreSQL, synchronous_commit = on: survives a power cut",
}


@dataclass(slots=True)
class Figures:
    """A value a round by workload, row and column; and what could not be measured."""

    values: dict[tuple[str, str], dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict[tuple[str, str], dict[str, list[float]]](lambda: defaultdict(list))
    )
    failures: dict[tuple[str, str], list[str]] = field(
        default_factory=lambda: defaultdict[tuple[str, str], list[str]](list)
    )

    def add(self, workload: str, row: Row, figures: Mapping[str, float]) -> None:
        for column, value in figures.items():
            self.values[workload, row.key][column].append(value)

    def fail(self, workload: str, row: Row, reason: str) -> None:
        self.failures[workload, row.key].append(reason)

    def has(self, workload: str, row: Row) -> bool:
        return (workload, row.key) in self.values or (workload, row.key) in self.failures

    def cell(self, workload: str, row: Row, column: str) -> str:
        if values := self.values.get((workload, row.key), {}).get(column):
            return spread(values)
        if (workload, row.key) in self.failures:
            return "not measured"
        if row.is_variant and not WORKLOADS[workload].has_variants:
            return "left out"
        return "no priorities" if column.startswith("urgent") and not row.has_priorities else "–"


@dataclass(frozen=True, slots=True)
class Host:
    """Where and how it was measured."""

    kernel: str
    fsync_ms: float
    seconds: float
    rounds: int
    size: Size


def tables(figures: Figures, rows: Sequence[Row], names: Sequence[str], host: Host) -> str:
    head = [
        measured_on(host),
        "",
        *versions(rows),
    ]
    for name in names:
        for durability in CLASSES:
            found = [row for row in rows if row.durability == durability]
            if any(figures.has(name, row) for row in found):
                head += ["", *table(name, durability, found, figures)]
    return "\n".join(head) + "\n"


def measured_on(host: Host) -> str:
    return (
        f"{os.cpu_count()} cores, kernel {host.kernel}, Python {platform.python_version()}, "
        f"fdatasync of 8 KiB {host.fsync_ms:.2f} ms in the median; {host.rounds} rounds in turning order, "
        f"median (min–max); {host.seconds / 60:.0f} min in all. D0 takes part in W1 and W2 alone."
        + (f" **{host.size}: for trying out, not for figures.**" if host.size != Size() else "")
    )


def versions(rows: Sequence[Row]) -> Iterator[str]:
    for peer in dict.fromkeys(row.peer for row in rows):
        python, node = PEERS / peer / "requirements.in", PEERS / peer / "package.json"
        if python.exists():
            yield f"- {peer}: {', '.join(python.read_text().split())}"
        if node.exists():
            pinned: Mapping[str, str] = json.loads(node.read_text())["dependencies"]
            yield f"- {peer}: {', '.join(f'{name}@{version}' for name, version in pinned.items())}"


def table(name: str, durability: str, rows: Sequence[Row], figures: Figures) -> list[str]:
    workload = WORKLOADS[name]
    lines = [
        f"### {name} {workload.name} ({durability}, {CLASSES[durability]})",
        "",
        f"Scaled: {workload.scaled}.",
        "",
        f"| engine | ack | {' | '.join(workload.columns)} |",
        f"| --- | --- |{' ---: |' * len(workload.columns)}",
    ]
    for row in rows:
        cells = (figures.cell(name, row, column) for column in workload.columns)
        lines.append(f"| {row.name} | {row.ack} | {' | '.join(cells)} |")
    said = list(notes(name, rows, figures))
    return [*lines, "", *said] if said else lines


def notes(name: str, rows: Sequence[Row], figures: Figures) -> Iterator[str]:
    if not WORKLOADS[name].has_variants:
        yield "- Left out: the same engine by other settings, which do not matter here."
    for row in rows:
        if remark := row.remarks.get(name):
            yield f"- {row.name}: {remark}."
        for reason in figures.failures.get((name, row.key), ()):
            yield f"- {row.name}, not measured in a round: {reason}."


def spread(values: Sequence[float]) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    digits = 0 if middle >= 100 or middle == int(middle) else 1
    if len(values) == 1:
        return f"{middle:,.{digits}f}"
    return f"{middle:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"
