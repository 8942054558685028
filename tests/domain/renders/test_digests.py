"""What a digest covers, and what it must not."""

from dataclasses import replace

import pytest

from domain.renders.digests import TakeDigests, digest_of, film_digest
from domain.renders.models import Render
from domain.renders.planning import Order
from domain.renders.settings import Aspect, Detail, IdentityPolicy, RenderSettings
from domain.renders.snapshot import CutOut, FrozenCharacter
from domain.storyboards.models import CameraMove, CastMember, DialogueLine, Setting, ShotContent, Weather
from tests.builders_renders import (
    ANIMATIC,
    HARE,
    SMALL,
    TORTOISE,
    a_character,
    a_content,
    a_frozen_shot,
    a_render,
    a_snapshot,
)
from tests.builders_renders import an_order as order

PLAIN = TakeDigests.of(order(), 1)


def digests(content: ShotContent, settings: RenderSettings = SMALL) -> TakeDigests:
    return TakeDigests.of(order(content, render=a_render(settings)), 1)


def test_the_same_order_has_the_same_digests() -> None:
    assert TakeDigests.of(order(a_content()), 1) == PLAIN


def test_canonical_json_does_not_see_the_order_of_keys() -> None:
    assert digest_of({"a": 1, "b": "ü"}) == digest_of({"b": "ü", "a": 1})


CONTENTS = {
    "action": a_content("The hare sleeps."),
    "cast": a_content(cast=(CastMember(TORTOISE),)),
    "setting": a_content(setting=Setting("The meadow", weather=Weather.RAIN)),
    "move": a_content(move=CameraMove.PAN_LEFT),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_what_is_seen_shapes_keyframe_and_clip(content: ShotContent) -> None:
    changed = digests(content)
    assert changed.keyframe != PLAIN.keyframe
    assert changed.clip != PLAIN.clip


SOUNDS = {
    "dialogue": a_content(dialogue=(DialogueLine("You are very slow!", "Hare", HARE),)),
    "narration": a_content(narration="It was noon."),
    "seconds": a_content(seconds=3.5),
}


@pytest.mark.parametrize("content", SOUNDS.values(), ids=SOUNDS.keys())
def test_words_and_length_shape_the_clip_alone(content: ShotContent) -> None:
    changed = digests(content)
    assert changed.keyframe == PLAIN.keyframe
    assert changed.clip != PLAIN.clip
    assert changed.clip_judgement != PLAIN.clip_judgement


def test_one_shots_words_do_not_touch_another_shot() -> None:
    render = a_render()
    other = TakeDigests.of(Order(render, a_frozen_shot(2)), 1)
    TakeDigests.of(Order(render, a_frozen_shot(1, a_content(dialogue=()))), 1)
    assert TakeDigests.of(Order(a_render(), a_frozen_shot(2)), 1) == other


def test_place_in_the_order_and_title_count_only_on_a_slate() -> None:
    moved = replace(a_frozen_shot(1), number=9)
    plain, slated = a_render(), a_render(replace(SMALL, has_slate=True))
    assert TakeDigests.of(Order(plain, moved), 1) == PLAIN
    assert TakeDigests.of(Order(slated, moved), 1).clip != TakeDigests.of(Order(slated, a_frozen_shot(1)), 1).clip
    retitled = replace(plain, snapshot=replace(a_snapshot(shots_total=8), title="Another"))
    assert TakeDigests.of(Order(retitled, a_frozen_shot(1)), 1) == PLAIN


SETTINGS = {
    "aspect": replace(SMALL, aspect=Aspect.TALL),
    "detail": replace(SMALL, detail=Detail.P720),
    "seed": replace(SMALL, seed=8),
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_frame_and_seed_shape_everything(settings: RenderSettings) -> None:
    assert digests(a_content(), settings).keyframe != PLAIN.keyframe


def test_captions_and_speed_shape_the_clip_alone() -> None:
    for settings in (replace(SMALL, frames_per_second=24), replace(SMALL, are_captions_burnt_in=False)):
        changed = digests(a_content(), settings)
        assert changed.keyframe == PLAIN.keyframe
        assert changed.clip != PLAIN.clip


def test_policy_and_number_of_rerolls_shape_no_picture() -> None:
    settings = replace(SMALL, identity_policy=IdentityPolicy.STRICT, rerolls_max=5)
    assert digests(a_content(), settings) == PLAIN


def with_hare(hare: FrozenCharacter) -> Render:
    return a_render(snapshot=a_snapshot([hare, a_character(TORTOISE, "Tortoise")]))


def test_other_pixels_of_a_character_shape_everything() -> None:
    hare = a_character()
    changed = with_hare(replace(hare, cut_outs=(CutOut(hare.cut_outs[0].object_id, "f" * 64),)))
    assert TakeDigests.of(order(render=changed), 1).keyframe != PLAIN.keyframe


def test_extras_shape_the_judgements_alone() -> None:
    changed = digests(a_content(extras=True))
    assert (changed.keyframe, changed.clip) == (PLAIN.keyframe, PLAIN.clip)
    assert changed.keyframe_judgement != PLAIN.keyframe_judgement
    assert changed.clip_judgement != PLAIN.clip_judgement


def test_another_threshold_shapes_the_judgement_alone() -> None:
    hare = a_character()
    assert hare.identity is not None
    changed = TakeDigests.of(order(render=with_hare(replace(hare, identity=replace(hare.identity, threshold=0.6)))), 1)
    assert changed.keyframe == PLAIN.keyframe
    assert changed.keyframe_judgement != PLAIN.keyframe_judgement


def test_a_change_of_somebody_not_in_the_shot_changes_nothing() -> None:
    tortoise = replace(a_character(TORTOISE, "Tortoise"), cut_outs=(CutOut(a_character().cut_outs[0].object_id, "f"),))
    assert TakeDigests.of(order(render=a_render(snapshot=a_snapshot([a_character(), tortoise]))), 1) == PLAIN


def test_engine_version_and_take_number_shape_everything() -> None:
    newer = a_render(snapshot=replace(a_snapshot(), engine_version="2"))
    assert TakeDigests.of(order(render=newer), 1).keyframe != PLAIN.keyframe
    assert TakeDigests.of(order(), 2).keyframe != PLAIN.keyframe


def test_a_film_is_its_clips_in_order_and_its_captions() -> None:
    film = film_digest(["a", "b"], captions="WEBVTT")
    assert film == film_digest(("a", "b"), captions="WEBVTT")
    assert film != film_digest(["b", "a"], captions="WEBVTT")
    assert film != film_digest(["a", "b"], captions="")


def test_the_digests_of_every_take_of_an_engine_without_further_rungs_stay_as_they_were() -> None:
    """What was filmed before ladders had rungs is still found: these were written down then."""
    kept = {1: "68899cf6117b4cbc", 2: "f2c9acafd8e73432", 3: "6a22661e5a453922"}
    for number, digest in kept.items():
        rung = ANIMATIC.ladder.rung_at(number - 1)
        assert TakeDigests.of(Order(a_render(), a_frozen_shot(), rung), number).keyframe.startswith(digest)
