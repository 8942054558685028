"""Edits of a storyboard's shots: pure functions from shots to shots; a position counts from 1."""

from collections.abc import Sequence
from dataclasses import replace

from domain.errors import Invalid
from domain.identifiers import CharacterId, ShotId
from domain.storyboards.errors import ShotNotDivisible, ShotNotFound, TooManyShots
from domain.storyboards.models import (
    CAST_IN_SHOT_MAX,
    SHOT_SECONDS_MAX,
    SHOT_SECONDS_MIN,
    SHOTS_MAX,
    DialogueLine,
    Mood,
    Setting,
    Shot,
    ShotContent,
    Transition,
)

Shots = tuple[Shot, ...]
_SENTENCE_ENDS = "。！？；，、"


def insert_shot(shots: Shots, shot: Shot, *, position: int | None = None) -> Shots:
    """Put a shot at a position, at the end without one. Raises TooManyShots, Invalid."""
    if len(shots) >= SHOTS_MAX:
        raise TooManyShots(f"A storyboard holds at most {SHOTS_MAX} shots.")
    index = len(shots) if position is None else _index_at(position, last=len(shots) + 1)
    return (*shots[:index], shot, *shots[index:])


def update_shot(shots: Shots, shot_id: ShotId, content: ShotContent) -> Shots:
    """Give a shot new content; it stays the same shot. Raises ShotNotFound."""
    index = index_of(shots, shot_id)
    return (*shots[:index], replace(shots[index], content=content), *shots[index + 1 :])


def move_shot(shots: Shots, shot_id: ShotId, *, position: int) -> Shots:
    """Let a shot stand at a position of the result. Raises ShotNotFound, Invalid."""
    index = index_of(shots, shot_id)
    rest = (*shots[:index], *shots[index + 1 :])
    target = _index_at(position, last=len(shots))
    return (*rest[:target], shots[index], *rest[target:])


def delete_shot(shots: Shots, shot_id: ShotId) -> Shots:
    """Raises ShotNotFound."""
    index = index_of(shots, shot_id)
    return (*shots[:index], *shots[index + 1 :])


def split_shot(shots: Shots, shot_id: ShotId, *, new_id: ShotId, at_seconds: float | None = None) -> Shots:
    """Cut a shot in two at a moment, in the middle without one; words go to the half in which they are read.

    The first half stays the same shot. Raises ShotNotFound, ShotNotDivisible, TooManyShots.
    """
    index = index_of(shots, shot_id)
    whole = shots[index].content
    moment = whole.seconds / 2 if at_seconds is None else at_seconds
    if min(moment, whole.seconds - moment) < SHOT_SECONDS_MIN:
        raise ShotNotDivisible(f"Each half lasts at least {SHOT_SECONDS_MIN:.0f} second.", field="atSeconds")
    first, second = _halves(whole, moment)
    if first.is_empty or second.is_empty:
        raise ShotNotDivisible("Each half shows, tells or says something.", field="atSeconds")
    halved = update_shot(shots, shot_id, first)
    return insert_shot(halved, Shot(new_id, second), position=index + 2)


def merge_shots(shots: Shots, shot_id: ShotId) -> Shots:
    """Join a shot with the one after it; it keeps the first's camera and the words of both, up to 20 seconds.

    Of more than six cast members the first are shown by name, the others as extras. A prompt stays where both have one:
    alone, that of one shot would keep the other out of the picture.

    Raises ShotNotFound, Invalid when it is the last one.
    """
    index = index_of(shots, shot_id)
    if index + 1 >= len(shots):
        raise Invalid("There is no shot after this one to merge with.", field="shotId")
    merged = _joined(shots[index].content, shots[index + 1].content)
    return (*shots[:index], replace(shots[index], content=merged), *shots[index + 2 :])


def is_pictured_alike(before: ShotContent, after: ShotContent) -> bool:
    """Tell whether a prompt that was written for the one is true of the other: nobody and nothing seen has changed."""
    return _pictured(before) == _pictured(after)


def index_of(shots: Sequence[Shot], shot_id: ShotId) -> int:
    """Answer where a shot stands, from 0; raises ShotNotFound."""
    for index, shot in enumerate(shots):
        if shot.id == shot_id:
            return index
    raise ShotNotFound("There is no such shot in the storyboard.", field="shotId")


def _index_at(position: int, *, last: int) -> int:
    if not 1 <= position <= last:
        raise Invalid(f"A position is between 1 and {last}.", field="position")
    return position - 1


def _halves(whole: ShotContent, moment: float) -> tuple[ShotContent, ShotContent]:
    share = moment / whole.seconds
    before, after = _cut_dialogue(whole.dialogue, share)
    told, untold = _cut_text(whole.narration, share)
    first = replace(whole, seconds=moment, narration=told, dialogue=before)
    second = replace(whole, seconds=whole.seconds - moment, narration=untold, dialogue=after, transition=Transition.CUT)
    return first, second


def _cut_dialogue(
    lines: tuple[DialogueLine, ...], share: float
) -> tuple[tuple[DialogueLine, ...], tuple[DialogueLine, ...]]:
    """Give each line to the half in which its middle is spoken; a line alone is cut between words."""
    if len(lines) == 1:
        first, second = _cut_text(lines[0].text, share)
        halves = [(replace(lines[0], text=text),) if text else () for text in (first, second)]
        return halves[0], halves[1]
    total = sum(len(line.text) for line in lines)
    spoken, count = 0.0, 0
    for line in lines:
        if (spoken + len(line.text) / 2) >= total * share:
            break
        spoken += len(line.text)
        count += 1
    return lines[:count], lines[count:]


def _cut_text(text: str, share: float) -> tuple[str, str]:
    """Cut after the word, or the mark of a language without spaces, that is nearest to the share."""
    target = len(text) * share
    cuts = [index + 1 for index, letter in enumerate(text[:-1]) if letter.isspace() or letter in _SENTENCE_ENDS]
    if not cuts:
        return text, ""
    cut = min(cuts, key=lambda index: abs(index - target))
    return text[:cut].strip(), text[cut:].strip()


def _joined(first: ShotContent, second: ShotContent) -> ShotContent:
    cast = {member.character_id: member for member in (*second.cast, *first.cast)}
    order = dict.fromkeys(member.character_id for member in (*first.cast, *second.cast))
    return replace(
        first,
        action=_sentences(first.action, second.action),
        narration=_sentences(first.narration, second.narration),
        prompt=_sentences(first.prompt, second.prompt) if first.prompt and second.prompt else "",
        dialogue=first.dialogue + second.dialogue,
        cast=tuple(cast[character_id] for character_id in order)[:CAST_IN_SHOT_MAX],
        extras=first.extras or second.extras or len(order) > CAST_IN_SHOT_MAX,
        seconds=min(SHOT_SECONDS_MAX, first.seconds + second.seconds),
    )


def _pictured(content: ShotContent) -> tuple[str, frozenset[CharacterId], bool, Setting]:
    seen = frozenset(member.character_id for member in content.cast)
    return content.action, seen, content.extras, replace(content.setting, mood=Mood.NEUTRAL)


def _sentences(first: str, second: str) -> str:
    if not first or not second or first == second:
        return first or second
    joint = "" if first[-1] in _SENTENCE_ENDS else " "
    return f"{first}{joint}{second}"
