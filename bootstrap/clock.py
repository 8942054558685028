"""The clock and the identifiers of the running system; the domain takes both as arguments."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_id() -> UUID:
    """Make a UUIDv7: unique, and ordered by the time it was made."""
    return uuid7()
