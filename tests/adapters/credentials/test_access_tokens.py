"""Access tokens: signed, bound to us, and over when they are over."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import jwt
import pytest

from adapters.credentials.access_tokens import JwtAccessTokens
from domain.accounts.errors import AccessTokenRefused
from domain.accounts.models import AccessClaims
from domain.identifiers import SessionId, UserId, WorkspaceId
from tests.builders_accounts import NOW, SOON

KEY, OLD_KEY = "k" * 40, "o" * 40
CLAIMS = AccessClaims(
    UserId(UUID(int=1)), SessionId(UUID(int=2)), WorkspaceId(UUID(int=3)), NOW, NOW + timedelta(minutes=15)
)


def tokens(*keys: str, issuer: str = "lab", audience: str = "api") -> JwtAccessTokens:
    return JwtAccessTokens(keys or (KEY,), issuer=issuer, audience=audience)


def forged(**changes: object) -> str:
    """A token of ours with other claims, signed with our key."""
    signed = tokens().sign(CLAIMS)
    payload = jwt.decode(signed, options={"verify_signature": False}) | changes
    present = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(present, KEY, algorithm="HS256", headers=jwt.get_unverified_header(signed))


def test_a_token_tells_what_was_signed() -> None:
    assert tokens().read(tokens().sign(CLAIMS), NOW) == CLAIMS


def test_a_token_of_a_retired_key_counts_while_the_key_is_known() -> None:
    old = tokens(OLD_KEY).sign(CLAIMS)
    assert tokens(KEY, OLD_KEY).read(old, NOW) == CLAIMS
    with pytest.raises(AccessTokenRefused):
        tokens(KEY).read(old, NOW)


def test_a_new_key_in_front_is_what_signs() -> None:
    assert tokens(KEY).read(tokens(KEY, OLD_KEY).sign(CLAIMS), NOW) == CLAIMS


def test_a_token_is_over_at_its_end() -> None:
    signed = tokens().sign(CLAIMS)
    assert tokens().read(signed, CLAIMS.expires_at - SOON) == CLAIMS
    with pytest.raises(AccessTokenRefused, match="expired"):
        tokens().read(signed, CLAIMS.expires_at)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "sid", "wid", "iat", "exp"])
def test_a_token_without_a_claim_is_refused(missing: str) -> None:
    with pytest.raises(AccessTokenRefused):
        tokens().read(forged(**{missing: None}), NOW)


@pytest.mark.parametrize(
    "changes", [{"iss": "another"}, {"aud": "another"}, {"sub": "me"}, {"sid": 7}, {"exp": "never"}, {"exp": 10**30}]
)
def test_a_token_with_a_strange_claim_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(AccessTokenRefused):
        tokens().read(forged(**changes), NOW)


def test_the_algorithm_none_is_refused() -> None:
    payload = jwt.decode(tokens().sign(CLAIMS), options={"verify_signature": False})
    header = jwt.get_unverified_header(tokens().sign(CLAIMS))
    naked = jwt.encode(payload, None, algorithm="none", headers=header | {"alg": "none"})
    with pytest.raises(AccessTokenRefused):
        tokens().read(naked, NOW)


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "é.é.é", "x" * 5000, "eyJhbGciOiJIUzI1NiJ9.e30."])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(AccessTokenRefused):
        tokens().read(token, NOW)


def test_another_signature_is_refused() -> None:
    signed = tokens().sign(CLAIMS)
    other = tokens().sign(replace(CLAIMS, user_id=UserId(UUID(int=9))))
    mixed = ".".join((*other.split(".")[:2], signed.split(".")[2]))
    with pytest.raises(AccessTokenRefused):
        tokens().read(mixed, NOW)
