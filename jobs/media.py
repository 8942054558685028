"""Sweeping: what nobody claimed, nobody refers to, or is over, goes away."""

import structlog

from bootstrap.container import Container
from domain.accounts.use_cases import sweep_sessions
from domain.media.use_cases import sweep_objects, sweep_uploads

log = structlog.get_logger()


async def sweep(services: Container) -> int:
    """Sweep uploads, objects and sessions once, in any number of processes; answer how many went."""
    now = services.now()
    uploads = await sweep_uploads(services.system_work, store=services.store, now=now)
    objects = await sweep_objects(services.system_work, store=services.store, now=now)
    async with services.system_work() as work:
        sessions = await sweep_sessions(work, now=now)
    if uploads or objects or sessions:
        log.info("swept", uploads=uploads, objects=objects, sessions=sessions)
    return uploads + objects + sessions
