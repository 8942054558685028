"""The latest progress over Redis: kept for an hour, overwritten by what comes later, never going back."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

from adapters.redis.bus import RedisBus
from adapters.redis.connections import translated
from domain.errors import Unavailable
from domain.events import Progress

CHANNEL = "lab.progress"
KEPT_SECONDS = 3600
PARTS_MAX = 2000


def to_message(progress: Progress) -> bytes:
    told = [str(progress.subject_id), progress.part, progress.epoch, progress.fraction]
    return json.dumps(told if progress.preview is None else [*told, progress.preview]).encode()


def to_progress(message: bytes) -> Progress | None:
    """Read a message; None for anything that is not one, since whoever can write to Redis can write anything."""
    try:
        subject_id, part, epoch, fraction, *more = json.loads(message)
        preview = str(more[0]) if more else None
        return Progress(UUID(subject_id), str(part), int(epoch), min(1.0, max(0.0, float(fraction))), preview)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def following(progress: Progress, seen: Progress) -> Progress:
    """Show what was shown last, as long as the same attempt goes on and nothing else is shown."""
    if progress.preview is None and progress.epoch == seen.epoch:
        return replace(progress, preview=seen.preview)
    return progress


def overtakes(progress: Progress, seen: Progress) -> bool:
    """Whether it is further, or shows something else at its place; a process hears what it told once more."""
    place, seen_place = (progress.epoch, progress.fraction), (seen.epoch, seen.fraction)
    return place > seen_place or (place == seen_place and progress.preview != seen.preview)


class LatestProgress:
    """One watcher's view of one subject: the latest of each part, and which parts have moved since it looked."""

    def __init__(self) -> None:
        self._latest: dict[str, Progress] = {}
        self._moved: set[str] = set()
        self._has_moved = asyncio.Event()

    def see(self, progress: Progress) -> None:
        seen = self._latest.get(progress.part)
        if seen is None:
            is_news = len(self._latest) < PARTS_MAX
        else:
            progress = following(progress, seen)
            is_news = overtakes(progress, seen)
        if is_news:
            self._latest[progress.part] = progress
            self._moved.add(progress.part)
            self._has_moved.set()

    async def next(self, timeout_seconds: float) -> Sequence[Progress]:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._has_moved.wait()
        moved = [self._latest[part] for part in sorted(self._moved)]
        self._moved.clear()
        self._has_moved.clear()
        return moved


class RedisProgress:
    """Publishes and watches progress; a hash keeps the latest for who comes later."""

    def __init__(self, bus: RedisBus) -> None:
        self._bus = bus
        self._watchers: dict[UUID, set[LatestProgress]] = defaultdict(set)
        bus.on(CHANNEL, hear=self._hear, missed=lambda: None)

    async def publish(self, progress: Progress) -> None:
        """Send it if Redis is there; never raises."""
        message = to_message(progress)
        self._hear(message)
        if self._bus.is_silent:
            return
        key = f"lab:progress:{progress.subject_id}"
        try:
            with translated():
                async with self._bus.redis.pipeline(transaction=False) as pipe:
                    pipe.hset(key, progress.part, message.decode())
                    pipe.expire(key, KEPT_SECONDS)
                    pipe.publish(CHANNEL, message)
                    await pipe.execute()
        except Unavailable:
            self._bus.fell_silent()

    @asynccontextmanager
    async def watch(self, subject_id: UUID) -> AsyncGenerator[LatestProgress]:
        latest = LatestProgress()
        self._watchers[subject_id].add(latest)
        try:
            await self._recall(subject_id, latest)
            yield latest
        finally:
            self._watchers[subject_id].discard(latest)
            if not self._watchers[subject_id]:
                del self._watchers[subject_id]

    async def _recall(self, subject_id: UUID, latest: LatestProgress) -> None:
        with suppress(Unavailable), translated():
            # redis-py types the asyncio client's answers as either of its two clients'.
            kept = await self._bus.redis.execute_command("HVALS", f"lab:progress:{subject_id}")
            for message in kept or ():
                if progress := to_progress(message):
                    latest.see(progress)

    def _hear(self, message: bytes) -> None:
        progress = to_progress(message)
        if progress is not None:
            for latest in self._watchers.get(progress.subject_id, ()):
                latest.see(progress)
