"""The four scripts as storyboards: facts that a director would check."""

from itertools import pairwise

import pytest

from domain.storyboards.models import CameraMove, Scenery, ShotContent, ShotSize, TimeOfDay, Transition
from tests.builders_scripts import board, cast_of, script, spoken

PETER = ("Peter Rabbit", "Mr. McGregor", "Old Mrs. Rabbit")
BOARDS = {
    "peter_rabbit.txt": PETER,
    "tortoise.txt": ("The Hare", "Tortoise"),
    "hamlet.txt": ("Bernardo", "Francisco", "Horatio", "Marcellus"),
    "yugong.txt": ("愚公", "智叟"),
}


def shot_with(shots: list[ShotContent], words: str) -> ShotContent:
    return next(shot for shot in shots if words in shot.narration + "".join(line.text for line in shot.dialogue))


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_keeps_film_grammar(name: str) -> None:
    shots = board(script(name), *BOARDS[name])

    assert shots[0].transition is Transition.FADE
    assert shots[0].size in (ShotSize.EXTREME_WIDE, ShotSize.WIDE)
    sizes = [shot.size for shot in shots]
    assert all(len({*three}) > 1 for three in zip(sizes, sizes[1:], sizes[2:], strict=False))
    assert all(2.0 <= shot.seconds <= 10.0 for shot in shots)
    moving = sum(shot.move is not CameraMove.STATIC for shot in shots)
    assert 0 < moving <= len(shots) * 0.6
    assert all(shot.narration or shot.dialogue for shot in shots)


@pytest.mark.parametrize("name", BOARDS)
def test_the_same_script_gives_the_same_board(name: str) -> None:
    assert board(script(name), *BOARDS[name]) == board(script(name), *BOARDS[name])


@pytest.mark.parametrize("name", ["peter_rabbit.txt", "tortoise.txt", "yugong.txt"])
def test_no_words_of_a_story_are_lost(name: str) -> None:
    text = script(name)
    shots = board(text, *BOARDS[name])

    told = " ".join(shot.narration + shot.action + "".join(line.text for line in shot.dialogue) for shot in shots)
    letters = [letter for letter in told if letter.isalpha()]
    assert set(filter(str.isalpha, text)) <= set(letters)
    assert len(letters) >= sum(map(str.isalpha, text))


def test_peter_rabbit_is_spoken_by_the_right_animals() -> None:
    lines = spoken(board(script("peter_rabbit.txt"), *PETER))

    assert {speaker for speaker, _ in lines[:-1]} == {"Old Mrs. Rabbit"}
    assert lines[-1] == ("Mr. McGregor", "Stop thief!")


def test_peter_rabbit_is_in_the_garden_when_he_meets_mr_mcgregor() -> None:
    shots = board(script("peter_rabbit.txt"), *PETER)

    meeting = shot_with(shots, "whom should he meet")
    assert meeting.setting.scenery is Scenery.GARDEN
    assert cast_of(meeting, *PETER) == {"Peter Rabbit", "Mr. McGregor"}
    assert cast_of(shot_with(shots, "ran straight away to Mr. McGregor's garden"), *PETER) == {"Peter Rabbit"}
    assert cast_of(shot_with(shots, "She bought a loaf"), *PETER) == {"Old Mrs. Rabbit"}
    assert cast_of(shot_with(shots, "ran after Peter"), *PETER) == {"Peter Rabbit", "Mr. McGregor"}
    assert cast_of(shot_with(shots, "He lost one of his shoes"), *PETER) == {"Peter Rabbit"}


def test_a_shout_is_a_close_up_and_a_chase_is_handheld() -> None:
    shots = board(script("peter_rabbit.txt"), *PETER)

    assert shot_with(shots, "Stop thief!").size is ShotSize.CLOSE_UP
    assert shot_with(shots, "ran after Peter").move is CameraMove.HANDHELD


def test_another_place_comes_with_a_dissolve() -> None:
    shots = board(script("peter_rabbit.txt"), *PETER)

    changes = [later for one, later in pairwise(shots) if one.setting.scenery is not later.setting.scenery]
    assert [shot.setting.scenery for shot in changes] == [Scenery.ROAD, Scenery.GARDEN]
    assert all(shot.transition is Transition.DISSOLVE for shot in changes)


def test_the_hare_asks_and_the_tortoise_answers() -> None:
    lines = spoken(board(script("tortoise.txt"), "The Hare", "Tortoise"))

    assert lines == [
        ("The Hare", "Do you ever get anywhere?"),
        ("Tortoise", "Yes, and I get there sooner than you think. I'll run you a race and prove it."),
    ]


def test_he_is_the_hare_who_lies_down_and_not_the_tortoise() -> None:
    shots = board(script("tortoise.txt"), "The Hare", "Tortoise")

    assert "The Hare" in cast_of(shot_with(shots, "he lay down beside the course"), "The Hare")
    assert "Tortoise" in cast_of(shot_with(shots, "passed the place"), "Tortoise")
    assert cast_of(shot_with(shots, "slept on"), "The Hare", "Tortoise") == {"The Hare"}


def test_hamlet_opens_on_the_castle_at_night() -> None:
    shots = board(script("hamlet.txt"), *BOARDS["hamlet.txt"])

    assert shots[0].size is ShotSize.EXTREME_WIDE
    assert shots[0].narration == "Elsinore. A platform before the castle"
    assert {(shot.setting.scenery, shot.setting.time_of_day) for shot in shots} == {(Scenery.CASTLE, TimeOfDay.NIGHT)}


def test_hamlet_is_spoken_in_turn() -> None:
    lines = spoken(board(script("hamlet.txt"), *BOARDS["hamlet.txt"]))

    assert len(lines) == 14
    assert lines[:4] == [
        ("Bernardo", "Who's there?"),
        ("Francisco", "Nay, answer me: stand, and unfold yourself."),
        ("Bernardo", "Long live the king!"),
        ("Francisco", "Bernardo?"),
    ]
    assert lines[-2:] == [("Horatio", "Friends to this ground."), ("Marcellus", "And liegemen to the Dane.")]


def test_each_side_of_a_talk_stays_on_its_side() -> None:
    shots = board(script("hamlet.txt"), "Bernardo", "Francisco")

    sides = {(member.character_id, member.placement) for shot in shots[1:13] for member in shot.cast}
    assert len(sides) == 2


def test_the_foolish_old_man_answers_the_wise_one() -> None:
    shots = board(script("yugong.txt"), "愚公", "智叟")

    speakers = [speaker for speaker, _ in spoken(shots)]
    assert speakers == ["愚公", "其妻", "众人", "智叟", "愚公", "愚公"]
    assert shots[0].setting.scenery is Scenery.MOUNTAINS
    assert cast_of(shot_with(shots, "遂率子孙"), "愚公", "智叟") == {"愚公"}
    assert cast_of(shot_with(shots, "帝感其诚"), "愚公", "智叟") == set()


def test_a_stranger_is_not_taken_for_the_cast() -> None:
    shots = board(script("peter_rabbit.txt"), "Peter", "Mrs. Rabbit")

    assert cast_of(shot_with(shots, "on his hands and knees"), "Peter", "Mrs. Rabbit") == set()
    shout = shot_with(shots, "Stop thief!")
    assert (shout.dialogue[0].speaker, shout.dialogue[0].character_id) == ("Mr. McGregor", None)
    assert cast_of(shout, "Peter", "Mrs. Rabbit") == {"Peter"}


def test_each_old_man_keeps_his_side_of_the_quarrel() -> None:
    shots = board(script("yugong.txt"), "愚公", "智叟")

    quarrel = [shot for shot in shots[8:11] if shot.dialogue]
    assert len({(member.character_id, member.placement) for shot in quarrel for member in shot.cast}) == 2
