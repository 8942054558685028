"""What came with a request or a handshake."""

from starlette.requests import HTTPConnection

from api.context import Visit
from api.paging import CURSOR_CHARACTERS_MAX

HEADER_CHARACTERS_MAX = 255
TOKEN_CHARACTERS_MAX = 8_192


def visit_of(connection: HTTPConnection) -> Visit:
    """Read who comes from where, with which credentials, off the headers."""
    headers = connection.headers
    return Visit(
        token=bearer(headers.get("authorization")),
        request_id=str(connection.scope.get("request_id", "")),
        address=connection.client.host if connection.client else None,
        user_agent=_short(headers.get("user-agent"), HEADER_CHARACTERS_MAX),
        resume_after=_short(headers.get("last-event-id"), CURSOR_CHARACTERS_MAX) or None,
    )


def bearer(header: object) -> str | None:
    """The token of an `Authorization: Bearer …` value; None for anything else."""
    if not isinstance(header, str):
        return None
    scheme, _, token = header.strip().partition(" ")
    return token.strip()[:TOKEN_CHARACTERS_MAX] or None if scheme.lower() == "bearer" else None


def _short(value: str | None, characters: int) -> str | None:
    return None if value is None else value[:characters]
