"""Orders to fail: files in one folder, each for exactly one hit of one point in one process.

`NAME.order` is armed. The process that takes it renames it to `NAME.taken`, which one process alone can do, and tells
of it in `NAME.fired` before it acts. `NAME.go` ends a hold.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from failpoints.points import Point


class Action(StrEnum):
    """What happens to the process that comes to the point."""

    KILL9 = "kill9"  # it ends at once, as with kill -9
    STOP = "stop"  # it stops as with SIGSTOP, until somebody sends SIGCONT
    EXIT = "exit"  # it ends at once with status 0, as if all were well
    RAISE = "raise"  # it meets an error that nobody foresaw
    DISCONNECT = "disconnect"  # its connection breaks; at a point called ..._committed the answer to COMMIT is lost
    DELAY = "delay"  # it waits there for `seconds`
    HOLD = "hold"  # it waits there until it is let go, `seconds` at most


@dataclass(frozen=True, slots=True)
class Order:
    """Fail at the `hit`th coming to the point of one process that fits; an empty filter fits everything.

    `process` is the process's `LAB_FAILPOINTS_PROCESS`; `about` is the identifier or the kind of a job, where the point
    knows it.
    """

    point: Point
    action: Action
    process: str = ""
    about: str = ""
    hit: int = 1
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Firing:
    """Who failed where."""

    point: Point
    action: Action
    process: str
    pid: int


def arm(folder: Path, name: str, order: Order) -> None:
    """Put the order into the folder, whole or not at all."""
    _write(folder / f"{name}.order", asdict(order))


def armed(folder: Path) -> Iterator[tuple[str, Order]]:
    """The orders that nobody has taken, by name."""
    for path in sorted(folder.glob("*.order")):
        try:
            told = json.loads(path.read_text())
        except FileNotFoundError:
            continue  # Taken this moment.
        yield path.stem, Order(**told | {"point": Point(told["point"]), "action": Action(told["action"])})


def take(folder: Path, name: str, firing: Firing) -> bool:
    """Have the order to ourselves; False when another was quicker."""
    try:
        (folder / f"{name}.order").rename(folder / f"{name}.taken")
    except FileNotFoundError:
        return False
    _write(folder / f"{name}.fired", asdict(firing))
    return True


def fired(folder: Path, name: str) -> Firing | None:
    """Who failed by this order, or None so far."""
    try:
        told = json.loads((folder / f"{name}.fired").read_text())
    except FileNotFoundError:
        return None
    return Firing(**told | {"point": Point(told["point"]), "action": Action(told["action"])})


def let_go(folder: Path, name: str) -> None:
    """End the hold of this order."""
    (folder / f"{name}.go").touch()


def is_let_go(folder: Path, name: str) -> bool:
    return (folder / f"{name}.go").exists()


def disarm(folder: Path, name: str) -> bool:
    """Take the order back; False when it has fired."""
    try:
        (folder / f"{name}.order").unlink()
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, told: dict[str, object]) -> None:
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.write_text(json.dumps(told))
    partial.rename(path)
