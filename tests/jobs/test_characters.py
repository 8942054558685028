"""Pictures read and characters learned by the real engine, from the real cast."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bootstrap.container import Container
from domain.characters.models import CharacterState, ImageState
from domain.characters.use_cases.ingest_image import ingest_image
from domain.identifiers import JobId
from domain.jobs.models import NewJob, Queue
from jobs.characters import tasks as character_tasks
from jobs.registry import Registry
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import NOW
from tests.builders_jobs import Bench
from tests.jobs.conftest import Engine


@pytest.fixture
def registry() -> Registry:
    return Registry(character_tasks)


def cast(data: Path, name: str, *numbers: int) -> list[bytes]:
    return [(data / "cast" / name / f"{number}.png").read_bytes() for number in numbers]


def smaller(picture: bytes) -> bytes:
    """The same picture as another program would have saved it."""
    with Image.open(io.BytesIO(picture)) as opened:
        written = io.BytesIO()
        opened.resize((opened.width * 3 // 4, opened.height * 3 // 4)).save(written, "PNG")
    return written.getvalue()


async def test_pictures_become_a_character_that_is_known(container: Container, engine: Engine, data: Path) -> None:
    lab = await CharacterLab.opened(container)
    pictures = cast(data, "adventurer-000", 0, 1, 2)
    async with engine.running():
        hero = await lab.create(contents=[*pictures, pictures[0][:-400], smaller(pictures[1])])
        known = await lab.settled(hero.id)

    assert known.state is CharacterState.READY
    assert known.calibration is not None
    assert (known.calibration.images, known.calibration.space) == (3, container.figures.profile.space.key)
    images = await lab.images(hero.id)
    assert [image.state for image in images] == [*[ImageState.READY] * 3, ImageState.REFUSED, ImageState.READY]
    assert images[3].refusal == "truncated"
    assert [image.duplicate_of for image in images] == [None, None, None, None, images[1].id]
    assert set((await lab.references()).values()) <= {0, 1}
    told = await lab.events(hero.id)
    assert told[-1] == "IdentityCalibrated"
    assert (told.count("ImageIngested"), told.count("ImageRefused"), told.count("DuplicateFound")) == (4, 1, 1)


async def test_a_cut_out_has_the_figure_alone(container: Container, engine: Engine, data: Path) -> None:
    lab = await CharacterLab.opened(container)
    async with engine.running():
        hero = await lab.create(contents=cast(data, "toonHead-000", 0))
        await lab.settled(hero.id)

    (image,) = await lab.images(hero.id)
    assert image.copies is not None
    async with lab.begin() as work:
        stored = await work.objects.find(lab.workspace_id, image.copies.cut_out_id)
    assert stored is not None
    with Image.open(io.BytesIO(await container.store.read(stored.key, bytes_max=10_000_000))) as cut_out:
        corner, middle = cut_out.getpixel((0, 0)), cut_out.getpixel((cut_out.width // 2, cut_out.height // 2))
    assert (stored.content.content_type, cut_out.mode) == ("image/png", "RGBA")
    assert isinstance(corner, tuple)
    assert isinstance(middle, tuple)
    assert (corner[3], middle[3]) == (0, 255)


async def test_two_characters_of_one_face_are_warned_of(container: Container, engine: Engine, data: Path) -> None:
    lab = await CharacterLab.opened(container)
    async with engine.running():
        one = await lab.create("One", contents=cast(data, "adventurer-000", 0, 1))
        other = await lab.create("Other", contents=cast(data, "adventurer-003", 0, 1))
        twin = await lab.create("Twin", contents=cast(data, "adventurer-000", 2, 3))
        for character in (one, other, twin):
            await lab.settled(character.id)

    async with lab.begin() as work:
        warnings = await work.character_reads.look_alikes_of_many([one.id, other.id, twin.id])
    assert {key: [each.other_id for each in found] for key, found in warnings.items()} == {
        one.id: [twin.id],
        twin.id: [one.id],
    }


async def test_a_picture_read_by_two_workers_is_the_same_picture(container: Container, data: Path) -> None:
    lab = await CharacterLab.opened(container)
    hero = await lab.create(contents=cast(data, "openPeeps-000", 0))
    (image,) = await lab.images(hero.id)

    outcomes = [
        await ingest_image(lab.begin, tools=container.ingest_tools, image_id=image.id, now=NOW) for _ in range(2)
    ]

    assert outcomes[0] is not None
    assert outcomes[0] == outcomes[1]


async def test_a_job_whose_character_is_gone_does_nothing(container: Container, engine: Engine, bench: Bench) -> None:
    lab = await CharacterLab.opened(container)
    gone = {"image_id": str(container.new_id())}, {"character_id": str(container.new_id()), "revision": 1}
    kinds = "characters.ingest_image", "characters.calibrate"
    jobs = [
        NewJob(JobId(container.new_id()), lab.workspace_id, kind, Queue.INTERNAL, payload)
        for kind, payload in zip(kinds, gone, strict=True)
    ]
    async with engine.running():
        await bench.enqueue(*jobs)
        ended = [(await bench.ended(job.id)).state for job in jobs]

    assert ended == ["succeeded", "succeeded"]


async def test_bytes_that_are_gone_refuse_the_picture(container: Container, engine: Engine, data: Path) -> None:
    lab = await CharacterLab.opened(container)
    hero = await lab.create(contents=cast(data, "openPeeps-000", 1))
    (image,) = await lab.images(hero.id)
    assert image.source_id is not None
    async with lab.begin() as work:
        source = await work.objects.find(lab.workspace_id, image.source_id)
    assert source is not None
    await container.store.delete([source.key])

    async with engine.running():
        settled = await lab.settled(hero.id)

    assert settled.state is CharacterState.NEEDS_ATTENTION
    assert [found.refusal for found in await lab.images(hero.id)] == ["unreadable"]
