"""Who holds sockets and streams open, and the one task of a process that asks whether they still may."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from domain.accounts.caller import Caller
from domain.accounts.ports import SESSIONS_KEY
from domain.errors import LabError
from domain.events import Wakeups

# However many hints come, the database is not asked oftener than this.
REST_SECONDS = 1.0
EXPIRED = "The access token has expired."
REVOKED = "The session is closed, or your role has changed; sign in or connect again."

log = structlog.get_logger()
OnEnd = Callable[[str], None]


class SessionServices(Protocol):
    """What tells that a caller may no longer ask."""

    @property
    def wakeups(self) -> Wakeups: ...

    async def find_outdated(self, callers: Collection[Caller]) -> set[Caller]: ...

    def now(self) -> datetime: ...


class LiveSessions:
    """The callers behind all open sockets and streams; it owns the task that checks them, while there are any.

    They are checked soon after a hint that a session was revoked, and every `check_seconds` without any: in one
    statement, however many they are.
    """

    def __init__(self, services: SessionServices, *, check_seconds: float, rest_seconds: float = REST_SECONDS) -> None:
        self._services = services
        self._check_seconds = check_seconds
        self._rest_seconds = rest_seconds
        self._live: dict[Caller, list[OnEnd]] = {}
        self._task: asyncio.Task[None] | None = None

    def watch(self, caller: Caller, on_end: OnEnd) -> "Watched":
        """Call `on_end` with the reason when the token expires or the caller may no longer ask, until released.

        It is called at least once then, and must bear to be called again.
        """
        seconds = (caller.expires_at - self._services.now()).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(0.0, seconds), on_end, EXPIRED)
        self._live.setdefault(caller, []).append(on_end)
        if self._task is None:
            self._task = asyncio.create_task(self._check_for_ever())
        return Watched(self, caller, on_end, timer)

    def leave(self, caller: Caller, on_end: OnEnd) -> None:
        watchers = self._live[caller]
        watchers.remove(on_end)
        if not watchers:
            del self._live[caller]
        if not self._live and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _check_for_ever(self) -> None:
        async with self._services.wakeups.subscribe(SESSIONS_KEY) as bell:
            while True:
                await bell.wait(self._check_seconds)
                await self._check()
                await asyncio.sleep(self._rest_seconds)

    async def _check(self) -> None:
        try:
            outdated = await self._services.find_outdated(list(self._live))
        except LabError as trouble:
            # Nobody can be asked for anything meanwhile either; the next check tells.
            log.warning("sessions_not_checked", reason=trouble.message)
            return
        for caller in outdated:
            for on_end in list(self._live.get(caller, ())):
                on_end(REVOKED)


@dataclass(frozen=True, slots=True)
class Watched:
    """One socket or stream that is watched, until it is released."""

    sessions: LiveSessions
    caller: Caller
    on_end: OnEnd
    timer: asyncio.TimerHandle

    def release(self) -> None:
        """Watch it no more; once."""
        self.timer.cancel()
        self.sessions.leave(self.caller, self.on_end)
