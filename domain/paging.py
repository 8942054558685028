"""Keyset pages: what a caller asks of a list, and what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.errors import Invalid

PAGE_ITEMS_MAX = 100
PAGE_ITEMS_DEFAULT = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`first`/`after` read forwards, `last`/`before` backwards; a cursor is opaque to the caller."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise Invalid("Ask for `first` or for `last`, not both.", field="first")
        for name in ("first", "last"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= PAGE_ITEMS_MAX:
                raise Invalid(f"`{name}` is between 0 and {PAGE_ITEMS_MAX}.", field=name)

    @property
    def limit(self) -> int:
        if self.last is not None:
            return self.last
        return PAGE_ITEMS_DEFAULT if self.first is None else self.first

    @property
    def is_backwards(self) -> bool:
        return self.last is not None


@dataclass(frozen=True, slots=True)
class Edge(Generic[T]):
    """One item of a page and the cursor that points at it."""

    item: T
    cursor: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, in the list's order whichever way it was read."""

    edges: Sequence[Edge[T]]
    has_next: bool
    has_previous: bool
