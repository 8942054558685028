"""Storyboards and what hangs on them, in batches."""

from collections.abc import Mapping, Sequence

from api.context import Batch
from api.work import Work
from domain.identifiers import ShotId, StoryboardId
from domain.storyboards.models import Shot
from domain.storyboards.ports import NumberedShot, StoryboardOverview, StoryboardVersion


async def fetch_storyboards(work: Work, keys: Sequence[StoryboardId]) -> Mapping[StoryboardId, StoryboardOverview]:
    return await work.storyboard_reads.find_many(keys)


async def fetch_shots(work: Work, keys: Sequence[StoryboardId]) -> Mapping[StoryboardId, Sequence[Shot]]:
    return await work.storyboard_reads.shots_of_many(keys)


async def fetch_scripts(work: Work, keys: Sequence[StoryboardId]) -> Mapping[StoryboardId, str]:
    return await work.storyboard_reads.scripts_of_many(keys)


async def fetch_versions(
    work: Work, keys: Sequence[StoryboardId]
) -> Mapping[StoryboardId, Sequence[StoryboardVersion]]:
    return await work.storyboard_reads.versions_of_many(keys)


async def fetch_numbered_shots(work: Work, keys: Sequence[ShotId]) -> Mapping[ShotId, NumberedShot]:
    return await work.storyboard_reads.find_shots(keys)


STORYBOARDS = Batch(fetch_storyboards)
SHOTS = Batch(fetch_shots)
SCRIPTS = Batch(fetch_scripts)
VERSIONS = Batch(fetch_versions)
NUMBERED_SHOTS = Batch(fetch_numbered_shots)
