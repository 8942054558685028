"""The transaction as resolvers hand it to use cases: the sum of what each slice's use cases ask of it."""

from typing import Protocol

from domain.events import Events


class Work(Protocol):
    """One transaction; a slice adds its own narrowed Protocol to the bases, in one line."""

    @property
    def events(self) -> Events: ...
