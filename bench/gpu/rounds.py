"""Rows that are measured in turning order, so that what else the machine does falls on all of them alike."""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Values = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Row:
    """Something to be measured; `measure` is given the round's number and answers its figure."""

    name: str
    measure: Callable[[int], float]


def interleaved(rows: Sequence[Row], rounds: int) -> Values:
    """Measure every row once unseen (round 0), then once a round, each round in the other direction."""
    for row in rows:
        row.measure(0)
    found: dict[str, list[float]] = {row.name: [] for row in rows}
    for number in range(1, rounds + 1):
        for row in rows if number % 2 else reversed(rows):
            found[row.name].append(row.measure(number))
        print(f"round {number}: { ({name: round(values[-1], 2) for name, values in found.items()}) }", file=sys.stderr)
    return found


def spread(values: Sequence[float], *, digits: int = 1) -> str:
    """The median with the least and the most."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def times(values: Sequence[float], others: Sequence[float]) -> str:
    """How many times the others, round by round."""
    return f"{spread([mine / its for mine, its in zip(values, others, strict=True)], digits=2)} ×"


def table(title: str, unit: str, found: Values, *, beside: Mapping[str, str]) -> list[str]:
    """A row each; `beside` names the row that one is compared with. More is better, unless the unit is a time."""
    lines = ["", f"### {title}", "", f"| | {unit} | beside its peer |", "| --- | ---: | ---: |"]
    for name, values in found.items():
        peer = beside.get(name)
        compared = f"{times(values, found[peer])} {peer}" if peer else ""
        lines.append(f"| {name} | {spread(values)} | {compared} |")
    return lines
