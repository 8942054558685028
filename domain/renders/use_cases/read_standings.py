"""Read where renders stand, for as many as are asked for in a constant number of statements."""

from collections.abc import Mapping, Sequence

from domain.identifiers import RenderId
from domain.renders.engines import EngineCatalogue
from domain.renders.ports import StandingWork
from domain.renders.standings import Standing


async def read_standings(
    work: StandingWork, render_ids: Sequence[RenderId], *, engines: EngineCatalogue
) -> Mapping[RenderId, Standing]:
    """Answer the standing of each render that there is; of those that are over nothing but that is read.

    Raises EngineUnknown for a render that goes on with an engine that is not here any more.
    """
    renders = await work.render_reads.find_many(render_ids)
    ids = [render.id for render in renders.values() if not render.state.is_final]
    queues = await work.render_standings.queues_of_many(ids)
    shots = await work.render_standings.shots_of_many(ids)
    standings = {
        key: Standing(renders[key], engines.get(renders[key].settings.engine), queues[key], shots.get(key, ()))
        for key in ids
    }
    wanted = frozenset(each for standing in standings.values() for each in standing.workloads())
    measured = await work.run_times.measured(wanted)
    return {key: standing.with_measured(measured) for key, standing in standings.items()}
