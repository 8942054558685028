"""An operator's wish that a worker idles: how long what it holds may go on."""

import time


class DrainWish:
    """Noted whenever the worker is seen; it ends as it began, so that a drained worker can go on."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._ends_at: float | None = None

    @property
    def is_wished(self) -> bool:
        return self._ends_at is not None

    def note(self, *, is_wished: bool) -> bool:
        """Note what the operator wishes now; answer whether what still runs is to be handed back."""
        if not is_wished:
            self._ends_at = None
        elif self._ends_at is None:
            self._ends_at = time.monotonic() + self._seconds
        return self._ends_at is not None and time.monotonic() >= self._ends_at
