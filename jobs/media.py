"""Sweeping: what nobody claimed, nobody refers to, or is over, goes away."""

from datetime import timedelta
from functools import partial

import structlog

from bootstrap.container import Container
from domain.accounts.policies import SWEPT_ROWS_MIN
from domain.accounts.use_cases import sweep_sessions
from domain.media.errors import BucketNotOurs
from domain.media.policies import SWEEP_ITEMS_MAX
from domain.media.ties import tie_bucket
from domain.media.use_cases import sweep_objects, sweep_strays, sweep_uploads
from jobs.batches import in_batches

log = structlog.get_logger()


async def sweep(services: Container) -> int:
    """Sweep uploads, objects and sessions once, in any number of processes; answer how many went."""
    now = services.now()
    some = partial(in_batches, at_once=SWEEP_ITEMS_MAX)
    uploads = await some(partial(sweep_uploads, services.system_work, store=services.store, now=now))
    objects = await some(partial(sweep_objects, services.system_work, store=services.store, now=now))

    async def some_sessions() -> int:
        async with services.system_work() as work:
            return await sweep_sessions(work, now=now)

    sessions = await in_batches(some_sessions, at_once=SWEPT_ROWS_MIN)
    if uploads or objects or sessions:
        log.info("swept", uploads=uploads, objects=objects, sessions=sessions)
    return uploads + objects + sessions


async def sweep_bucket(services: Container) -> int:
    """Go once over the whole bucket for bytes that nothing owns; answer how many went.

    A bucket that may be another lab's is left alone, and that is an error for whoever reads the log.
    """
    age = timedelta(seconds=services.settings.storage.stray_seconds)
    try:
        strays = await sweep_strays(services.system_work, store=services.store, age=age)
    except BucketNotOurs as refused:
        tell_of_refusal(services, refused)
        return 0
    if strays:
        log.info("swept_strays", strays=strays)
    return strays


async def tie(services: Container) -> int:
    """Tie the bucket to the lab before anybody stores something there; answer that nothing went."""
    try:
        await tie_bucket(services.system_work, store=services.store)
    except BucketNotOurs as refused:
        tell_of_refusal(services, refused)
    return 0


def tell_of_refusal(services: Container, refused: BucketNotOurs) -> None:
    bucket = services.settings.storage.bucket
    log.error("bucket_not_ours", bucket=bucket, reason=refused.message, mend="see what `lab doctor` says of the bucket")
