"""Whether pgvector is new enough: since 0.8 a search that is filtered goes on until it has found enough."""

from sqlalchemy import text

from adapters.postgres.database import PostgresDatabase
from bootstrap.clock import new_id
from domain.errors import Unavailable

VECTORS_MIN = (0, 8)
FOUND = text(
    "select coalesce((select extversion from pg_extension where extname = 'vector'),"
    " (select default_version from pg_available_extensions where name = 'vector'))"
)


def require_vectors(version: str | None) -> str:
    """Answer the version; raises Unavailable without one, and for one that finds too little in a workspace of many."""
    if not version:
        raise Unavailable("The extension pgvector is not installed.")
    if tuple(int(part) for part in version.split(".")[:2]) < VECTORS_MIN:
        least = ".".join(map(str, VECTORS_MIN))
        raise Unavailable(f"pgvector {version} is too old; {least} is the oldest that will do.")
    return version


async def check_vectors(owner_url: str) -> None:
    """Raise Unavailable unless the extension that the database has, or would be given, will do."""
    pool = PostgresDatabase(owner_url, new_id=new_id, pool_size=1)
    try:
        async with pool.work() as work:
            require_vectors(await work.session.scalar(FOUND))
    finally:
        await pool.close()
