"""The failpoints around a commit: a store says what its transaction commits, the database says when it has."""

from sqlalchemy.ext.asyncio import AsyncSession

from failpoints import Commit, is_on, reach

NOTED = "commits"


async def before_commit(session: AsyncSession, commit: Commit, *about: object) -> None:
    """Reach the point before the commit, and have the one after it reached; to be called last in the transaction."""
    if is_on:
        session.info.setdefault(NOTED, []).append((commit, about))
        await reach(commit.before, *about)


async def after_commit(session: AsyncSession) -> None:
    """Reach the points after what this session has committed."""
    for commit, about in session.info.pop(NOTED, ()):
        await reach(commit.after, *about)
