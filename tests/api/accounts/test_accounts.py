"""Signing up, in and out, as clients see it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bootstrap.container import Container
from tests.api.asking import ask, ask_as
from tests.builders_accounts import EMAIL, PASSWORD, signed_up

TOKENS = "tokens { accessToken refreshToken accessExpiresAt refreshExpiresAt userId workspaceId }"
SIGN_UP = f"""
mutation ($email: String!, $password: String!) {{
  signUp(input: {{email: $email, password: $password, name: "Ada"}}) {{
    __typename ... on SignedUp {{ {TOKENS} }} ... on EmailTaken {{ message }}
  }}
}}"""
SIGN_IN = f"""
mutation ($email: String!, $password: String!) {{
  signIn(input: {{email: $email, password: $password}}) {{
    __typename ... on SignedIn {{ {TOKENS} }} ... on WrongEmailOrPassword {{ message }}
  }}
}}"""
REFRESH = f"""
mutation ($token: String!) {{
  refreshSession(input: {{refreshToken: $token}}) {{
    __typename ... on SessionRefreshed {{ {TOKENS} }} ... on RefreshTokenRefused {{ message }}
  }}
}}"""
SIGN_OUT = "mutation { signOut { sessionId } }"
ME = "{ me { user { id email name } workspace { id name } role } }"


async def sign_in(http: httpx.AsyncClient, password: str = PASSWORD, email: str = EMAIL) -> dict[str, Any]:
    answer = await ask(http, SIGN_IN, email=email, password=password)
    return answer["data"]["signIn"]


def code(answer: dict[str, Any]) -> str:
    return answer["errors"][0]["extensions"]["code"]


async def test_who_signs_up_is_somebody_at_once(http: httpx.AsyncClient) -> None:
    answer = await ask(http, SIGN_UP, email=" Ada@Example.ORG", password=PASSWORD)
    tokens = answer["data"]["signUp"]["tokens"]
    assert await ask_as(http, tokens["accessToken"], ME) == {
        "data": {
            "me": {
                "user": {"id": tokens["userId"], "email": EMAIL, "name": "Ada"},
                "workspace": {"id": tokens["workspaceId"], "name": "Personal"},
                "role": "OWNER",
            }
        }
    }


async def test_an_address_that_is_taken_is_a_fact(http: httpx.AsyncClient, container: Container) -> None:
    await signed_up(container)
    assert await ask(http, SIGN_UP, email=EMAIL, password=PASSWORD) == {
        "data": {"signUp": {"__typename": "EmailTaken", "message": "Somebody has signed up with this e-mail address."}}
    }


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [("nobody", PASSWORD, "email"), (EMAIL, "short", "password"), (EMAIL, "", "password")],
)
async def test_a_wish_that_makes_no_sense_names_the_field(
    http: httpx.AsyncClient, container: Container, email: str, password: str, field: str
) -> None:
    answer = await ask(http, SIGN_UP, email=email, password=password)
    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": field}
    async with container.system_work() as work:
        assert await work.session.scalar(text("select count(*) from users")) == 0


async def test_a_wrong_password_and_an_unknown_address_look_the_same(
    http: httpx.AsyncClient, container: Container
) -> None:
    await signed_up(container)
    refused = {"__typename": "WrongEmailOrPassword", "message": "The e-mail address or the password is wrong."}
    assert await sign_in(http, password="wrong horse battery") == refused
    assert await sign_in(http, email="bob@example.org") == refused
    assert await sign_in(http, email="bob@example.org\0") == refused


async def test_too_many_guesses_say_when_to_come_back(http: httpx.AsyncClient, container: Container) -> None:
    await signed_up(container, now=container.now())
    for _ in range(5):
        await sign_in(http, password="wrong horse battery")
    answer = await ask(http, SIGN_IN, email=EMAIL, password=PASSWORD)
    assert code(answer) == "RATE_LIMITED"
    assert 0 < answer["errors"][0]["extensions"]["retryAfterSeconds"] <= 60


async def test_a_refresh_token_counts_once_and_its_reuse_ends_the_session(
    http: httpx.AsyncClient, container: Container
) -> None:
    await signed_up(container)
    first = (await sign_in(http))["tokens"]
    renewed = (await ask(http, REFRESH, token=first["refreshToken"]))["data"]["refreshSession"]["tokens"]
    assert "errors" not in await ask_as(http, renewed["accessToken"], ME)
    again = await ask(http, REFRESH, token=first["refreshToken"])
    assert again["data"]["refreshSession"]["__typename"] == "RefreshTokenRefused"
    assert code(await ask_as(http, renewed["accessToken"], ME)) == "UNAUTHENTICATED"


async def test_signing_out_ends_the_session_for_a_member_and_is_nothing_for_nobody(
    http: httpx.AsyncClient, container: Container
) -> None:
    grant = await signed_up(container, now=container.now())
    assert code(await ask(http, SIGN_OUT)) == "UNAUTHENTICATED"
    assert code(await ask_as(http, "forged", SIGN_OUT)) == "UNAUTHENTICATED"
    assert "errors" not in await ask_as(http, grant.access_token, ME)
    assert await ask_as(http, grant.access_token, SIGN_OUT) == {
        "data": {"signOut": {"sessionId": f"session_{grant.session_id}"}}
    }
    assert code(await ask_as(http, grant.access_token, SIGN_OUT)) == "UNAUTHENTICATED"


async def test_one_may_sign_out_of_ones_own_session_only(http: httpx.AsyncClient, container: Container) -> None:
    ada = await signed_up(container, now=container.now())
    bob = await signed_up(container, email="bob@example.org", now=container.now())
    await ask_as(http, bob.access_token, SIGN_OUT)
    assert "errors" not in await ask_as(http, ada.access_token, ME)
