"""Refusals of accounts, named as facts.

`EmailTaken`, `WrongEmailOrPassword` and `RefreshTokenRefused` are answers that clients branch on. They are values and
not exceptions because what led to them (a counted attempt, a revoked session) must be committed.
"""

from dataclasses import dataclass

from domain.errors import Invalid, Unauthenticated


class EmailInvalid(Invalid):
    """The text is not an e-mail address."""


class PasswordUnfit(Invalid):
    """The password is too short or too long."""


class AccessTokenRefused(Unauthenticated):
    """The access token is not ours, has expired, or its session counts no more."""


@dataclass(frozen=True, slots=True)
class EmailTaken:
    """Somebody has signed up with this e-mail address."""

    email: str


@dataclass(frozen=True, slots=True)
class WrongEmailOrPassword:
    """One of the two is wrong; which one is nobody's business."""


@dataclass(frozen=True, slots=True)
class RefreshTokenRefused:
    """The refresh token is unknown, expired, revoked or was used before; sign in again."""
