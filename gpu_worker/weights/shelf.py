"""What is loaded, by key, within a budget of bytes; what was used longest ago makes room."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Something loaded, and what it holds in memory."""

    @property
    def size_bytes(self) -> int: ...


Loaded = TypeVar("Loaded", bound=Sized)


class Shelf(Generic[Loaded]):
    """Loads each thing once; the one asked for last is never put away, whatever its size."""

    def __init__(self, *, bytes_max: int, on_put_away: Callable[[], None] = lambda: None) -> None:
        self._bytes_max = bytes_max
        self._on_put_away = on_put_away
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()
        self.loads = self.hits = 0

    @property
    def size_bytes(self) -> int:
        return sum(each.size_bytes for each in self._loaded.values())

    @property
    def keys(self) -> Sequence[str]:
        """What is loaded, the one asked for last at the end."""
        return tuple(self._loaded)

    def __contains__(self, key: str) -> bool:
        return key in self._loaded

    def get(self, key: str, load: Callable[[], Loaded]) -> Loaded:
        """Answer what the key names, loaded now if it was not."""
        if key in self._loaded:
            self.hits += 1
            self._loaded.move_to_end(key)
            return self._loaded[key]
        self.loads += 1
        loaded = self._loaded[key] = load()
        self._make_room()
        return loaded

    def put_away(self, *, but_the_last: bool = False) -> bool:
        """Put everything away, or all but what was asked for last; answer whether there was anything."""
        unwanted = list(self._loaded)[: -1 if but_the_last else None]
        for key in unwanted:
            del self._loaded[key]
        if unwanted:
            self._on_put_away()
        return bool(unwanted)

    def _make_room(self) -> None:
        while len(self._loaded) > 1 and self.size_bytes > self._bytes_max:
            self._loaded.popitem(last=False)
            self._on_put_away()
