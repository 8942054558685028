"""The transaction as resolvers hand it to use cases: the sum of what each slice's use cases ask of it."""

from typing import Protocol

from domain.accounts.ports import AccountsWork
from domain.characters.ports import CharacterWork
from domain.events import Events
from domain.identifiers import WorkspaceId
from domain.media.ports import MediaWork
from domain.renders.families import ModelFamilies
from domain.renders.ports import OrderWork, StandingWork
from domain.storyboards.ports import StoryboardWork


class Work(AccountsWork, MediaWork, CharacterWork, StoryboardWork, OrderWork, StandingWork, Protocol):
    """One transaction; a slice adds its own narrowed Protocol to the bases, in one line."""

    @property
    def workspace_id(self) -> WorkspaceId | None:
        """The one workspace whose rows are seen; None before sign-in."""
        ...

    @property
    def model_families(self) -> ModelFamilies: ...

    @property
    def events(self) -> Events: ...
