"""What workers embed is taken in only as vectors of the space; without it a render fails and can be taken up again."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from bootstrap.operations import Operations
from domain.characters.identity import write_vector
from domain.characters.spaces import SpaceIdentity
from domain.characters.tasks import EMBED_PICTURES
from domain.errors import Invalid
from domain.events import Json
from domain.identifiers import CharacterId, ImageId, JobId
from domain.jobs.models import EndedJob, FinishedJob, JobState
from domain.jobs.operations import JobSuperseded, OperatorOrder
from domain.renders.models import Render
from domain.renders.results import read_figures
from domain.renders.states import RenderState
from domain.renders.use_cases.deciding import retry_render
from domain.renders.workloads import EMBED_FIGURES
from jobs.characters import pictures_embedded
from jobs.renders import figures_embedded, figures_not_embedded
from tests.builders_film_crew import Crew, names_of, open_studio
from tests.builders_jobs import Bench
from tests.builders_renders import NOW

SPACE = "clip@1"


@dataclass(frozen=True)
class Ordered:
    """A render whose first keyframe waits for a worker's vectors, and the job that is to bring them."""

    crew: Crew
    render: Render
    job_id: JobId
    payload: Mapping[str, Any]

    def ended(self) -> EndedJob:
        about = (self.job_id, self.crew.workspace_id, EMBED_FIGURES, self.payload, self.render.id)
        return EndedJob(*about, JobState.FAILED, "INVALID", "The worker knows no vectors.")

    def finished(self, *vectors: str) -> FinishedJob:
        about = (self.job_id, self.crew.workspace_id, EMBED_FIGURES, self.payload, self.render.id)
        return FinishedJob(*about, answer(*vectors, picture="keyframe.png"), {}, 1.0)


def answer(*vectors: str, picture: str) -> Mapping[str, Json]:
    figures: list[Json] = [
        {"picture": picture, "frame": 0, "number": number, "side": 100, "vector": vector}
        for number, vector in enumerate(vectors, start=1)
    ]
    return {"kind": "figures_embedded", "figures": figures, "engine_version": "1"}


async def learned(crew: Crew, vector: Sequence[float]) -> None:
    """Have the whole cast known in the worker's space."""
    async with crew.work() as work:
        for image_id, character_id in await work.session.execute(text("select id, character_id from character_images")):
            await work.worker_spaces.keep_vectors({ImageId(image_id): tuple(vector)}, SPACE)
            known = SpaceIdentity(SPACE, 0.5, 1, 0)
            await work.worker_spaces.keep_identity(CharacterId(character_id), known, now=NOW)


@pytest.fixture
async def ordered(container: Container) -> Ordered:
    crew = await open_studio(container, shots=1)
    await learned(crew, [1.0, 0.0, 0.0, 0.0])
    render = await crew.order()
    await crew.work_off(steps_max=2)
    async with crew.work() as work:
        rows = await work.session.execute(
            text("select id, payload from jobs where kind = :kind"), {"kind": EMBED_FIGURES}
        )
        ((job_id, payload),) = rows.all()
    return Ordered(crew, render, JobId(job_id), payload)


async def test_a_render_whose_figures_cannot_be_embedded_fails_and_can_be_taken_up_again(ordered: Ordered) -> None:
    crew = ordered.crew
    async with crew.container.system_work(crew.workspace_id) as work:
        await figures_not_embedded(work, ordered.ended(), NOW)

    assert (await crew.find(ordered.render.id)).state is RenderState.FAILED
    assert "ShotFailed" in await names_of(crew, ordered.render.id)

    async with crew.work() as work:
        await retry_render(work, render_id=ordered.render.id, engines=crew.engines, now=NOW)
    assert (await crew.find(ordered.render.id)).state is RenderState.FILMING


async def test_an_operator_is_told_to_retry_the_render_instead(ordered: Ordered, container: Container) -> None:
    failed = "update jobs set state = 'failed', finished_at = clock_timestamp() where id = :id"
    await Bench(container).as_owner(failed, id=ordered.job_id)
    operations: Operations = container.operations
    with pytest.raises(JobSuperseded, match="retryRender"):
        await operations.retry_job(OperatorOrder("ada", "The worker is mended."), ordered.job_id)


async def test_vectors_are_kept_at_length_one(ordered: Ordered) -> None:
    crew = ordered.crew
    async with crew.container.system_work(crew.workspace_id) as work:
        await figures_embedded(work, ordered.finished(write_vector((0.0, 3.0, 4.0, 0.0))), NOW)
        kept = await work.steps.find(crew.workspace_id, str(ordered.payload["digest"]))
    assert kept is not None
    embedded = read_figures(kept, space=SPACE)
    (figure,) = embedded.figures
    assert figure.vector == pytest.approx((0.0, 0.6, 0.8, 0.0))
    assert embedded.weights == "1"


NO_VECTORS = {
    "no base64": "?",
    "half a number": "AAA=",
    "no direction": write_vector((0.0,) * 4),
    "no number": write_vector((math.nan, 0.0, 0.0, 1.0)),
    "another space": write_vector((1.0,) * 3),
}


@pytest.mark.parametrize("vector", NO_VECTORS.values(), ids=NO_VECTORS)
async def test_what_is_no_vector_of_the_space_is_refused(ordered: Ordered, vector: str) -> None:
    with pytest.raises(Invalid):
        async with ordered.crew.container.system_work(ordered.crew.workspace_id) as work:
            await figures_embedded(work, ordered.finished(vector), NOW)


REFUSED_PICTURES = {
    "too few numbers": ("asked", 4, "1", "dimensions"),
    "other pictures": ("other", 3, "1", "other pictures"),
    "other weights": ("asked", 3, "2", "other weights"),
}


@pytest.mark.parametrize("refused", REFUSED_PICTURES.values(), ids=REFUSED_PICTURES)
async def test_pictures_are_known_only_by_what_was_asked_for(
    ordered: Ordered, container: Container, refused: tuple[str, int, str, str]
) -> None:
    picture, dimensions, weights, reason = refused
    asked, other = (str(container.new_id()) for _ in range(2))
    command: dict[str, Json] = {
        "kind": "embed_figures",
        "version": 2,
        "engine": SPACE,
        "pictures": [{"picture": asked}],
    }
    payload: Mapping[str, Json] = {
        "character_id": str(container.new_id()),
        "space": SPACE,
        "dimensions": dimensions,
        "weights": weights,
        "command": command,
    }
    told = answer(write_vector((1.0, 0.0, 0.0)), picture=asked if picture == "asked" else other)
    workspace_id = ordered.crew.workspace_id
    job = FinishedJob(JobId(container.new_id()), workspace_id, EMBED_PICTURES, payload, None, told, {}, 1.0)
    with pytest.raises(Invalid, match=reason):
        async with container.system_work(workspace_id) as work:
            await pictures_embedded(work, job, NOW)
