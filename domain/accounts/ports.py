"""What accounts need from the outside: stores, a password hasher, access tokens, an e-mail reader."""

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.accounts.caller import Role
from domain.accounts.models import AccessClaims, Membership, RefreshToken, Session, User, Workspace
from domain.accounts.policies import AttemptLimit
from domain.identifiers import SessionId, UserId, WorkspaceId

SESSIONS_KEY = "sessions"
"""The wake-up key of whoever must know soon that a session was revoked."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user with the workspace that a session acts in and the role there; what `me` shows."""

    user: User
    workspace: Workspace
    role: Role


@dataclass(frozen=True, slots=True)
class Standing:
    """A session with what its user may do now; what every request is checked against."""

    session: Session
    role: Role
    is_operator: bool = False


class Accounts(Protocol):
    """Users, their workspaces and memberships."""

    async def add(self, user: User, workspace: Workspace, membership: Membership) -> bool:
        """Write all three; answer False, and write nothing, when the e-mail address is taken."""
        ...

    async def find_by_email(self, email: str) -> User | None: ...

    async def find(self, user_id: UserId, workspace_id: WorkspaceId) -> Account | None: ...

    async def first_workspace(self, user_id: UserId) -> WorkspaceId | None:
        """The oldest workspace of the user: the personal one, unless it is gone."""
        ...

    async def set_password_hash(self, user_id: UserId, password_hash: str) -> None: ...


class Sessions(Protocol):
    """Sessions and their refresh tokens."""

    async def add(self, session: Session, token: RefreshToken) -> None: ...

    async def find_standing(self, session_id: SessionId) -> Standing | None: ...

    async def find_standings(self, session_ids: Collection[SessionId]) -> Mapping[SessionId, Standing]:
        """The standing of each session that has one, in one statement."""
        ...

    async def lock_by_token(self, digest: bytes) -> tuple[Session, RefreshToken] | None:
        """Find a token and its session and hold the session's row, so that two refreshes cannot both succeed."""
        ...

    async def rotate(self, used: RefreshToken, new: RefreshToken) -> None: ...

    async def save(self, session: Session) -> None:
        """Write whether it is revoked; who watches `SESSIONS_KEY` is woken after the commit."""
        ...

    async def remove_expired(self, before: datetime) -> int:
        """Remove some of the sessions that expired before the moment, with their tokens; answer how many."""
        ...


class Attempts(Protocol):
    """How often each key was tried; survives a restart and is shared by all processes."""

    async def take(self, limit: AttemptLimit, now: datetime) -> float:
        """Count one attempt; answer 0 when it is allowed, else the seconds until the next one is."""
        ...

    async def forget(self, limit: AttemptLimit) -> None: ...

    async def remove_past(self, now: datetime) -> int:
        """Remove some of the keys that have no attempt to their debit any more; answer how many."""
        ...


class AccountsWork(Protocol):
    """The transaction as accounts see it."""

    @property
    def accounts(self) -> Accounts: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def attempts(self) -> Attempts: ...


class AccountsTransactions(Protocol):
    """Opens a transaction that commits at its end.

    For use cases that hash a password: a tenth of a second of work in which no connection is held.
    """

    def __call__(self) -> AbstractAsyncContextManager[AccountsWork]: ...


class PasswordHasher(Protocol):
    """Hashes and verifies passwords, slowly on purpose, off the event loop."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Answer whether they belong together; without a hash do the same work and answer False."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether today's parameters are stronger than those that made the hash."""
        ...


class AccessTokens(Protocol):
    """Signs and reads access tokens."""

    def sign(self, claims: AccessClaims) -> str: ...

    def read(self, token: str, now: datetime) -> AccessClaims:
        """Raises AccessTokenRefused for a token that is not ours, malformed or expired."""
        ...


class EmailReader(Protocol):
    """Normalises e-mail addresses."""

    def normalise(self, text: str) -> str:
        """Raises EmailInvalid."""
        ...


class Tickets(Protocol):
    """Makes secrets that nobody can guess."""

    def make(self) -> str:
        """A new secret of 256 random bits as URL-safe text."""
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that proves who somebody is, together."""

    passwords: PasswordHasher
    access_tokens: AccessTokens
    emails: EmailReader
    tickets: Tickets
