"""A workspace in which characters are made, read and calibrated, and what can be seen of it afterwards."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from sqlalchemy import text

from adapters.postgres.work import PostgresWork
from bootstrap.container import Container
from domain.characters.events import character_stream
from domain.characters.identity import Vector
from domain.characters.models import Character, CharacterImage, PictureFacts, WorkingCopies
from domain.characters.texts import checked_texts
from domain.characters.use_cases.calibrate_identity import calibrate_identity
from domain.characters.use_cases.create_character import create_character
from domain.characters.use_cases.record_image import ImageOutcome, ImageRead, record_image
from domain.events import StreamKind, stream_key
from domain.identifiers import CharacterId, ObjectId, UploadId, WorkspaceId
from domain.media.models import Content
from domain.media.use_cases import (
    ArrivingFile,
    UploadOrder,
    create_uploads,
    describe_object,
    receive_uploads,
    store_content,
)
from tests.builders_characters import NOW, PROFILE, facts
from tests.builders_workspaces import new_workspace

TABLES = ("characters", "character_images", "look_alikes", "jobs", "events", "uploads", "objects")


class CharacterRecords:
    """What there is in one workspace on a test's own stores."""

    def __init__(self, container: Container, workspace_id: WorkspaceId, *, now: datetime = NOW) -> None:
        self.container = container
        self.workspace_id = workspace_id
        self.now = now

    def begin(self) -> AbstractAsyncContextManager[PostgresWork]:
        return self.container.work(self.workspace_id)

    async def images(self, character_id: CharacterId) -> Sequence[CharacterImage]:
        async with self.begin() as work:
            return await work.characters.images_of(character_id)

    async def find(self, character_id: CharacterId) -> Character | None:
        async with self.begin() as work:
            return await work.characters.find(character_id)

    async def events(self, character_id: CharacterId) -> list[str]:
        """The names of what happened to a character, in order."""
        stream = character_stream(self.workspace_id, character_id)
        return [event.name for event in await self.container.feed.read_stream(stream, after=0)]

    async def settled(self, character_id: CharacterId, *, seconds: float = 60) -> Character:
        """Wait until nothing more is being learned of a character; its stream rings for all that happens."""
        key = stream_key(StreamKind.CHARACTER, character_id)
        async with asyncio.timeout(seconds), self.container.wakeups.subscribe(key) as bell:
            while (character := await self.find(character_id)) is None or not character.state.is_final:
                await bell.wait(0.5)
            return character

    async def jobs(self) -> list[tuple[str, str]]:
        """Kind and state of every job of the workspace, as they were written."""
        rows = text("select kind, state from jobs where workspace_id = :workspace order by created_at, id")
        async with self.container.system_work() as work:
            found = await work.session.execute(rows, {"workspace": self.workspace_id})
        return [(row.kind, row.state) for row in found]

    async def references(self) -> dict[ObjectId, int]:
        """How often each object of the workspace is referred to."""
        rows = text("select id, reference_count from objects where workspace_id = :workspace")
        async with self.container.system_work() as work:
            found = await work.session.execute(rows, {"workspace": self.workspace_id})
        return {ObjectId(row.id): row.reference_count for row in found}

    async def written(self) -> dict[str, int]:
        """How many rows of each table there are, of every workspace: what a refusal must not change."""
        async with self.container.system_work() as work:
            return {
                table: await work.session.scalar(text(f"select count(*) from {table}")) or 0  # noqa: S608
                for table in TABLES
            }


class CharacterLab(CharacterRecords):
    """The workspace, and what is done in it."""

    @classmethod
    async def opened(cls, container: Container) -> "CharacterLab":
        return cls(container, await new_workspace(container))

    async def upload(self, content: bytes | None = None, *, content_type: str = "image/png") -> UploadId:
        """Put bytes as a client does, and have them received; other bytes each time where none are given."""
        upload_id = await self.put(content, content_type=content_type)
        file = ArrivingFile(upload_id, ObjectId(self.container.new_id()))
        await receive_uploads(
            self.begin, store=self.container.store, workspace_id=self.workspace_id, files=[file], now=self.now
        )
        return upload_id

    async def put(self, content: bytes | None = None, *, content_type: str = "image/png") -> UploadId:
        """Put bytes as a client does; nobody has looked at them yet."""
        body = self.container.new_id().bytes if content is None else content
        described = Content(content_type, len(body), hashlib.sha256(body).hexdigest())
        order = UploadOrder(UploadId(self.container.new_id()), "picture", described)
        async with self.begin() as work:
            ((upload, _),) = await create_uploads(
                work, store=self.container.store, workspace_id=self.workspace_id, orders=[order], now=self.now
            )
        await self.container.store.put(upload.key, body, content_type=content_type)
        return upload.id

    async def create(
        self, name: str = "Peter", *, pictures: int = 0, contents: Sequence[bytes | None] = ()
    ) -> Character:
        """Create a character from these pictures, or from so many files that are none."""
        upload_ids = [await self.upload(content) for content in contents or [None] * pictures]
        async with self.begin() as work:
            return await create_character(
                work,
                workspace_id=self.workspace_id,
                texts=checked_texts(name=name),
                upload_ids=upload_ids,
                now=self.now,
            )

    async def stored(self, content: bytes) -> ObjectId:
        """Store bytes that nothing refers to yet."""
        described = describe_object(
            content,
            object_id=ObjectId(self.container.new_id()),
            workspace_id=self.workspace_id,
            content_type="image/png",
            now=self.now,
        )
        kept = await store_content(self.begin, store=self.container.store, stored=described, content=content)
        return kept.id

    async def read(self, seen: Vector | None, *, measured: PictureFacts | None = None) -> ImageRead:
        """What reading a picture comes to, with copies that are stored."""
        made = WorkingCopies(*[await self.stored(self.container.new_id().bytes) for _ in range(3)])
        return ImageRead(made, measured or facts(perceptual_hash=hash(seen), is_embedded=seen is not None), seen)

    async def record(self, image: CharacterImage, outcome: ImageOutcome) -> None:
        async with self.begin() as work:
            await record_image(work, image_id=image.id, outcome=outcome, now=self.now)

    async def calibrate(self, character_id: CharacterId) -> None:
        """Calibrate the character as its pictures are now."""
        async with self.begin() as work:
            character = await work.characters.find(character_id)
            assert character is not None
            await calibrate_identity(
                work, character_id=character_id, revision=character.revision, profile=PROFILE, now=self.now
            )

    async def learned(self, name: str, *vectors: Vector) -> Character:
        """Create a character, read a picture for each vector, and calibrate it."""
        character = await self.create(name, pictures=len(vectors))
        for image, seen in zip(await self.images(character.id), vectors, strict=True):
            await self.record(image, await self.read(seen))
        await self.calibrate(character.id)
        known = await self.find(character.id)
        assert known is not None
        return known
