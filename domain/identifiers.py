"""Identifiers of the things that the business names; all are UUIDv7, made by the boundary."""

from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
WorkspaceId = NewType("WorkspaceId", UUID)
SessionId = NewType("SessionId", UUID)
UploadId = NewType("UploadId", UUID)
ObjectId = NewType("ObjectId", UUID)
CharacterId = NewType("CharacterId", UUID)
ImageId = NewType("ImageId", UUID)
AdapterId = NewType("AdapterId", UUID)
StoryboardId = NewType("StoryboardId", UUID)
ShotId = NewType("ShotId", UUID)
RenderId = NewType("RenderId", UUID)
TakeId = NewType("TakeId", UUID)
JobId = NewType("JobId", UUID)


def public_id(type_name: str, key: UUID | str) -> str:
    """Answer the id by which everybody outside knows a thing, such as `character_0199…`."""
    return f"{type_name[0].lower()}{type_name[1:]}_{key}"
