"""What characters need from the outside: rows of characters and images, vectors, and the transaction they are in."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.characters.adapters import AdapterVersion
from domain.characters.identity import EmbeddingSpace, Identity, Vector
from domain.characters.models import Character, CharacterImage
from domain.characters.search_terms import SearchQuery
from domain.characters.spaces import SpaceIdentity
from domain.events import Events
from domain.identifiers import AdapterId, CharacterId, ImageId, RenderId, WorkspaceId
from domain.jobs.ports import Jobs
from domain.media.ports import Objects, Uploads
from domain.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class LookAlikeWarning:
    """Two characters of one workspace that may be taken for each other, as seen from one of them."""

    character_id: CharacterId
    other_id: CharacterId
    likeness: float
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A character near a vector; `score` is the cosine with its centre, to be compared with its `threshold`."""

    character_id: CharacterId
    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Centre:
    """Where a character lies in one embedding space, named by its key."""

    space: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A character found by text; `score` orders the matches of one search and says nothing across searches."""

    character: Character
    score: float


class Characters(Protocol):
    """Rows of characters and their images, of the transaction's workspace alone."""

    async def add(self, character: Character) -> None: ...

    async def find(self, character_id: CharacterId) -> Character | None: ...

    async def lock(self, character_id: CharacterId) -> Character | None:
        """Find a character and hold its row: whoever changes it or its images holds it first."""
        ...

    async def save(self, character: Character) -> None: ...

    async def remove(self, character_id: CharacterId) -> None:
        """Remove the character with its images, vectors and warnings."""
        ...

    async def filmed_by(self, character_id: CharacterId) -> Sequence[RenderId]:
        """The renders that are not over and film the character."""
        ...

    async def add_images(self, images: Sequence[CharacterImage]) -> None: ...

    async def find_image(self, image_id: ImageId) -> CharacterImage | None: ...

    async def images_of(self, character_id: CharacterId) -> Sequence[CharacterImage]:
        """All images of a character, by position."""
        ...

    async def save_image(self, image: CharacterImage) -> None: ...

    async def remove_image(self, image_id: ImageId) -> None: ...


class Identities(Protocol):
    """Vectors and what is known by them, of the transaction's workspace alone; spaces never meet."""

    async def keep_vector(self, image_id: ImageId, vector: Vector) -> None:
        """Keep the vector of an image that was saved as embedded."""
        ...

    async def teaching_vectors(self, character_id: CharacterId, space: EmbeddingSpace) -> Sequence[Vector]:
        """The vectors of all images that teach, by position."""
        ...

    async def keep_centre(self, character_id: CharacterId, centre: Centre | None) -> None: ...

    async def centre_of(self, character_id: CharacterId) -> Centre | None: ...

    async def identities(
        self, character_ids: Sequence[CharacterId], space: EmbeddingSpace
    ) -> Mapping[CharacterId, Identity]:
        """The identities of those characters that have one in the space, in a constant number of statements."""
        ...

    async def nearest(self, near: Centre, *, limit: int) -> Sequence[Neighbour]:
        """The characters whose centres are nearest, nearest first."""
        ...

    async def await_calibrations(self) -> None:
        """Wait until no other transaction of the workspace calibrates or deletes: two that do not see each other's
        centres would not see that they look alike."""
        ...

    async def replace_look_alikes(
        self, character_id: CharacterId, found: Mapping[CharacterId, float], *, now: datetime
    ) -> Sequence[CharacterId]:
        """Make these the character's only look-alikes, with their likeness; answer those that are new."""
        ...


class WorkerSpaces(Protocol):
    """What is known of characters in workers' embedding spaces, of the transaction's workspace alone."""

    async def known(self, image_ids: Sequence[ImageId], space: EmbeddingSpace) -> Collection[ImageId]:
        """Those of the images that have a vector in the space."""
        ...

    async def dimensions(self, space: str) -> int:
        """How many numbers a vector of the space has, by those that are kept; 0 where none is."""
        ...

    async def keep_vectors(self, vectors: Mapping[ImageId, Vector], space: str) -> None:
        """Keep the vectors of those images that are there; a vector that is known already stays."""
        ...

    async def teaching_vectors(self, character_id: CharacterId, space: EmbeddingSpace) -> Sequence[Vector]:
        """The vectors of all images that teach, by position."""
        ...

    async def keep_identity(self, character_id: CharacterId, learned: SpaceIdentity, *, now: datetime) -> None:
        """Make this what is known of the character in that space."""
        ...

    async def identities_of_many(
        self, character_ids: Sequence[CharacterId]
    ) -> Mapping[CharacterId, Sequence[SpaceIdentity]]:
        """What is known of each that has an identity, the newest first."""
        ...

    async def lacking(self, space: EmbeddingSpace, *, limit: int) -> Sequence[tuple[WorkspaceId, CharacterId]]:
        """Characters of every workspace that can be cast, are not known in the space as they are now, and wait for no
        job that would change that."""
        ...

    async def forget_others(self, spaces: Sequence[EmbeddingSpace]) -> int:
        """Forget, of every workspace, what is known in other spaces; answer of how many characters.

        The later of these spaces are forgotten once all of a workspace's characters are known in the first: a cast is
        judged in one space. Vectors stay, since renders that are under way were ordered by them.
        """
        ...

    async def forget_vectors(self, spaces: Sequence[EmbeddingSpace], *, limit: int) -> int:
        """Forget, of every workspace, up to `limit` vectors of other spaces than these; answer how many."""
        ...


class Adapters(Protocol):
    """Versions of characters' adapters, of the transaction's workspace alone; the character's row is locked first."""

    async def add(self, adapter: AdapterVersion) -> None: ...

    async def find(self, adapter_id: AdapterId) -> AdapterVersion | None: ...

    async def save(self, adapter: AdapterVersion) -> None: ...

    async def versions_of(self, character_id: CharacterId) -> Sequence[AdapterVersion]:
        """All versions of a character, by number."""
        ...

    async def pages(
        self, character_ids: Sequence[CharacterId], request: PageRequest
    ) -> Mapping[CharacterId, Page[AdapterVersion]]:
        """The same page of each character's versions, newest first, in one statement.

        Raises Invalid for a cursor that no such list gave.
        """
        ...

    async def find_many(self, adapter_ids: Sequence[AdapterId]) -> Mapping[AdapterId, AdapterVersion]: ...


class CharacterReads(Protocol):
    """Lists and batches for readers, straight from rows, each in one statement, of one workspace alone."""

    async def page(self, request: PageRequest) -> Page[Character]:
        """Newest first. Raises Invalid for a cursor that this list never gave."""
        ...

    async def find_many(self, character_ids: Sequence[CharacterId]) -> Mapping[CharacterId, Character]: ...

    async def images_of_many(
        self, character_ids: Sequence[CharacterId]
    ) -> Mapping[CharacterId, Sequence[CharacterImage]]: ...

    async def look_alikes_of_many(
        self, character_ids: Sequence[CharacterId]
    ) -> Mapping[CharacterId, Sequence[LookAlikeWarning]]: ...

    async def search_text(self, query: SearchQuery, *, limit: int) -> Sequence[TextMatch]:
        """Best first."""
        ...


class CharacterWork(Protocol):
    """The transaction as characters see it."""

    def new_id(self) -> UUID: ...

    @property
    def characters(self) -> Characters: ...

    @property
    def identities(self) -> Identities: ...

    @property
    def worker_spaces(self) -> WorkerSpaces: ...

    @property
    def adapters(self) -> Adapters: ...

    @property
    def character_reads(self) -> CharacterReads: ...

    @property
    def uploads(self) -> Uploads: ...

    @property
    def objects(self) -> Objects: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def events(self) -> Events: ...


class CharacterTransactions(Protocol):
    """Opens a transaction that commits at its end; for use cases that read pictures between two short ones."""

    def __call__(self) -> AbstractAsyncContextManager[CharacterWork]: ...
