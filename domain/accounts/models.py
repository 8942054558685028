"""What accounts are made of: users, workspaces, memberships, sessions and the refresh tokens of a session."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.accounts.caller import Role
from domain.identifiers import SessionId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class User:
    """A person who can sign in; `email` is normalised and unique."""

    id: UserId
    email: str
    name: str
    created_at: datetime
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The tenant that everything else belongs to."""

    id: WorkspaceId
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's role in a workspace."""

    workspace_id: WorkspaceId
    user_id: UserId
    role: Role


class RevokeReason(StrEnum):
    """Why a session counts no more."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"  # noqa: S105 -- a reason, not a secret


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one device, acting in one workspace: the family of all refresh tokens that came from it."""

    id: SessionId
    user_id: UserId
    workspace_id: WorkspaceId
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoke_reason: RevokeReason | None = None

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def revoke(self, reason: RevokeReason, now: datetime) -> "Session":
        """Answer the session as revoked; the first reason stands."""
        if self.revoked_at is not None:
            return self
        return replace(self, revoked_at=now, revoke_reason=reason)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One link of a session's chain; only the SHA-256 of the token is kept, and it is used at most once."""

    id: UUID
    session_id: SessionId
    digest: bytes = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def use(self, now: datetime) -> "RefreshToken":
        return replace(self, used_at=now)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says; the role is not in it, so that a change of role counts at once."""

    user_id: UserId
    session_id: SessionId
    workspace_id: WorkspaceId
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person gets who signed up, signed in or refreshed."""

    user_id: UserId
    session_id: SessionId
    workspace_id: WorkspaceId
    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str = field(repr=False)
    refresh_expires_at: datetime
