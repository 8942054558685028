"""What storyboards need from the outside: a writer that plans shots from a script."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import CharacterId
from domain.storyboards.models import ShotContent


@dataclass(frozen=True, slots=True)
class KnownCharacter:
    """A character that the writer may cast: its name, other names it goes by, and who it is."""

    id: CharacterId
    name: str
    aliases: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class WritingOrder:
    """One script to be planned; `language` is a BCP 47 tag, empty when the writer shall find out."""

    script: str
    title: str
    cast: Sequence[KnownCharacter]
    language: str = ""
    style: str = ""
    seconds_target: float | None = None


class ScriptPlanner(Protocol):
    """Plans shots from a script, yielding each as soon as it is known."""

    @property
    def name(self) -> str: ...

    def plan(self, order: WritingOrder) -> AsyncIterator[ShotContent]:
        """Yield the shots in order.

        Raises Invalid for a script that cannot be planned (empty, no words), Unavailable when a model
        endpoint fails for good.
        """
        ...


class LanguageDetector(Protocol):
    """Tells the language of a text."""

    def detect(self, text: str) -> str:
        """Answer a BCP 47 primary tag such as `en` or `zh`; `und` when there is nothing to tell it by."""
        ...
