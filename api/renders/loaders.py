"""Renders and what hangs on them, in batches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

from api.context import Batch
from api.work import Work
from domain.identifiers import CharacterId, RenderId, ShotId
from domain.renders.consistency import ConsistencyReport
from domain.renders.families import ModelFamily
from domain.renders.models import Render
from domain.renders.shots import RenderShot, Take

ShotKey = tuple[RenderId, ShotId]


async def fetch_renders(work: Work, keys: Sequence[RenderId]) -> Mapping[RenderId, Render]:
    return await work.render_reads.find_many(keys)


async def fetch_shots(work: Work, keys: Sequence[RenderId]) -> Mapping[RenderId, Sequence[RenderShot]]:
    return await work.render_reads.shots_of_many(keys)


async def fetch_takes(work: Work, keys: Sequence[ShotKey]) -> Mapping[ShotKey, Sequence[Take]]:
    """The takes of each shot by themselves: shots that each looked through all takes of their render would be slow."""
    renders = dict.fromkeys(render_id for render_id, _ in keys)
    found: defaultdict[ShotKey, list[Take]] = defaultdict(list)
    for take in chain.from_iterable((await work.render_reads.takes_of_many(list(renders))).values()):
        found[take.render_id, take.shot_id].append(take)
    return found


async def fetch_latest(work: Work, keys: Sequence[CharacterId]) -> Mapping[CharacterId, Render]:
    return await work.render_reads.latest_with(keys)


async def fetch_reports(work: Work, keys: Sequence[RenderId]) -> Mapping[RenderId, ConsistencyReport]:
    return await work.consistency_reports.find_many(keys)


async def fetch_families(work: Work, keys: Sequence[str]) -> Mapping[str, Sequence[ModelFamily]]:
    return await work.model_families.served(keys)


RENDERS = Batch(fetch_renders)
SHOTS = Batch(fetch_shots)
TAKES = Batch(fetch_takes)
LATEST = Batch(fetch_latest)
REPORTS = Batch(fetch_reports)
FAMILIES = Batch(fetch_families)
