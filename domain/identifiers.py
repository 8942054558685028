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
StoryboardId = NewType("StoryboardId", UUID)
ShotId = NewType("ShotId", UUID)
RenderId = NewType("RenderId", UUID)
TakeId = NewType("TakeId", UUID)
JobId = NewType("JobId", UUID)
