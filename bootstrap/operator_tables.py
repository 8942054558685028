"""How the command line shows the engine: tables for people, JSON for machines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.jobs.operations import JobRecord

COLUMNS_MAX = 1000


def show_json(value: object) -> None:
    """Print dataclasses as JSON; identifiers, moments and states as text."""
    print(json.dumps(plain(value), indent=2, default=str))


def plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def show_table(console: Console, columns: Sequence[str], rows: Iterable[object]) -> None:
    """One row a thing, one column a field of it; wider than the terminal if need be: an id that is cut is no use."""
    table = Table(*(column.replace("_", " ") for column in columns), box=None)
    for row in rows:
        # What operators and servers wrote is no markup.
        table.add_row(*(escape(words(getattr(row, column))) for column in columns))
    Console(file=console.file, width=COLUMNS_MAX).print(table)


def show_record(console: Console, record: JobRecord) -> None:
    """A job, then what happened to it, then what operators did."""
    for name, value in asdict(record.status).items():
        console.print(f"{name.replace('_', ' '):>20}  {words(value)}", highlight=False, markup=False)
    show_table(console, ("number", "name", "at", "epoch", "worker_id", "error_code"), record.steps)
    if record.actions:
        show_table(console, ("at", "operator", "action", "reason"), record.actions)


def words(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {each}" for name, each in value.items())  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(str(each) for each in value) or "-"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)
