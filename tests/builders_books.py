"""The books of object storage: what is counted for each object beside what refers to it."""

from sqlalchemy import text

from bootstrap.container import Container

# A take holds an object once, whatever it is to it.
HOLDERS = """
    select object_id from step_objects
    union all select unnest(array[film_id, poster_id, captions_id]) from renders
    union all select unnest(array[sheet_id, plot_id]) from consistency_reports
    union all select unnest(array[source_id, working_id, thumbnail_id, cut_out_id]) from character_images
    union all select unnest(array[weights_id, plot_id, samples_id]) from adapter_versions
    union all select checkpoint_id from jobs
    union all
    select held from takes, lateral (
        select distinct unnest(array[keyframe_id, keyframe_figures_id, clip_id, clip_figures_id])
    ) each_once (held)
"""
MISCOUNTED = text(
    "select o.id from objects o where o.reference_count <>"  # noqa: S608 - constants
    f" (select count(*) from ({HOLDERS}) h (object_id) where h.object_id = o.id)"
)
HELD = text("select count(*) from objects where reference_count > 0")


async def are_balanced(container: Container) -> bool:
    """Whether every object is counted exactly as often as something refers to it."""
    async with container.system_work() as work:
        return (await work.session.scalars(MISCOUNTED)).all() == []


async def count_held(container: Container) -> int:
    async with container.system_work() as work:
        return (await work.session.scalars(HELD)).one()
