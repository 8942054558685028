"""Signing up and in: who gets in, what a refusal gives away, and how often one may try."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.accounts.errors import EmailInvalid, EmailTaken, PasswordUnfit, WrongEmailOrPassword
from domain.accounts.models import Grant
from domain.accounts.use_cases import find_account, sign_up, sweep_sessions
from domain.errors import LimitExceeded
from tests.builders_accounts import (
    EMAIL,
    NOW,
    PASSWORD,
    SOON,
    CountingHasher,
    quick_credentials,
    sign_in_claim,
    sign_up_order,
    signed_up,
    stronger_hasher,
    try_sign_in,
)


async def count(container: Container, table: str) -> int:
    async with container.system_database.work() as work:
        connection = await work.session.connection()
        return int((await connection.exec_driver_sql(f"select count(*) from {table}")).scalar_one())  # noqa: S608


async def try_sign_up(container: Container, *, email: str = EMAIL, password: str = PASSWORD) -> object:
    return await sign_up(
        container.work,
        credentials=quick_credentials(container),
        order=sign_up_order(container, email=email, password=password),
        lifetimes=container.lifetimes,
        now=NOW,
    )


async def test_signing_up_makes_an_owner_of_a_personal_workspace(container: Container) -> None:
    grant = await signed_up(container)
    async with container.work() as work:
        account = await find_account(work, user_id=grant.user_id, workspace_id=grant.workspace_id)
    assert (account.role, account.workspace.name, account.user.name) == (Role.OWNER, "Personal", "Ada")
    assert grant.access_expires_at == NOW + timedelta(minutes=15)


async def test_an_address_signs_up_once_whatever_its_case(container: Container) -> None:
    await signed_up(container)
    outcome = await try_sign_up(container, email="ADA@Example.org")
    assert outcome == EmailTaken("ada@example.org")
    assert [await count(container, table) for table in ("users", "workspaces", "memberships", "sessions")] == [1] * 4


@pytest.mark.parametrize(
    ("email", "password", "refusal"),
    [("nobody", "long enough password", EmailInvalid), ("ada@example.org", "short", PasswordUnfit)],
)
async def test_a_wish_that_makes_no_sense_writes_nothing(
    container: Container, email: str, password: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await try_sign_up(container, email=email, password=password)
    assert await count(container, "users") == 0


async def test_a_wish_that_makes_no_sense_is_counted(container: Container) -> None:
    for _ in range(100):
        with pytest.raises(PasswordUnfit):
            await try_sign_up(container, password="short")
    with pytest.raises(LimitExceeded):
        await try_sign_up(container, password="short")


async def test_who_knows_the_password_gets_a_session(container: Container) -> None:
    grant = await signed_up(container)
    outcome = await try_sign_in(container, sign_in_claim(container), hasher=CountingHasher())
    assert isinstance(outcome, Grant)
    assert (outcome.user_id, outcome.workspace_id) == (grant.user_id, grant.workspace_id)
    assert outcome.session_id != grant.session_id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong horse battery"),
        ("ada@example.org", "short"),
        ("bob@example.org", "correct horse battery"),
        ("not an address", "correct horse battery"),
        ("", ""),
    ],
)
async def test_every_wrong_claim_takes_the_same_path(container: Container, email: str, password: str) -> None:
    await signed_up(container)
    hasher = CountingHasher()
    outcome = await try_sign_in(container, sign_in_claim(container, email=email, password=password), hasher=hasher)
    assert outcome == WrongEmailOrPassword()
    assert (hasher.verified, hasher.hashed) == ([False], 0)
    assert await count(container, "attempts") == 4  # three keys of this attempt, one of signing up
    assert await count(container, "sessions") == 1


async def test_guessing_is_slowed_down_and_the_owner_elsewhere_is_not_locked_out(container: Container) -> None:
    await signed_up(container)
    hasher = CountingHasher()
    for _ in range(5):
        guess = sign_in_claim(container, password="wrong horse battery")
        assert await try_sign_in(container, guess, hasher=hasher) == WrongEmailOrPassword()
    with pytest.raises(LimitExceeded) as refused:
        await try_sign_in(container, sign_in_claim(container), hasher=hasher)
    assert refused.value.retry_after_seconds == 60.0
    assert len(hasher.verified) == 5
    elsewhere = sign_in_claim(container, address="198.51.100.7")
    assert isinstance(await try_sign_in(container, elsewhere, hasher=hasher), Grant)
    later = sign_in_claim(container)
    assert isinstance(await try_sign_in(container, later, hasher=hasher, now=NOW + timedelta(minutes=1)), Grant)


async def test_refused_guesses_of_a_stranger_neither_lock_the_owner_out_nor_fill_the_table(
    container: Container,
) -> None:
    await signed_up(container)
    stranger = [sign_in_claim(container, password="wrong horse battery", address="203.0.113.9") for _ in range(130)]
    for guess in stranger:
        with suppress(LimitExceeded):
            await try_sign_in(container, guess, hasher=CountingHasher())
    assert await count(container, "attempts") == 4
    for number in range(10):
        guess = sign_in_claim(container, email=f"nobody-{number}@example.org", address="203.0.113.9")
        with pytest.raises(LimitExceeded):
            await try_sign_in(container, guess, hasher=CountingHasher())
    assert await count(container, "attempts") == 4
    assert isinstance(await try_sign_in(container, sign_in_claim(container), hasher=CountingHasher()), Grant)


async def test_signing_in_clears_what_was_counted_against_the_pair(container: Container) -> None:
    await signed_up(container)
    for _ in range(3):
        for password in ("wrong horse battery", "correct horse battery"):
            await try_sign_in(container, sign_in_claim(container, password=password), hasher=CountingHasher())
    outcome = await try_sign_in(container, sign_in_claim(container), hasher=CountingHasher())
    assert isinstance(outcome, Grant)


async def test_a_hash_of_yesterday_is_renewed_by_signing_in(container: Container) -> None:
    await signed_up(container)
    today = CountingHasher(hasher=stronger_hasher())
    assert isinstance(await try_sign_in(container, sign_in_claim(container), hasher=today), Grant)
    assert today.hashed == 1
    again = CountingHasher(hasher=stronger_hasher())
    assert isinstance(await try_sign_in(container, sign_in_claim(container), hasher=again, now=NOW + SOON), Grant)
    assert again.hashed == 0


async def test_a_pass_of_the_sweep_is_short_and_the_next_one_goes_on(container: Container) -> None:
    many = "insert into attempts (key, arrival_at) select 'old:' || n, :past from generate_series(1, 5001) as n"
    async with container.system_database.work() as work:
        await work.session.execute(text(many), {"past": NOW - SOON})
    removed: list[int] = []
    for _ in range(2):
        async with container.system_database.work() as work:
            removed.append(await sweep_sessions(work, now=NOW))
    assert removed == [5000, 1]


async def test_what_is_over_is_swept(container: Container) -> None:
    await signed_up(container)
    async with container.system_database.work() as work:
        assert await sweep_sessions(work, now=NOW + timedelta(days=179)) == 1  # the paid-off attempt
        assert await sweep_sessions(work, now=NOW + timedelta(days=181)) == 1
    assert await count(container, "refresh_tokens") == 0
