"""Whose a bucket is: a mark at its root names the lab, and no other's sweep deletes there."""

import json
from uuid import UUID

from domain.errors import Invalid, NotFound
from domain.media.errors import BucketNotOurs
from domain.media.policies import KEY_PREFIXES, MARK_BYTES_MAX, MARK_KEY
from domain.media.ports import ObjectStore, StrayTransactions


async def is_tied(begin: StrayTransactions, *, store: ObjectStore) -> bool:
    """Answer whether the bucket is marked as this lab's; False where it has no mark and the lab may set its own.

    It may where its database owns all that lies there, or had objects before there were marks: then the bucket is an
    old lab's. Raises BucketNotOurs, Unavailable.
    """
    async with begin() as work:
        lab = await work.strays.find_lab()
    mark = await find_mark(store)
    if mark == mark_of(lab.id):
        return True
    if mark is not None:
        raise BucketNotOurs(f"The bucket is another lab's: it says {mark!r}, and this is {mark_of(lab.id)!r}.")
    if not (lab.had_objects or await owns_all(begin, store)):
        raise BucketNotOurs("The bucket has files of which the database knows nothing, and no mark of whose they are.")
    return False


async def tie_bucket(begin: StrayTransactions, *, store: ObjectStore) -> None:
    """Mark the bucket as this lab's unless it is; harmless when done again. Raises BucketNotOurs, Unavailable."""
    if not await is_tied(begin, store=store):
        await adopt_bucket(begin, store=store)


async def adopt_bucket(begin: StrayTransactions, *, store: ObjectStore) -> None:
    """Mark the bucket as this lab's, whosever it was. Raises Unavailable."""
    async with begin() as work:
        lab = await work.strays.find_lab()
    await store.put(MARK_KEY, mark_of(lab.id).encode(), content_type="application/json")


async def find_mark(store: ObjectStore) -> str | None:
    """Read what the mark says, or None where there is none; raises Unavailable."""
    try:
        return (await store.read(MARK_KEY, bytes_max=MARK_BYTES_MAX)).decode(errors="replace")
    except NotFound:
        return None
    except Invalid:
        return "more than a mark does"


def mark_of(lab_id: UUID) -> str:
    return json.dumps({"lab": str(lab_id)})


async def owns_all(begin: StrayTransactions, store: ObjectStore) -> bool:
    for prefix in KEY_PREFIXES:
        async for files in store.list_pages(prefix):
            async with begin() as work:
                if not await work.strays.owns_all(files):
                    return False
    return True
