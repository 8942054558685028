"""Who asks: the person, the workspace that they act in, and what their role there lets them do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.identifiers import SessionId, UserId, WorkspaceId


class Role(StrEnum):
    """What a member may do in a workspace; each role includes those before it."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Caller:
    """A person whose access token was accepted; after `expires_at` the token counts no more.

    An operator looks after the engine under all workspaces; that is no role in any of them.
    """

    user_id: UserId
    session_id: SessionId
    workspace_id: WorkspaceId
    role: Role
    expires_at: datetime
    is_operator: bool = False
