"""Answers that several subscribers share: made by the first who needs one, kept a moment for the others."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from api.transport.answers import Answered

# Longer than it takes to tell all subscribers of an event, short enough that nobody is told of a stale thing.
SHARED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, when its making began, and whether it would have been the same for everybody of its key."""

    answered: Answered
    begun_at: float
    is_personal: bool


@dataclass(slots=True)
class _Share:
    begun_at: float
    made: asyncio.Future[Made | None] = field(default_factory=asyncio.Future[Made | None])


class SharedAnswers:
    """One answer a key for a second.

    Invariant: whoever makes an answer settles its share, with None when there is nothing to be shared; a share that
    was settled so and still stands is personal.
    """

    def __init__(self) -> None:
        self._shares: dict[Hashable, _Share] = {}

    def __len__(self) -> int:
        return len(self._shares)

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Made]], *, since: float) -> Made:
        """The answer of the key, if its making began at `since` or later; else a new one.

        `since` is when the last answer of the same subscriber was begun, so that nobody sees a thing go back in time.
        """
        while (share := self._shares.get(key)) is not None and share.begun_at >= since:
            # Shielded: a subscriber that leaves must not cancel what others wait for.
            made = share.made.result() if share.made.done() else await asyncio.shield(share.made)
            if made is not None:
                return made
            if self._shares.get(key) is share:
                return await make()
        return await self._make(key, make)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> Made:
        loop = asyncio.get_running_loop()
        share = self._shares[key] = _Share(loop.time())
        loop.call_later(SHARED_SECONDS, self._drop, key, share)
        try:
            made = await make()
        except BaseException:
            # Its maker has left, or failed: the next in need makes it.
            self._drop(key, share)
            share.made.set_result(None)
            raise
        share.made.set_result(None if made.is_personal else made)
        return made

    def _drop(self, key: Hashable, share: _Share) -> None:
        if self._shares.get(key) is share:
            del self._shares[key]
