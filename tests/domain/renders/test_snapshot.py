"""Whether a cast can be filmed, told with the shot and the character."""

from dataclasses import replace

import pytest

from domain.renders.errors import CharacterNotReady
from domain.renders.snapshot import require_ready
from domain.storyboards.models import CastMember
from tests.builders_renders import HARE, TORTOISE, a_character, a_content, a_frozen_shot


def test_a_cast_without_a_usable_picture_is_told_with_shot_and_id() -> None:
    pictureless = replace(a_character(), cut_outs=())

    with pytest.raises(CharacterNotReady, match=rf"Shot 2 casts 'Hare' \(character_{HARE}\)"):
        require_ready([pictureless], [a_frozen_shot(1, a_content(cast=())), a_frozen_shot(2)])


def test_a_cast_member_who_was_deleted_is_told_with_shot_and_id() -> None:
    both = a_content(cast=(CastMember(HARE), CastMember(TORTOISE)))

    with pytest.raises(CharacterNotReady, match=f"Shot 3 casts character_{TORTOISE}, who was deleted"):
        require_ready([a_character()], [a_frozen_shot(3, both)])
