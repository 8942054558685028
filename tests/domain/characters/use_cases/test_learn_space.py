"""Being known in a worker's embedding space, beside the built-in one."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.characters.identity import EmbeddingSpace, SpaceProfile, Vector
from domain.characters.models import Character
from domain.characters.policies import calibrate_threshold
from domain.characters.tasks import EMBED_PICTURES, LEARN_SPACE
from domain.characters.use_cases.delete_character import delete_character
from domain.characters.use_cases.learn_space import keep_vectors, learn_space, seek_space
from domain.characters.use_cases.remove_reference_image import remove_reference_image
from domain.identifiers import ImageId, JobId
from domain.jobs.models import Priority
from domain.renders.snapshot import FrozenIdentity
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import NOW, vector

FIRST, SECOND = EmbeddingSpace("clip", 1, 4), EmbeddingSpace("dino", 1, 8)


class SpaceLab(CharacterLab):
    """The same with a worker, whose vectors the test chooses."""

    async def seek(self, character: Character, space: EmbeddingSpace = FIRST, *, turn: str = "") -> bool:
        async with self.begin() as work:
            return await seek_space(work, character_id=character.id, space=space, priority=Priority.NORMAL, turn=turn)

    async def embed(self, character: Character, vectors: Mapping[ImageId, Vector], space: EmbeddingSpace) -> None:
        async with self.begin() as work:
            job_id = JobId(work.new_id())
            await keep_vectors(work, character_id=character.id, space=space.key, vectors=vectors, job_id=job_id)

    async def learn(self, character: Character, space: EmbeddingSpace, *, revision: int | None = None) -> bool:
        found = await self.find(character.id)
        assert found is not None
        async with self.begin() as work:
            return await learn_space(
                work,
                character_id=character.id,
                revision=found.revision if revision is None else revision,
                profile=profile(space),
                now=NOW,
            )

    async def known_in(self, character: Character, space: EmbeddingSpace, *degrees: float) -> None:
        """Have the character's pictures lie at those angles of the space, and learn it there."""
        images = await self.images(character.id)
        seen = {image.id: vector(angle, size=space.dimensions) for image, angle in zip(images, degrees, strict=True)}
        await self.embed(character, seen, space)
        assert await self.learn(character, space)

    async def frozen(self, *characters: Character) -> list[FrozenIdentity | None]:
        async with self.begin() as work:
            cast = await work.frozen_casts.freeze({each.id for each in characters})
        identities = {each.character_id: each.identity for each in cast}
        return [identities[each.id] for each in characters]

    async def payloads(self, kind: str) -> list[dict[str, Any]]:
        rows = text("select payload, inputs from jobs where kind = :kind and workspace_id = :workspace order by id")
        async with self.container.system_work() as work:
            found = await work.session.execute(rows, {"kind": kind, "workspace": self.workspace_id})
        return [{**row.payload, "inputs": row.inputs} for row in found]


def profile(space: EmbeddingSpace) -> SpaceProfile:
    return SpaceProfile(space, pair_mean=0.8, pair_deviation=0.1, other_high=0.3, copy_score=0.99)


@pytest.fixture
async def lab(container: Container) -> SpaceLab:
    return SpaceLab(container, (await CharacterLab.opened(container)).workspace_id)


async def test_a_worker_is_asked_once_for_the_pictures_that_lack_a_vector(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0), vector(40), vector(80))
    first, *others = await lab.images(peter.id)
    await lab.embed(peter, {first.id: vector(0, size=4)}, FIRST)

    assert await lab.seek(peter)
    assert not await lab.seek(peter)

    (told,) = await lab.payloads(EMBED_PICTURES)
    wanted = {str(image.id): str(image.copies.cut_out_id) for image in others if image.copies}
    assert told["command"]["engine"] == "clip@1"
    assert [each["picture"] for each in told["command"]["pictures"]] == list(wanted)
    assert {each["name"]: each["object_id"] for each in told["inputs"]} == wanted


async def test_what_a_worker_embedded_is_learned_in_its_space_alone(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0), vector(40))
    await lab.known_in(peter, FIRST, 0, 60)

    async with lab.begin() as work:
        (learned,) = (await work.worker_spaces.identities_of_many([peter.id]))[peter.id]
    expected = calibrate_threshold([vector(0, size=4), vector(60, size=4)], profile(FIRST))
    assert (learned.space, learned.images) == ("clip@1", 2)
    assert learned.threshold == pytest.approx(expected, abs=1e-6)
    assert await lab.find(peter.id) == peter, "the built-in identity stays"
    assert (await lab.events(peter.id))[-1] == "SpaceLearned"
    assert len(await lab.payloads(LEARN_SPACE)) == 1


async def test_pictures_that_are_all_embedded_are_learned_from_without_a_worker(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0))
    (image,) = await lab.images(peter.id)
    await lab.embed(peter, {image.id: vector(0, size=4)}, FIRST)

    assert await lab.seek(peter)

    assert await lab.payloads(EMBED_PICTURES) == []
    assert len(await lab.payloads(LEARN_SPACE)) == 2


async def test_who_has_lost_all_pictures_is_known_in_no_space(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0))
    await lab.known_in(peter, FIRST, 0)
    (image,) = await lab.images(peter.id)
    async with lab.begin() as work:
        await remove_reference_image(work, image_id=image.id, now=NOW)
    await lab.calibrate(peter.id)

    async with lab.begin() as work:
        assert await work.worker_spaces.identities_of_many([peter.id]) == {}


async def test_vectors_that_come_late_change_nothing(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0), vector(40))
    gone, kept = await lab.images(peter.id)
    async with lab.begin() as work:
        await remove_reference_image(work, image_id=gone.id, now=NOW)

    await lab.embed(peter, {gone.id: vector(0, size=4), kept.id: vector(40, size=4)}, FIRST)

    assert not await lab.learn(peter, FIRST, revision=peter.revision)
    async with lab.begin() as work:
        assert await work.worker_spaces.known([gone.id, kept.id], FIRST) == {kept.id}
        await delete_character(work, character_id=peter.id, now=NOW)
    await lab.embed(peter, {kept.id: vector(40, size=4)}, FIRST)
    async with lab.begin() as work:
        assert await work.worker_spaces.known([kept.id], FIRST) == set()
        assert await work.worker_spaces.identities_of_many([peter.id]) == {}


async def test_a_cast_is_frozen_in_the_newest_space_that_all_of_it_are_known_in(lab: SpaceLab) -> None:
    peter, hare = await lab.learned("Peter", vector(0)), await lab.learned("Hare", vector(90))
    assert [each.is_by_worker for each in await lab.frozen(peter, hare) if each] == [False, False]

    await lab.known_in(peter, FIRST, 0)
    built_in = [each.space for each in await lab.frozen(peter, hare) if each]
    await lab.known_in(hare, FIRST, 50)
    lab.now = NOW
    await lab.known_in(peter, SECOND, 10)
    first = await lab.frozen(peter, hare)

    assert built_in == ["test@1", "test@1"]
    assert [(each.space, each.is_by_worker, len(each.image_ids)) for each in first if each] == [("clip@1", True, 1)] * 2
    async with lab.begin() as work:
        cast = await work.frozen_casts.freeze([peter.id, hare.id])
        expected = {each.character_id: each.identity for each in await work.frozen_casts.expected(cast)}
    assert expected[hare.id].vectors[0] == pytest.approx(vector(50, size=4), abs=1e-6)
    assert expected[hare.id].space == FIRST


async def test_characters_are_sought_until_they_are_known_as_they_are_now(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0))
    assert await lacking(lab) == [peter.id]

    await lab.seek(peter, SECOND)
    assert await lacking(lab) == [peter.id], "who is at it is at another space"
    await lab.seek(peter)
    assert await lacking(lab) == [], "somebody is at it"

    async with lab.begin() as work:
        await work.jobs.cancel_subject(peter.id, "the worker's weights were the wrong ones")
    assert await lacking(lab) == [peter.id]
    assert await lab.seek(peter, turn="an hour later")

    await lab.known_in(peter, FIRST, 0)
    async with lab.begin() as work:
        await work.jobs.cancel_subject(peter.id, "it is known by now")
    assert await lacking(lab) == []


async def test_nobody_is_kept_from_being_sought_by_those_who_fail(lab: SpaceLab) -> None:
    await lab.learned("Peter", vector(0))
    await lab.learned("Hare", vector(90))
    async with lab.container.system_work() as work:
        sought = {each for _ in range(100) for each in await work.worker_spaces.lacking(FIRST, limit=1)}
    assert len(sought) > 1


async def lacking(lab: SpaceLab) -> list[object]:
    async with lab.container.system_work() as work:
        found = await work.worker_spaces.lacking(FIRST, limit=1000)
    return [character_id for workspace_id, character_id in found if workspace_id == lab.workspace_id]


async def test_a_character_is_not_known_by_a_part_of_its_pictures(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0), vector(40))
    first, second = await lab.images(peter.id)
    await lab.embed(peter, {first.id: vector(0, size=4)}, FIRST)
    assert not await lab.learn(peter, FIRST)
    await lab.embed(peter, {second.id: vector(60, size=4)}, FIRST)
    assert await lab.learn(peter, FIRST)


async def test_a_space_serves_those_too_who_are_learning_something_new(lab: SpaceLab) -> None:
    peter, hare = await lab.learned("Peter", vector(0)), await lab.learned("Hare", vector(90))
    for each, space in ((peter, FIRST), (hare, FIRST), (hare, SECOND)):
        await lab.known_in(each, space, 0)
    async with lab.begin() as work:
        await work.session.execute(text("update characters set state = 'learning' where id = :id"), {"id": peter.id})
        assert await work.worker_spaces.forget_others([SECOND, FIRST]) == 0


async def test_vectors_of_a_space_that_the_lab_is_not_set_to_are_forgotten(lab: SpaceLab) -> None:
    peter = await lab.learned("Peter", vector(0))
    for space in (FIRST, SECOND):
        await lab.known_in(peter, space, 0)
    async with lab.container.system_work() as work:
        forgotten = [await work.worker_spaces.forget_vectors([SECOND], limit=1) for _ in range(2)]
        left = (await work.session.scalars(text("select distinct space from image_vectors"))).all()
    assert (forgotten, left) == ([1, 0], [SECOND.key])


async def test_a_space_serves_until_the_next_knows_the_whole_workspace(lab: SpaceLab) -> None:
    peter, hare = await lab.learned("Peter", vector(0)), await lab.learned("Hare", vector(90))
    for each, angle in ((peter, 0), (hare, 80)):
        await lab.known_in(each, FIRST, angle)

    async def spaces_after(*spaces: EmbeddingSpace) -> dict[str, list[str]]:
        async with lab.container.system_work() as work:
            await work.worker_spaces.forget_others(spaces)
        async with lab.begin() as work:
            found = await work.worker_spaces.identities_of_many([peter.id, hare.id])
        names = {peter.id: "peter", hare.id: "hare"}
        return {names[key]: sorted(each.space for each in known) for key, known in found.items()}

    await lab.known_in(peter, SECOND, 0)
    assert await spaces_after(SECOND, FIRST) == {"peter": ["clip@1", "dino@1"], "hare": ["clip@1"]}
    await lab.known_in(hare, SECOND, 80)
    assert await spaces_after(SECOND, FIRST) == {"peter": ["dino@1"], "hare": ["dino@1"]}
    assert await spaces_after() == {}
