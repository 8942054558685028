"""What the child has loaded, by the affinity of the jobs that it did; a new child has nothing."""

KEYS_MAX = 4


class Warmth:
    """The last few affinities of one child process, the newest first."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._keys: list[str] = []

    def add(self, key: str | None, *, pid: int | None) -> None:
        keys = self.keys(pid=pid)
        if key is not None:
            keys = [key, *(each for each in keys if each != key)][:KEYS_MAX]
        self._pid, self._keys = pid, keys

    def keys(self, *, pid: int | None) -> list[str]:
        return list(self._keys) if pid is not None and pid == self._pid else []
