"""Secrets from the operating system's random source."""

from secrets import token_urlsafe


class RandomTickets:
    """Makes refresh tokens of 256 bits."""

    def make(self) -> str:
        return token_urlsafe(32)
