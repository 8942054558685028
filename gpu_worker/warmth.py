"""What the child has loaded, by the affinity of the jobs that it did; a new child has nothing."""

from collections.abc import Sequence
from typing import Protocol

KEYS_MAX = 4


class LoadingChild(Protocol):
    """The process that does the jobs, as far as it tells what it holds."""

    @property
    def pid(self) -> int | None: ...

    def loaded_models(self, engine: str) -> Sequence[str]:
        """What that engine has loaded, the one used last at the end."""
        ...


class Warmth:
    """The last few affinities of one child process, the newest first, each with the model that its job needed."""

    def __init__(self, child: LoadingChild) -> None:
        self._child = child
        self._pid: int | None = None
        self._models: dict[str, tuple[str, str]] = {}

    def add(self, key: str | None, *, engine: str) -> None:
        """Note that the engine has just done a job of this affinity: it needed the model that was used last."""
        kept = self._models if self._pid == self._child.pid else {}
        models = self._child.loaded_models(engine)
        if key is not None and models:
            others = [(each, its) for each, its in kept.items() if each != key]
            kept = dict([(key, (engine, models[-1])), *others][:KEYS_MAX])
        self._pid, self._models = self._child.pid, kept

    def keys(self) -> list[str]:
        """The affinities whose models are still loaded: one may have made room for another since."""
        if self._pid is None or self._pid != self._child.pid:
            return []
        return [key for key, (engine, model) in self._models.items() if model in self._child.loaded_models(engine)]
