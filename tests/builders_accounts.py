"""People who sign up and in, with proofs that can be counted."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher

from adapters.credentials.passwords import Argon2PasswordHasher
from bootstrap.container import Container
from domain.accounts.models import Grant
from domain.accounts.ports import Credentials
from domain.accounts.use_cases import NewSession, SignIn, SignUp, sign_in, sign_up
from domain.identifiers import SessionId, UserId, WorkspaceId

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
SOON = timedelta(minutes=1)


def quick_hasher() -> Argon2PasswordHasher:
    """Argon2id at its smallest: the real thing, fast enough for a test."""
    return Argon2PasswordHasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def stronger_hasher() -> Argon2PasswordHasher:
    """One whose cost has been raised since."""
    return Argon2PasswordHasher(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))


@dataclass
class CountingHasher:
    """The real hasher, counting what it is asked to do."""

    hasher: Argon2PasswordHasher = field(default_factory=quick_hasher)
    verified: list[bool] = field(default_factory=list[bool])
    hashed: int = 0

    async def hash(self, password: str) -> str:
        self.hashed += 1
        return await self.hasher.hash(password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        is_right = await self.hasher.verify(password, password_hash)
        self.verified.append(is_right)
        return is_right

    def is_outdated(self, password_hash: str) -> bool:
        return self.hasher.is_outdated(password_hash)


def quick_credentials(container: Container, hasher: CountingHasher | None = None) -> Credentials:
    return replace(container.credentials, passwords=hasher or CountingHasher())


def new_session(container: Container) -> NewSession:
    return NewSession(SessionId(container.new_id()), container.new_id())


def sign_up_order(container: Container, *, email: str = EMAIL, password: str = PASSWORD) -> SignUp:
    return SignUp(
        email=email,
        password=password,
        name="Ada",
        address="192.0.2.1",
        user_id=UserId(container.new_id()),
        workspace_id=WorkspaceId(container.new_id()),
        session=new_session(container),
    )


def sign_in_claim(
    container: Container, *, email: str = EMAIL, password: str = PASSWORD, address: str = "192.0.2.1"
) -> SignIn:
    return SignIn(email=email, password=password, address=address, session=new_session(container))


async def signed_up(container: Container, *, email: str = EMAIL, now: datetime = NOW) -> Grant:
    """Somebody who has just signed up."""
    outcome = await sign_up(
        container.work,
        credentials=quick_credentials(container),
        order=sign_up_order(container, email=email),
        lifetimes=container.lifetimes,
        now=now,
    )
    assert isinstance(outcome, Grant)
    return outcome


async def try_sign_in(container: Container, claim: SignIn, *, hasher: CountingHasher, now: datetime = NOW) -> object:
    return await sign_in(
        container.work,
        credentials=quick_credentials(container, hasher),
        claim=claim,
        lifetimes=container.lifetimes,
        now=now,
    )
