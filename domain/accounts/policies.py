"""Rules of accounts: how long things live, what a password must be, how often one may try."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import NamedTuple

from domain.accounts.errors import PasswordUnfit

PASSWORD_BYTES_MIN, PASSWORD_BYTES_MAX = 10, 1024
NAME_CHARACTERS_MAX = 100
# As it is given, with blank ends and what is left out.
NAME_CHARACTERS_READ = 10 * NAME_CHARACTERS_MAX
PERSONAL_WORKSPACE_NAME = "Personal"


# At least so many rows of a kind go in one pass of the sweep, if they are there.
SWEPT_ROWS_MIN = 1000


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long each thing counts; a session ends even when it is refreshed every day."""

    access_token: timedelta = timedelta(minutes=15)
    refresh_token: timedelta = timedelta(days=30)
    session: timedelta = timedelta(days=180)


def accept_password(password: str) -> str:
    """Answer the password in the form that is hashed (NFKC, NIST SP 800-63B 5.1.1.2).

    Raises PasswordUnfit outside 10 to 1024 bytes of UTF-8.
    """
    refusal = PasswordUnfit(f"A password has {PASSWORD_BYTES_MIN} to {PASSWORD_BYTES_MAX} bytes.", field="password")
    # Before it is composed, by which a character may become eighteen, and marks in a row are sorted.
    if len(password) > PASSWORD_BYTES_MAX:
        raise refusal
    # A keyboard may type the same letter composed or decomposed.
    normal = unicodedata.normalize("NFKC", password)
    if not PASSWORD_BYTES_MIN <= len(normal.encode("utf-8", "surrogatepass")) <= PASSWORD_BYTES_MAX:
        raise refusal
    return normal


def accept_name(name: str) -> str:
    """Answer the name without control characters, cut to 100 characters; it may be empty."""
    looked_at = name[:NAME_CHARACTERS_READ]
    plain = "".join(letter for letter in looked_at if unicodedata.category(letter) not in {"Cc", "Cs"})
    return plain.strip()[:NAME_CHARACTERS_MAX]


def digest_token(token: str) -> bytes:
    """SHA-256 is enough for a random token of 256 bits: there is nothing to guess faster than the token itself."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """`burst` attempts at once for one key, then one every `interval`."""

    key: str
    burst: int
    interval: timedelta


class SignInLimits(NamedTuple):
    """What one attempt counts against, in the order in which it does; the first refusal ends it.

    The tight limit is on the pair, so that a stranger who guesses cannot lock the owner out: what it refuses never
    reaches the e-mail address. The wide ones bound a guesser with many names or many addresses.
    """

    address: AttemptLimit
    pair: AttemptLimit
    email: AttemptLimit


def sign_in_limits(*, email: str, address: str) -> SignInLimits:
    network = _network_of(address)
    return SignInLimits(
        address=AttemptLimit(_key("address", network), burst=50, interval=timedelta(seconds=15)),
        pair=AttemptLimit(_key("pair", f"{email}\n{network}"), burst=5, interval=timedelta(minutes=1)),
        email=AttemptLimit(_key("email", email), burst=100, interval=timedelta(seconds=30)),
    )


def sign_up_limits(*, address: str) -> tuple[AttemptLimit, ...]:
    """Signing up hashes a password and makes rows: bounded by address."""
    return (AttemptLimit(_key("sign-up", _network_of(address)), burst=100, interval=timedelta(seconds=6)),)


_TRANSLATED = IPv6Network("64:ff9b::/96")


def _network_of(address: str) -> str:
    """Answer what one customer of a provider has: an IPv4 address, or the /64 of an IPv6 address (RFC 6177).

    An IPv4 address may be written in an IPv6 one, mapped (RFC 4291) or by a translator (RFC 6052).
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    if known in _TRANSLATED:
        return str(IPv4Address(int(known) & 0xFFFFFFFF))
    return str(known.ipv4_mapped or IPv6Network((int(known), 64), strict=False))


def _key(kind: str, text: str) -> str:
    # Hashed, so that the table of attempts is no list of who tried what.
    return f"{kind}:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
