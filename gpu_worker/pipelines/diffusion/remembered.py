"""What was reckoned before, up to a number of things; the least recently used goes first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Remembered(Generic[Kept]):
    """Reckons each thing once for as long as it is remembered."""

    def __init__(self, number_max: int) -> None:
        self._number_max = number_max
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self.hits = 0

    def get(self, key: str, reckon: Callable[[], Kept]) -> Kept:
        if key in self._kept:
            self.hits += 1
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._kept[key] = reckon()
        if len(self._kept) > self._number_max:
            self._kept.popitem(last=False)
        return made
