"""Sessions: refresh tokens that count once, families that end as a whole, access that ends with them."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.accounts.caller import Caller, Role
from domain.accounts.errors import AccessTokenRefused, RefreshTokenRefused
from domain.accounts.models import Grant
from domain.accounts.use_cases import authenticate, refresh_session, sign_out
from tests.builders_accounts import NOW, SOON, CountingHasher, quick_credentials, sign_in_claim, signed_up, try_sign_in


async def refresh(container: Container, token: str, *, now: datetime = NOW + SOON) -> Grant | RefreshTokenRefused:
    async with container.work() as work:
        return await refresh_session(
            work,
            credentials=quick_credentials(container),
            refresh_token=token,
            token_id=container.new_id(),
            lifetimes=container.lifetimes,
            now=now,
        )


async def who(container: Container, token: str, *, now: datetime = NOW + SOON) -> Caller:
    async with container.work() as work:
        return await authenticate(work, access_tokens=container.credentials.access_tokens, token=token, now=now)


async def refreshed(container: Container, token: str) -> Grant:
    outcome = await refresh(container, token)
    assert isinstance(outcome, Grant)
    return outcome


async def test_an_access_token_tells_who_asks_and_what_they_may(container: Container) -> None:
    grant = await signed_up(container)
    assert await who(container, grant.access_token) == Caller(
        grant.user_id, grant.session_id, grant.workspace_id, Role.OWNER, grant.access_expires_at
    )


async def test_a_changed_role_counts_at_once(container: Container) -> None:
    grant = await signed_up(container)
    async with container.system_database.work() as work:
        await work.session.execute(text("update memberships set role = 'viewer'"))
    assert (await who(container, grant.access_token)).role is Role.VIEWER


async def test_who_has_left_the_workspace_is_nobody_there(container: Container) -> None:
    grant = await signed_up(container)
    async with container.system_database.work() as work:
        await work.session.execute(text("delete from memberships"))
    with pytest.raises(AccessTokenRefused):
        await who(container, grant.access_token)


async def test_an_access_token_ends_after_its_minutes(container: Container) -> None:
    grant = await signed_up(container)
    with pytest.raises(AccessTokenRefused):
        await who(container, grant.access_token, now=NOW + timedelta(minutes=15))


async def test_a_refresh_token_gives_a_new_pair_of_the_same_session(container: Container) -> None:
    grant = await signed_up(container)
    renewed = await refreshed(container, grant.refresh_token)
    assert renewed.session_id == grant.session_id
    assert renewed.refresh_token != grant.refresh_token
    assert (await who(container, renewed.access_token)).user_id == grant.user_id


async def test_using_a_refresh_token_again_ends_the_whole_session(container: Container) -> None:
    grant = await signed_up(container)
    renewed = await refreshed(container, grant.refresh_token)
    assert await refresh(container, grant.refresh_token) == RefreshTokenRefused()
    assert await refresh(container, renewed.refresh_token) == RefreshTokenRefused()
    for token in (grant.access_token, renewed.access_token):
        with pytest.raises(AccessTokenRefused):
            await who(container, token)


async def test_a_thief_and_an_owner_at_the_same_moment_end_the_session(container: Container) -> None:
    grant = await signed_up(container)
    outcomes = await asyncio.gather(*(refresh(container, grant.refresh_token) for _ in range(4)))
    winners = [outcome for outcome in outcomes if isinstance(outcome, Grant)]
    assert len(winners) == 1
    assert await refresh(container, winners[0].refresh_token) == RefreshTokenRefused()


async def test_another_session_of_the_same_person_goes_on(container: Container) -> None:
    grant = await signed_up(container)
    other = await try_sign_in(container, sign_in_claim(container), hasher=CountingHasher())
    await refreshed(container, grant.refresh_token)
    await refresh(container, grant.refresh_token)
    assert isinstance(other, Grant)
    assert (await who(container, other.access_token)).session_id == other.session_id


async def test_signing_out_ends_both_tokens(container: Container) -> None:
    grant = await signed_up(container)
    async with container.work() as work:
        await sign_out(work, session_id=grant.session_id, now=NOW)
    assert await refresh(container, grant.refresh_token) == RefreshTokenRefused()
    with pytest.raises(AccessTokenRefused):
        await who(container, grant.access_token)


@pytest.mark.parametrize("token", ["", "unknown", "\ud800", "x" * 10_000])
async def test_an_unknown_refresh_token_is_refused(container: Container, token: str) -> None:
    await signed_up(container)
    assert await refresh(container, token) == RefreshTokenRefused()


async def test_a_refresh_token_ends_after_its_days_and_a_session_after_its_own(container: Container) -> None:
    grant = await signed_up(container)
    assert await refresh(container, grant.refresh_token, now=NOW + timedelta(days=30)) == RefreshTokenRefused()
    now = NOW
    while now < NOW + timedelta(days=170):
        now += timedelta(days=29)
        outcome = await refresh(container, grant.refresh_token, now=now)
        assert isinstance(outcome, Grant)
        grant = outcome
    assert grant.refresh_expires_at == NOW + timedelta(days=180)
    assert await refresh(container, grant.refresh_token, now=NOW + timedelta(days=180)) == RefreshTokenRefused()


async def test_no_token_is_kept_as_it_is(container: Container) -> None:
    grant = await signed_up(container)
    async with container.system_database.work() as work:
        kept = await work.session.scalar(text("select string_agg(t::text, ' ') from refresh_tokens t"))
    assert kept
    assert grant.refresh_token not in kept
