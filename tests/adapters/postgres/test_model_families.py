"""What workers serve: whose is told, how often it is written, and in what order it comes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bootstrap.container import Container
from contracts.protocol import FrameCounts, ServedModel
from domain.events import Json
from domain.jobs.models import Worker
from tests.builders_jobs import Bench, worker
from tests.builders_served import served_model

LTX = served_model("ltx", makes="clip", frames=FrameCounts(minimum=9, maximum=161, step=8, per_second=25))
PLAIN, LARGE = served_model(), served_model("stable_diffusion_xl")


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


def told(model: ServedModel) -> dict[str, Json]:
    said: dict[str, Json] = model.model_dump(mode="json")
    return said


def serving(name: str, *models: ServedModel) -> Worker:
    return replace(worker(name), models=[told(each) for each in models])


async def names(bench: Bench) -> Sequence[str]:
    async with bench.container.work() as work:
        return [family.name for family in (await work.model_families.served(["diffusion"]))["diffusion"]]


async def test_models_of_several_workers_are_told_once_and_keyframes_first(bench: Bench) -> None:
    await bench.claims.see(serving("a", LTX, PLAIN))
    await bench.claims.see(serving("b", LARGE, LTX))
    assert await names(bench) == ["stable_diffusion", "stable_diffusion_xl", "ltx"]


async def test_a_family_that_differs_between_workers_is_told_as_often(bench: Bench) -> None:
    await bench.claims.see(serving("a", PLAIN))
    await bench.claims.see(serving("b", PLAIN.model_copy(update={"references_max": 0})))
    assert await names(bench) == ["stable_diffusion"] * 2


@pytest.mark.parametrize(
    "silence",
    [
        "update workers set last_seen_at = clock_timestamp() - interval '1 minute'",
        "update workers set state = 'draining'",
    ],
    ids=["away", "drained"],
)
async def test_models_of_workers_that_are_given_nothing_are_not_told(bench: Bench, silence: str) -> None:
    await bench.claims.see(serving("a", PLAIN))
    assert await names(bench) == ["stable_diffusion"]
    await bench.as_owner(silence)
    assert await names(bench) == []


async def test_models_go_with_their_worker(bench: Bench) -> None:
    await bench.claims.see(serving("a", PLAIN))
    await bench.claims.leave("a")
    assert await bench.as_owner_answer("select count(*) from worker_models") == 0


async def test_models_are_written_only_when_they_have_changed(bench: Bench) -> None:
    written = "select xmin::text from worker_models"
    await bench.claims.see(serving("a", PLAIN))
    first = await bench.as_owner_answer(written)
    await bench.claims.see(serving("a", PLAIN))
    assert await bench.as_owner_answer(written) == first
    await bench.claims.see(serving("a", PLAIN, LTX))
    assert await bench.as_owner_answer(written) != first


async def test_what_a_newer_process_wrote_down_in_another_shape_is_left_to_it(bench: Bench) -> None:
    await bench.claims.see(replace(worker("a"), models=[told(PLAIN), {**told(LARGE), "novelty": True}]))
    assert await names(bench) == ["stable_diffusion"]
