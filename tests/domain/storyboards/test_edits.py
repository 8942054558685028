"""Edits are pure functions from shots to shots."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.identifiers import CharacterId, ShotId
from domain.storyboards import edits
from domain.storyboards.errors import ShotNotDivisible, ShotNotFound, TooManyShots
from domain.storyboards.models import (
    CAST_IN_SHOT_MAX,
    SHOT_SECONDS_MAX,
    SHOTS_MAX,
    CastMember,
    DialogueLine,
    ShotContent,
    Transition,
)
from tests.builders_storyboards import numbers, shot, shots

STRANGER = ShotId(UUID(int=99))


@pytest.mark.parametrize(("position", "order"), [(None, [1, 2, 9]), (1, [9, 1, 2]), (2, [1, 9, 2]), (3, [1, 2, 9])])
def test_a_shot_is_inserted_at_its_position(position: int | None, order: list[int]) -> None:
    assert numbers(edits.insert_shot(shots(2), shot(9), position=position)) == order


@pytest.mark.parametrize("position", [0, -1, 4])
def test_a_position_outside_the_storyboard_is_refused(position: int) -> None:
    with pytest.raises(Invalid):
        edits.insert_shot(shots(2), shot(9), position=position)


def test_a_full_storyboard_takes_no_more_shots() -> None:
    with pytest.raises(TooManyShots):
        edits.insert_shot(shots(SHOTS_MAX), shot(SHOTS_MAX + 1))


@pytest.mark.parametrize(("position", "order"), [(1, [2, 1, 3]), (2, [1, 2, 3]), (3, [1, 3, 2])])
def test_a_moved_shot_stands_where_it_was_asked_to(position: int, order: list[int]) -> None:
    assert numbers(edits.move_shot(shots(3), shot(2).id, position=position)) == order


def test_a_deleted_shot_is_gone_and_an_updated_one_stays_itself() -> None:
    changed = ShotContent(action="Changed.")

    assert numbers(edits.delete_shot(shots(3), shot(2).id)) == [1, 3]
    assert edits.update_shot(shots(3), shot(2).id, changed)[1] == replace(shot(2), content=changed)


def test_a_shot_that_is_not_there_is_not_found() -> None:
    with pytest.raises(ShotNotFound):
        edits.delete_shot(shots(3), STRANGER)
    with pytest.raises(ShotNotFound):
        edits.move_shot(shots(3), STRANGER, position=1)


def test_a_split_shares_words_and_seconds_where_they_are_read() -> None:
    whole = shot(1, seconds=6.0, narration="He ran and ran until he fell.")

    first, second = edits.split_shot((whole,), whole.id, new_id=STRANGER)

    assert (first.id, second.id) == (whole.id, STRANGER)
    assert (first.content.seconds, second.content.seconds) == (3.0, 3.0)
    assert (first.content.narration, second.content.narration) == ("He ran and ran", "until he fell.")
    assert second.content.transition is Transition.CUT


def test_a_split_gives_each_line_of_dialogue_to_one_half() -> None:
    lines = tuple(DialogueLine(text, "Anna") for text in ("Who is there?", "Nobody.", "Come in, then."))
    whole = replace(shot(1), content=replace(shot(1, seconds=8.0).content, dialogue=lines))

    first, second = edits.split_shot((whole,), whole.id, new_id=STRANGER)

    assert first.content.dialogue + second.content.dialogue == lines
    assert first.content.dialogue
    assert second.content.dialogue


def test_a_single_chinese_line_is_cut_at_its_mark() -> None:
    line = DialogueLine("虽我之死，有子存焉；子又生孙。", "愚公")
    whole = replace(shot(1), content=replace(shot(1, seconds=6.0).content, dialogue=(line,)))

    first, second = edits.split_shot((whole,), whole.id, new_id=STRANGER)

    assert [half.content.dialogue[0].text for half in (first, second)] == ["虽我之死，", "有子存焉；子又生孙。"]


@pytest.mark.parametrize("moment", [0.0, 0.5, 3.5, 4.0, 9.0])
def test_a_half_shorter_than_a_second_is_refused(moment: float) -> None:
    with pytest.raises(ShotNotDivisible):
        edits.split_shot(shots(1), shot(1).id, new_id=STRANGER, at_seconds=moment)


@pytest.mark.parametrize("lines", [("Never!",), ("I shall never, never go there again.", "No.")])
def test_a_half_without_anything_to_film_is_refused(lines: tuple[str, ...]) -> None:
    spoken = ShotContent(action="", dialogue=tuple(DialogueLine(text) for text in lines), seconds=8.0)
    whole = replace(shot(1), content=spoken)

    with pytest.raises(ShotNotDivisible) as refused:
        edits.split_shot((whole,), whole.id, new_id=STRANGER, at_seconds=1.0)

    assert refused.value.field == "atSeconds"


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [("A girl.", "A hare.", "A girl. A hare."), ("A girl.", "", ""), ("", "A hare.", ""), ("", "", "")],
)
def test_a_merged_shot_has_a_prompt_only_where_both_had_one(first: str, second: str, merged: str) -> None:
    one, two = (
        replace(each, content=replace(each.content, prompt=prompt))
        for each, prompt in zip(shots(2), (first, second), strict=True)
    )

    assert edits.merge_shots((one, two), one.id)[0].content.prompt == merged


def test_merging_joins_words_cast_and_seconds_within_the_limits() -> None:
    cast = [CastMember(CharacterId(UUID(int=each))) for each in range(8)]
    one = replace(shot(1), content=replace(shot(1, seconds=15.0, narration="One.").content, cast=tuple(cast[:4])))
    two = replace(shot(2), content=replace(shot(2, seconds=15.0, narration="Two.").content, cast=tuple(cast[2:])))

    (merged,) = edits.merge_shots((one, two), one.id)

    assert (merged.id, merged.content.narration) == (one.id, "One. Two.")
    assert merged.content.seconds == SHOT_SECONDS_MAX
    assert merged.content.cast == tuple(cast[:CAST_IN_SHOT_MAX])
    assert merged.content.extras


def test_the_last_shot_has_nothing_to_merge_with() -> None:
    with pytest.raises(Invalid):
        edits.merge_shots(shots(2), shot(2).id)


def test_a_merged_shot_has_extras_only_where_some_are_seen() -> None:
    cast = tuple(CastMember(CharacterId(UUID(int=each))) for each in range(CAST_IN_SHOT_MAX))
    one, two = (replace(each, content=replace(each.content, cast=cast)) for each in shots(2))
    crowded = replace(two, content=replace(two.content, extras=True))

    assert [edits.merge_shots((one, other), one.id)[0].content.extras for other in (two, crowded)] == [False, True]


@given(st.integers(1, 8), st.data())
def test_moving_keeps_every_shot_once(count: int, data: st.DataObject) -> None:
    moved, position = data.draw(st.integers(1, count)), data.draw(st.integers(1, count))

    result = edits.move_shot(shots(count), shot(moved).id, position=position)

    assert sorted(numbers(result)) == list(range(1, count + 1))
    assert numbers(result)[position - 1] == moved


@given(st.floats(2.0, 20.0), st.text(max_size=60))
def test_splitting_and_merging_loses_no_time_and_no_words(seconds: float, words: str) -> None:
    whole = shot(1, seconds=seconds, narration=words.strip())

    halves = edits.split_shot((whole,), whole.id, new_id=STRANGER)
    (again,) = edits.merge_shots(halves, whole.id)

    assert again.content.seconds == pytest.approx(seconds)
    assert "".join(again.content.narration.split()) == "".join(words.split())
