"""The families of models that workers serve, read from what workers say of themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.protocol import ServedModel
from domain.jobs.policies import SEEN_SECONDS
from domain.renders.families import AdapterSupport, FrameCounts, ModelFamily, ModelMakes
from domain.renders.settings import FrameSize

SERVED = text("select models_served(:seen_seconds)")
ORDER = tuple(ModelMakes)


class PostgresModelFamilies:
    """Reads what the jobs process wrote down for workers of every workspace."""

    def __init__(self, session: AsyncSession, *, seen_seconds: float = SEEN_SECONDS) -> None:
        self._session = session
        self._seen_seconds = seen_seconds

    async def served(self, engines: Sequence[str]) -> Mapping[str, Sequence[ModelFamily]]:
        rows = await self._session.scalars(SERVED, {"seen_seconds": self._seen_seconds})
        found: defaultdict[str, list[ModelFamily]] = defaultdict(list)
        for family in sorted(read(rows), key=lambda each: (ORDER.index(each.makes), each.name, repr(each))):
            found[family.engine].append(family)
        return {engine: found[engine] for engine in engines}


def read(rows: Iterable[object]) -> Iterator[ModelFamily]:
    """What a newer process wrote down in another shape is left to it."""
    for row in rows:
        try:
            yield to_family(ServedModel.model_validate(row))
        except ValidationError:
            continue


def to_family(model: ServedModel) -> ModelFamily:
    frames = model.frames
    return ModelFamily(
        engine=model.engine,
        name=model.family,
        makes=ModelMakes(model.makes),
        sizes=tuple(FrameSize(each.width, each.height) for each in model.sizes),
        frames=FrameCounts(frames.minimum, frames.maximum, frames.step, frames.per_second) if frames else None,
        references_max=model.references_max,
        pictures_max=model.pictures_max,
        cast_max=model.cast_max,
        adapters=AdapterSupport(model.adapters),
        has_regions=model.has_regions,
        has_first_frame=model.has_first_frame,
        has_last_frame=model.has_last_frame,
        shows_previews=model.has_previews,
        stops_at_a_step=model.can_halt,
    )
