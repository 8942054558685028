"""Whether failpoints are on, decided once a process; without `LAB_FAILPOINTS` reaching a point does nothing at all.

Whoever may write into the folder may kill the process, so it must be a folder of the process's own user, writable by
nobody else, and the process must say that it is a lab on one machine (`LAB_MODE=embedded`): elsewhere it refuses to
start.
"""

import asyncio
import os
import signal
import stat
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from failpoints.orders import Action, Firing, Order, armed, is_let_go, take
from failpoints.points import Point

FOLDER, PROCESS, MODE = "LAB_FAILPOINTS", "LAB_FAILPOINTS_PROCESS", "LAB_MODE"
LOOK_SECONDS = 0.005


class Refused(RuntimeError):
    """Failpoints are not allowed here."""


class Failed(RuntimeError):
    """An error that nobody foresaw."""


class Reach(Protocol):
    """Come to a point; `about` names the job, where it is known, by identifier or kind."""

    def __call__(self, point: Point, /, *about: object) -> Awaitable[None]: ...


async def reach_nothing(_point: Point, /, *_about: object) -> None:
    """Do nothing."""


def reach_nothing_now(_point: Point, /, *_about: object) -> None:
    """Do nothing."""


class Switchboard:
    """Looks at every point for an order that fits, and carries it out."""

    def __init__(self, folder: Path, *, process: str) -> None:
        self._folder = folder
        self._process = process
        self._hits: Counter[str] = Counter()

    async def reach(self, point: Point, /, *about: object) -> None:
        """Fail here if that is ordered, while other tasks of the process go on."""
        for name, order in self._take(point, about):
            self._act(order)
            until = time.monotonic() + order.seconds
            while self._is_waiting(name, order, until):  # noqa: ASYNC110 - another process lets it go
                await asyncio.sleep(LOOK_SECONDS)

    def reach_now(self, point: Point, /, *about: object) -> None:
        """The same where nothing can be awaited: the whole process waits."""
        for name, order in self._take(point, about):
            self._act(order)
            until = time.monotonic() + order.seconds
            while self._is_waiting(name, order, until):
                time.sleep(LOOK_SECONDS)

    def _take(self, point: Point, about: tuple[object, ...]) -> list[tuple[str, Order]]:
        names = {str(each) for each in about} | {""}
        taken: list[tuple[str, Order]] = []
        for name, order in armed(self._folder):
            if order.point is not point or order.process not in {"", self._process} or order.about not in names:
                continue
            self._hits[name] += 1
            firing = Firing(point, order.action, self._process, os.getpid())
            if self._hits[name] == order.hit and take(self._folder, name, firing):
                taken.append((name, order))
        return taken

    def _act(self, order: Order) -> None:
        match order.action:
            case Action.KILL9:
                os.kill(os.getpid(), signal.SIGKILL)
            case Action.STOP:
                os.kill(os.getpid(), signal.SIGSTOP)
            case Action.EXIT:
                os._exit(0)
            case Action.RAISE:
                raise Failed(f"Ordered at {order.point}.")
            case Action.DISCONNECT:
                raise ConnectionResetError(f"Ordered at {order.point}.")
            case Action.DELAY | Action.HOLD:
                pass

    def _is_waiting(self, name: str, order: Order, until: float) -> bool:
        if order.action not in {Action.DELAY, Action.HOLD} or time.monotonic() >= until:
            return False
        return order.action is Action.DELAY or not is_let_go(self._folder, name)


def decide(environment: Mapping[str, str]) -> tuple[Reach, Callable[..., None]]:
    """Answer what reaching a point does in this process; raises Refused where failpoints must not be."""
    if not (place := environment.get(FOLDER)):
        return reach_nothing, reach_nothing_now
    if environment.get(MODE) != "embedded":
        raise Refused(f"{FOLDER} is for labs on one machine ({MODE}=embedded), never for production: unset it.")
    folder = Path(place)
    about = folder.stat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o022:
        raise Refused(f"{FOLDER} must be a folder of this user that nobody else may write to.")
    board = Switchboard(folder, process=environment.get(PROCESS, ""))
    return board.reach, board.reach_now
