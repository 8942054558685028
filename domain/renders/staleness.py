"""Why a shot would be filmed again: what changed since the latest render of its storyboard."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from domain.renders.planning import Order
from domain.renders.snapshot import FrozenCharacter


class StaleReason(StrEnum):
    """One thing that makes a shot's last take no longer its own."""

    NEW_SHOT = "new_shot"
    ACTION_CHANGED = "action_changed"
    CAST_CHANGED = "cast_changed"
    SETTING_CHANGED = "setting_changed"
    DIALOGUE_CHANGED = "dialogue_changed"
    CAMERA_CHANGED = "camera_changed"
    LENGTH_CHANGED = "length_changed"
    IDENTITY_CHANGED = "identity_changed"
    APPEARANCE_CHANGED = "appearance_changed"
    ADAPTER_CHANGED = "adapter_changed"
    STYLE_CHANGED = "style_changed"
    SETTINGS_CHANGED = "settings_changed"
    SLATE_CHANGED = "slate_changed"
    ENGINE_CHANGED = "engine_changed"
    NOT_FILMED = "not_filmed"
    REFUSED_BY_GATE = "refused_by_gate"


def stale_reasons(now: Order, before: Order | None) -> tuple[StaleReason, ...]:
    """What of the shot, its cast or the render's settings differs; NOT_FILMED where nothing does.

    Meant for a shot that is known to be stale: a difference is a reason, not yet a proof.
    """
    if before is None:
        return (StaleReason.NEW_SHOT,)
    found = (*_shot_reasons(now, before), *_render_reasons(now, before))
    return found or (StaleReason.NOT_FILMED,)


def _shot_reasons(now: Order, before: Order) -> list[StaleReason]:
    a, b = now.content, before.content
    changed = {
        StaleReason.ACTION_CHANGED: (a.action, a.prompt) != (b.action, b.prompt),
        StaleReason.CAST_CHANGED: (a.cast, a.extras) != (b.cast, b.extras),
        StaleReason.SETTING_CHANGED: a.setting != b.setting,
        StaleReason.DIALOGUE_CHANGED: (a.dialogue, a.narration) != (b.dialogue, b.narration),
        StaleReason.CAMERA_CHANGED: (a.size, a.move, a.transition) != (b.size, b.move, b.transition),
        StaleReason.LENGTH_CHANGED: a.seconds != b.seconds,
        StaleReason.IDENTITY_CHANGED: _differs(now, before, lambda each: replace(each, appearance="", adapter=None)),
        StaleReason.APPEARANCE_CHANGED: _differs(now, before, lambda each: each.appearance),
        StaleReason.ADAPTER_CHANGED: _differs(now, before, lambda each: each.adapter),
    }
    return [reason for reason, is_changed in changed.items() if is_changed]


def _differs(now: Order, before: Order, look: Callable[[FrozenCharacter], object]) -> bool:
    """Whether somebody who was cast in the render before, in this shot or another, looks otherwise in that way."""
    known = {character.character_id: look(character) for character in before.render.snapshot.cast}
    return any(known.get(each.character_id, look(each)) != look(each) for each in now.cast)


def _render_reasons(now: Order, before: Order) -> list[StaleReason]:
    a, b = now.render, before.render
    changed = {
        StaleReason.STYLE_CHANGED: (a.snapshot.style, a.snapshot.language) != (b.snapshot.style, b.snapshot.language),
        StaleReason.SETTINGS_CHANGED: _picture_settings(now) != _picture_settings(before),
        StaleReason.SLATE_CHANGED: _slate(now) != _slate(before),
        StaleReason.ENGINE_CHANGED: _engine(now) != _engine(before),
    }
    return [reason for reason, is_changed in changed.items() if is_changed]


def _picture_settings(order: Order) -> tuple[object, ...]:
    settings = order.render.settings
    return (
        settings.frame,
        settings.frames_per_second,
        settings.are_captions_burnt_in,
        settings.rerolls_max,
        settings.identity_policy,
        order.render.seed,
    )


def _slate(order: Order) -> tuple[object, ...] | None:
    snapshot = order.render.snapshot
    return (snapshot.title, snapshot.shots_total, order.shot.number) if order.render.settings.has_slate else None


def _engine(order: Order) -> tuple[str, str]:
    return order.render.settings.engine, order.render.snapshot.engine_version
