"""Whether a child leaks: what it holds, beyond the models it keeps on purpose, is watched from command to command."""

from gpu_worker.messages import Memory

# Libraries are imported, caches filled and allocators grown in the first commands.
WARM_UP_COMMANDS = 3


class LeakWatch:
    """Judges one child at a time; `growth_bytes_max` is beyond what it held after its warm-up."""

    def __init__(self, *, growth_bytes_max: int, resident_bytes_max: int | None) -> None:
        self._growth_bytes_max = growth_bytes_max
        self._resident_bytes_max = resident_bytes_max
        self.begin()

    def begin(self) -> None:
        """Forget the last child."""
        self._commands = 0
        self._warm_bytes = 0
        self.complaint: str | None = None

    def note(self, memory: Memory) -> None:
        """Take the reading after a command; `complaint` then says why the child should be replaced, if it should."""
        self._commands += 1
        held = memory.unexplained_bytes
        if held is None or memory.resident_bytes is None:
            return
        if self._commands <= WARM_UP_COMMANDS:
            self._warm_bytes = held
        growth = held - self._warm_bytes
        if growth > self._growth_bytes_max:
            self.complaint = f"It has grown by {growth} bytes since its warm-up."
        elif self._resident_bytes_max is not None and memory.resident_bytes > self._resident_bytes_max:
            self.complaint = f"It holds {memory.resident_bytes} bytes."
