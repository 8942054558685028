from dataclasses import replace

import pytest

from domain.renders.digests import TakeDigests
from domain.renders.planning import Order
from domain.renders.staleness import StaleReason, stale_reasons
from domain.storyboards.models import CameraMove, CastMember, DialogueLine, Setting, ShotContent
from tests.builders_renders import (
    SMALL,
    TORTOISE,
    a_character,
    a_content,
    a_frozen_shot,
    a_render,
    a_snapshot,
    an_adapter,
    an_order,
)

R = StaleReason


def test_a_shot_that_no_render_knows_is_new() -> None:
    assert stale_reasons(an_order(), None) == (R.NEW_SHOT,)


EDITS = {
    R.ACTION_CHANGED: a_content("The hare sleeps."),
    R.CAST_CHANGED: a_content(cast=(CastMember(TORTOISE),)),
    R.SETTING_CHANGED: a_content(setting=Setting("The road")),
    R.DIALOGUE_CHANGED: a_content(dialogue=(DialogueLine("Slow!", "Hare"),)),
    R.CAMERA_CHANGED: a_content(move=CameraMove.TILT_UP),
    R.LENGTH_CHANGED: a_content(seconds=5.0),
}


@pytest.mark.parametrize(("reason", "content"), EDITS.items())
def test_an_edit_is_named(reason: StaleReason, content: ShotContent) -> None:
    assert stale_reasons(an_order(content), an_order()) == (reason,)


def test_extras_are_of_the_cast() -> None:
    assert stale_reasons(an_order(a_content(extras=True)), an_order()) == (R.CAST_CHANGED,)


def test_two_edits_are_both_named() -> None:
    assert stale_reasons(an_order(a_content("Sleeps.", seconds=5.0)), an_order()) == (
        R.ACTION_CHANGED,
        R.LENGTH_CHANGED,
    )


def test_new_pictures_of_the_cast_are_a_changed_identity() -> None:
    hare = replace(a_character(), cut_outs=())
    now = a_render(snapshot=a_snapshot([hare]))
    assert stale_reasons(Order(now, a_frozen_shot()), an_order()) == (R.IDENTITY_CHANGED,)


def test_a_new_adapter_makes_the_shots_of_its_character_stale_and_no_others() -> None:
    hare = replace(a_character(), adapter=an_adapter())
    now = a_render(snapshot=a_snapshot([hare, a_character(TORTOISE, "Tortoise")]))
    assert stale_reasons(Order(now, a_frozen_shot()), an_order()) == (R.ADAPTER_CHANGED,)
    alone = a_frozen_shot(content=a_content(cast=(CastMember(TORTOISE),)))
    before = Order(a_render(), alone)
    assert stale_reasons(Order(now, alone), before) == (R.NOT_FILMED,)
    assert TakeDigests.of(Order(now, alone), 1) == TakeDigests.of(before, 1)
    assert not set(TakeDigests.of(Order(now, a_frozen_shot()), 1).all) & set(TakeDigests.of(an_order(), 1).all)


def test_settings_engine_and_style_are_named() -> None:
    snapshot = replace(a_snapshot(), style="ink", engine_version="2")
    now = a_render(replace(SMALL, frames_per_second=24), snapshot=snapshot)
    assert stale_reasons(Order(now, a_frozen_shot()), an_order()) == (
        R.STYLE_CHANGED,
        R.SETTINGS_CHANGED,
        R.ENGINE_CHANGED,
    )


def test_a_slate_makes_the_number_count() -> None:
    slated = a_render(replace(SMALL, has_slate=True))
    now = Order(slated, replace(a_frozen_shot(), number=2))
    assert stale_reasons(now, Order(slated, a_frozen_shot())) == (R.SLATE_CHANGED,)
    assert stale_reasons(an_order(number=1), an_order(number=1)) == (R.NOT_FILMED,)
