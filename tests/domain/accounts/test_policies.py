"""Rules of accounts that need nothing but themselves."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.accounts.caller import Role
from domain.accounts.errors import PasswordUnfit
from domain.accounts.models import RevokeReason, Session
from domain.accounts.policies import accept_name, accept_password, digest_token, sign_in_limits, sign_up_limits
from domain.identifiers import SessionId, UserId, WorkspaceId
from tests.builders_accounts import NOW, SOON

SESSION = Session(SessionId(UUID(int=1)), UserId(UUID(int=2)), WorkspaceId(UUID(int=3)), NOW, NOW + timedelta(days=1))


@pytest.mark.parametrize("password", ["x" * 10, "x" * 1024, "山羊过桥去", "éééééé"])
def test_ten_to_1024_bytes_are_a_password(password: str) -> None:
    assert accept_password(password) == password


@pytest.mark.parametrize("password", ["", "x" * 9, "x" * 1025, "山羊桥", "é" * 513])
def test_fewer_and_more_are_none(password: str) -> None:
    with pytest.raises(PasswordUnfit):
        accept_password(password)


def test_a_password_is_refused_by_its_length_before_it_is_composed() -> None:
    # Sorting so many marks takes hours.
    with pytest.raises(PasswordUnfit):
        accept_password("e" + "\u0323\u0301" * 2_000_000)


def test_a_letter_typed_in_two_parts_is_the_same_letter() -> None:
    assert accept_password("cafe\u0301 au lait") == accept_password("caf\u00e9 au lait")


def test_a_name_keeps_what_can_be_read() -> None:
    assert accept_name("  Ada\0 Lovelace\n ") == "Ada Lovelace"
    assert accept_name("x" * 200) == "x" * 100
    assert accept_name(" " * 900 + "Ada") == "Ada"


def test_a_name_is_looked_at_no_further_than_it_may_go() -> None:
    assert accept_name(" " * 1000 + "Ada") == ""


@pytest.mark.parametrize(
    ("session", "is_open"),
    [
        (SESSION, True),
        (SESSION.revoke(RevokeReason.SIGNED_OUT, NOW), False),
        (SESSION.revoke(RevokeReason.TOKEN_REUSED, NOW), False),
    ],
)
def test_a_session_is_open_until_it_is_revoked(session: Session, *, is_open: bool) -> None:
    assert session.is_open(NOW + SOON) is is_open


def test_a_session_is_over_at_its_end() -> None:
    assert not SESSION.is_open(SESSION.expires_at)


def test_the_first_reason_of_a_revocation_stands() -> None:
    once = SESSION.revoke(RevokeReason.TOKEN_REUSED, NOW)
    assert once.revoke(RevokeReason.SIGNED_OUT, NOW + SOON) == once


@pytest.mark.parametrize("role", list(Role))
def test_an_owner_may_do_what_everybody_may(role: Role) -> None:
    assert Role.OWNER.includes(role)
    assert role.includes(Role.VIEWER)


def test_the_keys_of_attempts_name_nobody() -> None:
    for limit in sign_in_limits(email="ada@example.org", address="192.0.2.1"):
        assert "ada" not in limit.key
        assert "192" not in limit.key


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "no address", False),
    ],
)
def test_a_network_of_ipv6_is_one_address(one: str, other: str, *, are_one: bool) -> None:
    first, second = (sign_in_limits(email="ada@example.org", address=each) for each in (one, other))
    assert (first == second) is are_one
    assert (sign_up_limits(address=one) == sign_up_limits(address=other)) is are_one


def test_a_token_is_kept_as_32_bytes_that_are_not_it() -> None:
    assert len(digest_token("secret")) == 32
    assert b"secret" not in digest_token("secret")
