"""Signing up, in and out, refreshing a session, and telling who asks."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.accounts.caller import Caller, Role
from domain.accounts.errors import (
    AccessTokenRefused,
    EmailInvalid,
    EmailTaken,
    PasswordUnfit,
    RefreshTokenRefused,
    WrongEmailOrPassword,
)
from domain.accounts.models import (
    AccessClaims,
    Grant,
    Membership,
    RefreshToken,
    RevokeReason,
    Session,
    User,
    Workspace,
)
from domain.accounts.policies import (
    PERSONAL_WORKSPACE_NAME,
    AttemptLimit,
    Lifetimes,
    accept_name,
    accept_password,
    digest_token,
    sign_in_limits,
    sign_up_limits,
)
from domain.accounts.ports import AccessTokens, Account, AccountsTransactions, AccountsWork, Credentials, Standing
from domain.errors import LimitExceeded, NotFound
from domain.identifiers import SessionId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class NewSession:
    """Identifiers for a session that may come to be; made by the boundary."""

    session_id: SessionId
    token_id: UUID


@dataclass(frozen=True, slots=True)
class SignUp:
    """A wish to join: who, from which address, and the identifiers for what it makes."""

    email: str
    password: str = field(repr=False)
    name: str
    address: str
    user_id: UserId
    workspace_id: WorkspaceId
    session: NewSession


@dataclass(frozen=True, slots=True)
class SignIn:
    """A claim to be somebody, and from which address it comes."""

    email: str
    password: str = field(repr=False)
    address: str
    session: NewSession


async def sign_up(
    begin: AccountsTransactions, *, credentials: Credentials, order: SignUp, lifetimes: Lifetimes, now: datetime
) -> Grant | EmailTaken:
    """Make a user, a personal workspace of which they are the owner, and a session.

    Counted before anything is looked at. Raises LimitExceeded, EmailInvalid, PasswordUnfit.
    """
    await _count_attempt(begin, sign_up_limits(address=order.address), now)
    email = credentials.emails.normalise(order.email)
    password = accept_password(order.password)
    password_hash = await credentials.passwords.hash(password)
    user = User(order.user_id, email, accept_name(order.name), created_at=now, password_hash=password_hash)
    workspace = Workspace(order.workspace_id, PERSONAL_WORKSPACE_NAME, created_at=now)
    async with begin() as work:
        if not await work.accounts.add(user, workspace, Membership(workspace.id, user.id, Role.OWNER)):
            return EmailTaken(email)
        session = _open_session(user.id, workspace.id, order.session, lifetimes, now)
        return await _grant_new(work, session, order.session.token_id, credentials, lifetimes)


async def sign_in(
    begin: AccountsTransactions, *, credentials: Credentials, claim: SignIn, lifetimes: Lifetimes, now: datetime
) -> Grant | WrongEmailOrPassword:
    """Open a session for whoever knows the password.

    A wrong password and an unknown e-mail address take the same path: counted, looked up, verified once, refused.
    Raises LimitExceeded.
    """
    email = _normalise_quietly(credentials, claim.email)
    limits = sign_in_limits(email=email, address=claim.address)
    await _count_attempt(begin, limits, now)
    async with begin() as work:
        user = await work.accounts.find_by_email(email)
    password = _accept_quietly(claim.password)
    is_right = await credentials.passwords.verify(password, user.password_hash if user else None)
    if user is None or not is_right:
        return WrongEmailOrPassword()
    renewed = await _rehash(credentials, user, password)
    async with begin() as work:
        await work.attempts.forget(limits.pair)
        if renewed is not None:
            await work.accounts.set_password_hash(user.id, renewed)
        workspace_id = await work.accounts.first_workspace(user.id)
        if workspace_id is None:
            return WrongEmailOrPassword()
        session = _open_session(user.id, workspace_id, claim.session, lifetimes, now)
        return await _grant_new(work, session, claim.session.token_id, credentials, lifetimes)


async def refresh_session(
    work: AccountsWork,
    *,
    credentials: Credentials,
    refresh_token: str,
    token_id: UUID,
    lifetimes: Lifetimes,
    now: datetime,
) -> Grant | RefreshTokenRefused:
    """Exchange a refresh token for a new pair; a token that was used before revokes its whole session.

    The refusal is a value: the revocation must be committed.
    """
    found = await work.sessions.lock_by_token(digest_token(refresh_token))
    if found is None:
        return RefreshTokenRefused()
    session, token = found
    if not session.is_open(now):
        return RefreshTokenRefused()
    if token.used_at is not None:
        await work.sessions.save(session.revoke(RevokeReason.TOKEN_REUSED, now))
        return RefreshTokenRefused()
    if token.expires_at <= now:
        return RefreshTokenRefused()
    secret = credentials.tickets.make()
    renewed = _new_token(session, token_id, secret, lifetimes, now)
    await work.sessions.rotate(token.use(now), renewed)
    return _grant(session, renewed, secret, credentials, lifetimes)


async def sign_out(work: AccountsWork, *, session_id: SessionId, now: datetime) -> None:
    """Revoke the session: its access tokens and refresh tokens count no more from the commit on."""
    standing = await work.sessions.find_standing(session_id)
    if standing is not None:
        await work.sessions.save(standing.session.revoke(RevokeReason.SIGNED_OUT, now))


async def authenticate(work: AccountsWork, *, access_tokens: AccessTokens, token: str, now: datetime) -> Caller:
    """Answer whose access token it is, with the role that they have this moment.

    Raises AccessTokenRefused for a token that is forged or expired, whose session is closed, or whose user has left
    the workspace.
    """
    claims = access_tokens.read(token, now)
    standing = await work.sessions.find_standing(claims.session_id)
    if standing is None or not standing.session.is_open(now):
        raise AccessTokenRefused("The session is closed; sign in again.")
    session = standing.session
    if (session.user_id, session.workspace_id) != (claims.user_id, claims.workspace_id):
        raise AccessTokenRefused("The access token does not belong to its session.")
    return Caller(
        user_id=session.user_id,
        session_id=session.id,
        workspace_id=session.workspace_id,
        role=standing.role,
        expires_at=claims.expires_at,
        is_operator=standing.is_operator,
    )


async def find_outdated(work: AccountsWork, *, callers: Collection[Caller], now: datetime) -> set[Caller]:
    """Answer which callers would be refused by now, or have another role; one statement for all of them."""
    standings = await work.sessions.find_standings({caller.session_id for caller in callers})
    return {caller for caller in callers if not _is_current(caller, standings.get(caller.session_id), now)}


def _is_current(caller: Caller, standing: Standing | None, now: datetime) -> bool:
    if standing is None or not standing.session.is_open(now):
        return False
    return (standing.role, standing.is_operator) == (caller.role, caller.is_operator)


async def find_account(work: AccountsWork, *, user_id: UserId, workspace_id: WorkspaceId) -> Account:
    """Answer the user with the workspace and the role there. Raises NotFound."""
    found = await work.accounts.find(user_id, workspace_id)
    if found is None:
        raise NotFound("There is no such account.")
    return found


async def sweep_sessions(work: AccountsWork, *, now: datetime) -> int:
    """Remove some of what no longer says anything: sessions that ended and attempts that are paid off.

    Answer how many; fewer than SWEPT_ROWS_MIN are all there were.
    """
    return await work.sessions.remove_expired(now) + await work.attempts.remove_past(now)


async def _count_attempt(begin: AccountsTransactions, limits: tuple[AttemptLimit, ...], now: datetime) -> None:
    # Counted before the verification and committed at once: many guesses at the same time are all counted.
    async with begin() as work:
        wait = await _take(work, limits, now)
    if wait > 0:
        raise LimitExceeded("Too many attempts; wait a little.", retry_after_seconds=wait)


async def _take(work: AccountsWork, limits: tuple[AttemptLimit, ...], now: datetime) -> float:
    """Take the limits in turn up to the first that refuses; answer how long that one wants to be left, else 0."""
    for limit in limits:
        if (wait := await work.attempts.take(limit, now)) > 0:
            return wait
    return 0.0


def _normalise_quietly(credentials: Credentials, email: str) -> str:
    try:
        return credentials.emails.normalise(email)
    except EmailInvalid:
        # Goes on as a text without @, which is nobody's address: a malformed one is refused like an unknown one.
        return digest_token(email).hex()


def _accept_quietly(password: str) -> str:
    try:
        return accept_password(password)
    except PasswordUnfit:
        # No password has this form, and it is verified like any other.
        return "\0"


async def _rehash(credentials: Credentials, user: User, password: str) -> str | None:
    if not credentials.passwords.is_outdated(user.password_hash):
        return None
    return await credentials.passwords.hash(password)


def _open_session(
    user_id: UserId, workspace_id: WorkspaceId, new: NewSession, lifetimes: Lifetimes, now: datetime
) -> Session:
    return Session(new.session_id, user_id, workspace_id, created_at=now, expires_at=now + lifetimes.session)


async def _grant_new(
    work: AccountsWork, session: Session, token_id: UUID, credentials: Credentials, lifetimes: Lifetimes
) -> Grant:
    secret = credentials.tickets.make()
    token = _new_token(session, token_id, secret, lifetimes, session.created_at)
    await work.sessions.add(session, token)
    return _grant(session, token, secret, credentials, lifetimes)


def _new_token(session: Session, token_id: UUID, secret: str, lifetimes: Lifetimes, now: datetime) -> RefreshToken:
    expires_at = min(now + lifetimes.refresh_token, session.expires_at)
    return RefreshToken(token_id, session.id, digest_token(secret), issued_at=now, expires_at=expires_at)


def _grant(session: Session, token: RefreshToken, secret: str, credentials: Credentials, lifetimes: Lifetimes) -> Grant:
    now = token.issued_at
    expires_at = min(now + lifetimes.access_token, session.expires_at)
    claims = AccessClaims(session.user_id, session.id, session.workspace_id, issued_at=now, expires_at=expires_at)
    return Grant(
        user_id=session.user_id,
        session_id=session.id,
        workspace_id=session.workspace_id,
        access_token=credentials.access_tokens.sign(claims),
        access_expires_at=expires_at,
        refresh_token=secret,
        refresh_expires_at=token.expires_at,
    )
