"""The steps of a client: which pictures it takes, and what it says of a thing that was deleted while it waited."""

import asyncio
from pathlib import Path

import pytest

from client.studio import FilmOrder, Refused, Studio, passed_over, pictures_in
from tests.client.fake_lab import FakeLab, data, in_turn, serving

PICTURES = {
    "a.PNG": "image/png",
    "b.jpg": "image/jpeg",
    "c.jpeg": "image/jpeg",
    "d.webp": "image/webp",
    "e.avif": "image/avif",
    "f.heic": "image/heic",
    "g.HEIF": "image/heic",
}


def test_pictures_are_known_by_their_names_on_any_machine_and_the_rest_is_named(tmp_path: Path) -> None:
    for name in (*PICTURES, "notes.txt", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "h.png").mkdir()

    assert {picture.path.name: picture.content_type for picture in pictures_in(tmp_path)} == PICTURES
    assert passed_over(tmp_path) == [".hidden", "h.png", "notes.txt"]


async def test_a_character_that_is_deleted_while_it_is_learned_is_a_refusal() -> None:
    told = {"cursor": "1", "event": {"name": "CharacterDeleted", "data": {}}, "character": None}
    async with serving(FakeLab(in_turn(), {"characterProgress": told})) as transport, asyncio.timeout(10):
        with pytest.raises(Refused, match="deleted meanwhile") as refused:
            await Studio(transport).wait_for_character("character_1")
    assert refused.value.fact == "CharacterDeleted"


async def test_a_storyboard_that_is_deleted_while_it_is_written_is_a_refusal() -> None:
    created = data(createStoryboard={"__typename": "StoryboardCreated", "storyboard": {"id": "storyboard_1"}})
    told = {"cursor": "1", "event": {"name": "StoryboardWritten", "data": {}}, "shot": None, "storyboard": None}
    order = FilmOrder(title="Rivers", script="Anna waits.", cast=())
    async with serving(FakeLab(in_turn(created), {"storyboardProgress": told})) as transport, asyncio.timeout(10):
        with pytest.raises(Refused, match="deleted meanwhile") as refused:
            await Studio(transport).write_storyboard(order, [], lambda _shot: None)
    assert refused.value.fact == "StoryboardDeleted"


async def test_a_render_that_is_deleted_while_it_is_followed_is_a_refusal() -> None:
    async with serving(FakeLab(in_turn(data(render=None)))) as transport, asyncio.timeout(10):
        with pytest.raises(Refused, match="deleted meanwhile") as refused:
            await Studio(transport).read_render("render_1")
    assert refused.value.fact == "RenderDeleted"
