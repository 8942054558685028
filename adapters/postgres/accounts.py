"""Users, workspaces, sessions and counted attempts in PostgreSQL."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ARRAY, Uuid, any_, cast, delete, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from adapters.postgres.job_tables import OperatorRow
from adapters.postgres.tables import (
    AttemptRow,
    MembershipRow,
    RefreshTokenRow,
    SessionRow,
    UserRow,
    WorkspaceRow,
)
from domain.accounts.caller import Role
from domain.accounts.models import Membership, RefreshToken, RevokeReason, Session, User, Workspace
from domain.accounts.policies import AttemptLimit
from domain.accounts.ports import SESSIONS_KEY, Account, Standing
from domain.identifiers import SessionId, UserId, WorkspaceId

# A pass is short however much there is to remove; the next one goes on.
REMOVED_MAX = 5000


class PostgresAccounts:
    """Users, their workspaces and memberships."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user: User, workspace: Workspace, membership: Membership) -> bool:
        statement = (
            insert(UserRow)
            .values(
                id=user.id,
                email=user.email,
                name=user.name,
                password_hash=user.password_hash,
                created_at=user.created_at,
            )
            .on_conflict_do_nothing(index_elements=[col(UserRow.email)])
            .returning(col(UserRow.id))
        )
        if await self._session.scalar(statement) is None:
            return False
        self._session.add(WorkspaceRow(id=workspace.id, name=workspace.name, created_at=workspace.created_at))
        await self._session.flush()
        self._session.add(
            MembershipRow(
                workspace_id=membership.workspace_id,
                user_id=membership.user_id,
                role=membership.role,
                created_at=workspace.created_at,
            )
        )
        await self._session.flush()
        return True

    async def find_by_email(self, email: str) -> User | None:
        row = await self._session.scalar(select(UserRow).where(col(UserRow.email) == email))
        return _user(row) if row else None

    async def find(self, user_id: UserId, workspace_id: WorkspaceId) -> Account | None:
        statement = (
            select(UserRow, WorkspaceRow, col(MembershipRow.role))
            .join(MembershipRow, col(MembershipRow.user_id) == col(UserRow.id))
            .join(WorkspaceRow, col(WorkspaceRow.id) == col(MembershipRow.workspace_id))
            .where(col(UserRow.id) == user_id, col(WorkspaceRow.id) == workspace_id)
        )
        found = (await self._session.execute(statement)).one_or_none()
        if found is None:
            return None
        user, workspace, role = found
        there = Workspace(WorkspaceId(workspace.id), workspace.name, workspace.created_at)
        return Account(_user(user), there, Role(role))

    async def first_workspace(self, user_id: UserId) -> WorkspaceId | None:
        statement = (
            select(col(MembershipRow.workspace_id))
            .where(col(MembershipRow.user_id) == user_id)
            .order_by(col(MembershipRow.created_at), col(MembershipRow.workspace_id))
            .limit(1)
        )
        found = await self._session.scalar(statement)
        return WorkspaceId(found) if found else None

    async def set_password_hash(self, user_id: UserId, password_hash: str) -> None:
        statement = update(UserRow).where(col(UserRow.id) == user_id).values(password_hash=password_hash)
        await self._session.execute(statement)


def _user(row: UserRow) -> User:
    return User(UserId(row.id), row.email, row.name, row.created_at, row.password_hash)


class PostgresSessions:
    """Sessions and their refresh tokens; whoever changes either holds the session's row."""

    def __init__(self, session: AsyncSession, *, hints: set[str]) -> None:
        self._session = session
        self._hints = hints

    async def add(self, session: Session, token: RefreshToken) -> None:
        self._session.add(
            SessionRow(
                id=session.id,
                user_id=session.user_id,
                workspace_id=session.workspace_id,
                created_at=session.created_at,
                expires_at=session.expires_at,
            )
        )
        await self._session.flush()
        await self._add_token(token)

    async def _add_token(self, token: RefreshToken) -> None:
        self._session.add(
            RefreshTokenRow(
                id=token.id,
                session_id=token.session_id,
                digest=token.digest,
                issued_at=token.issued_at,
                expires_at=token.expires_at,
            )
        )
        await self._session.flush()

    async def find_standing(self, session_id: SessionId) -> Standing | None:
        return (await self.find_standings([session_id])).get(session_id)

    async def find_standings(self, session_ids: Collection[SessionId]) -> Mapping[SessionId, Standing]:
        statement = (
            select(SessionRow, col(MembershipRow.role), col(OperatorRow.user_id))
            .join(
                MembershipRow,
                (col(MembershipRow.user_id) == col(SessionRow.user_id))
                & (col(MembershipRow.workspace_id) == col(SessionRow.workspace_id)),
            )
            .outerjoin(OperatorRow, col(OperatorRow.user_id) == col(SessionRow.user_id))
            .where(col(SessionRow.id) == any_(cast(list(session_ids), ARRAY(Uuid))))
        )
        found = await self._session.execute(statement)
        return {
            SessionId(row.id): Standing(_session(row), Role(role), is_operator=bool(operator))
            for row, role, operator in found
        }

    async def lock_by_token(self, digest: bytes) -> tuple[Session, RefreshToken] | None:
        by_digest = select(RefreshTokenRow).where(col(RefreshTokenRow.digest) == digest)
        known = await self._session.scalar(by_digest)
        if known is None:
            return None
        session = await self._session.scalar(
            select(SessionRow).where(col(SessionRow.id) == known.session_id).with_for_update()
        )
        # Read again under the lock: a refresh beside this one may have used the token meanwhile.
        token = await self._session.scalar(by_digest.execution_options(populate_existing=True))
        if session is None or token is None:
            return None
        return _session(session), _token(token)

    async def rotate(self, used: RefreshToken, new: RefreshToken) -> None:
        statement = update(RefreshTokenRow).where(col(RefreshTokenRow.id) == used.id).values(used_at=used.used_at)
        await self._session.execute(statement)
        await self._add_token(new)

    async def save(self, session: Session) -> None:
        statement = (
            update(SessionRow)
            .where(col(SessionRow.id) == session.id)
            .values(revoked_at=session.revoked_at, revoke_reason=session.revoke_reason)
        )
        await self._session.execute(statement)
        self._hints.add(SESSIONS_KEY)

    async def remove_expired(self, before: datetime) -> int:
        tokens = select(col(RefreshTokenRow.id)).where(col(RefreshTokenRow.expires_at) < before).limit(REMOVED_MAX)
        await self._session.execute(delete(RefreshTokenRow).where(col(RefreshTokenRow.id).in_(tokens)))
        expired = select(col(SessionRow.id)).where(col(SessionRow.expires_at) < before).limit(REMOVED_MAX)
        statement = delete(SessionRow).where(col(SessionRow.id).in_(expired)).returning(col(SessionRow.id))
        return len((await self._session.scalars(statement)).all())


def _session(row: SessionRow) -> Session:
    return Session(
        id=SessionId(row.id),
        user_id=UserId(row.user_id),
        workspace_id=WorkspaceId(row.workspace_id),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoke_reason=RevokeReason(row.revoke_reason) if row.revoke_reason else None,
    )


def _token(row: RefreshTokenRow) -> RefreshToken:
    return RefreshToken(row.id, SessionId(row.session_id), row.digest, row.issued_at, row.expires_at, row.used_at)


_TAKE = text("""
    with given as (select cast(:now as timestamptz) as now, cast(:interval as interval) as cell)
    insert into attempts as known (key, arrival_at) select :key, now + cell from given
    on conflict (key) do update
    set arrival_at = greatest(known.arrival_at, cast(:now as timestamptz)) + cast(:interval as interval)
    where known.arrival_at <= cast(:now as timestamptz) + cast(:tolerance as interval)
    returning true
""")


class PostgresAttempts:
    """Counted attempts by the generic cell rate algorithm: one moment a key, one statement an attempt."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take(self, limit: AttemptLimit, now: datetime) -> float:
        tolerance = limit.interval * (limit.burst - 1)
        taken = await self._session.scalar(
            _TAKE,
            {"key": limit.key, "now": now, "interval": limit.interval, "tolerance": tolerance},
        )
        if taken:
            return 0.0
        arrival_at = await self._session.scalar(
            select(col(AttemptRow.arrival_at)).where(col(AttemptRow.key) == limit.key)
        )
        return max((arrival_at - tolerance - now).total_seconds(), 0.001) if arrival_at else 0.0

    async def forget(self, limit: AttemptLimit) -> None:
        await self._session.execute(delete(AttemptRow).where(col(AttemptRow.key) == limit.key))

    async def remove_past(self, now: datetime) -> int:
        is_past = col(AttemptRow.arrival_at) < now
        keys = select(col(AttemptRow.key)).where(is_past).limit(REMOVED_MAX)
        # Said twice: one that is tried again meanwhile stays.
        statement = delete(AttemptRow).where(col(AttemptRow.key).in_(keys), is_past).returning(col(AttemptRow.key))
        return len((await self._session.scalars(statement)).all())
