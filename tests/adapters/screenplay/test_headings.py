"""Headings of prose and of scenes, and the sentences that look like them: nothing that happens is lost."""

import pytest

from tests.builders_scripts import board, spoken


def told(story: str, *names: str) -> list[str]:
    return [shot.narration for shot in board(story, *names)]


@pytest.mark.parametrize(
    ("story", "narrations"),
    [
        (
            "# The Race\nA hare runs through the meadow.\n\nThey meet at the goal.",
            ["A hare runs through the meadow.", "They meet at the goal."],
        ),
        ("Chapter 1\nThe hare ran home.", ["The hare ran home."]),
        ("Chapter 1: The Race\nThe hare ran home.", ["The hare ran home."]),
        ("CHAPTER XC\nTHE RACE\nThe hare ran home.", ["The hare ran home."]),
        ("Kapitel elf\nThe hare ran home.", ["The hare ran home."]),
        ("Chapitre onze\nThe hare ran home.", ["The hare ran home."]),
        ("Chapter Forty-Two\nThe hare ran home.", ["The hare ran home."]),
        ("Chapter 1. The hare ran home.", ["The hare ran home."]),
        ("第一章 小兔子\n从前有一只小兔子。\n他住在森林里。", ["从前有一只小兔子。他住在森林里。"]),
        ("第一章小兔子\n从前有一只小兔子。", ["从前有一只小兔子。"]),
        ("第1章\n从前有一只小兔子。\n第2章\n他住在森林里。", ["从前有一只小兔子。", "他住在森林里。"]),
        ("第一章 从前有一只小兔子。他住在森林里。", ["从前有一只小兔子。他住在森林里。"]),
        ("The hare ran home.\n# The Race\nThe tortoise slept.", ["The hare ran home.", "The tortoise slept."]),
    ],
)
def test_below_a_heading_the_story_begins(story: str, narrations: list[str]) -> None:
    assert told(story) == narrations


@pytest.mark.parametrize(
    "story",
    [
        "第二天是春节，大家都很高兴。",
        "第二回合开始了，小明跑了。",
        "第三章讲的是小明的故事。",
        "第一节车厢里坐着小明。",
        "Chapter by chapter the hare read the book.",
        "The hare read all of it before\nChapter 3, and slept.",
        "Chapter one was long, so the hare slept.",
        "小明去看了NBA",
    ],
)
def test_a_sentence_that_begins_like_a_heading_is_told(story: str) -> None:
    assert " ".join(told(story, "小明")) == story.replace("\n", " ")


@pytest.mark.parametrize(
    ("story", "name", "words"),
    [
        ("第二天，广场上人山人海。\n\n小明说：“你好！”", "小明", "你好！"),
        ("第一场雪下了。\n\n小明说：“你好！”", "小明", "你好！"),
        ("第二天晚上开幕了，外景很美。\n\n小明说：“你好！”", "小明", "你好！"),
        ("外景很美，场景很美：山上有雪。\n\n小明说：“你好！”", "小明", "你好！"),
        ("Anna looked at the strange\nscene before him. Peter said, “Stop!”", "Peter", "Stop!"),
        ("It was a copy of\nScene 3. Peter said, “Stop!”", "Peter", "Stop!"),
    ],
)
def test_one_line_makes_no_screenplay_of_a_story(story: str, name: str, words: str) -> None:
    assert spoken(board(story, name)) == [(name, words)]


@pytest.mark.parametrize(
    ("play", "narrations"),
    [
        ("Scene 1: The forest\n\nAna walks.", ["The forest", "Ana walks."]),
        ("SCENE 12A - The forest\n\nAna walks.", ["The forest", "Ana walks."]),
        ("Escena primera. El bosque\n\nAna camina.", ["El bosque", "Ana camina."]),
        ("第一场 森林 夜\n\n小明走进来。", ["森林", "小明走进来。"]),
        ("第一幕第二场：森林\n\n小明走进来。", ["森林", "小明走进来。"]),
        ("场景一：森林\n\n小明走进来。", ["森林", "小明走进来。"]),
        ("外景 森林 日\n\n小明走进来。", ["森林", "小明走进来。"]),
        ("第1场、森林\n\n小明走进来。", ["森林", "小明走进来。"]),
        ("第1场·森林\n\n小明走进来。", ["森林", "小明走进来。"]),
        ("内景，森林，日\n\n小明走进来。", ["森林", "小明走进来。"]),
        ("SCÈNE DERNIÈRE. La forêt\n\nAna marche.", ["La forêt", "Ana marche."]),
        ("scene 1\n\nAna walks.\n\nscene 2\n\nAna “the brave” runs.", ["Ana walks.", "Ana “the brave” runs."]),
    ],
)
def test_a_numbered_heading_of_a_scene_is_read(play: str, narrations: list[str]) -> None:
    assert told(play, "Ana", "小明") == narrations


def test_one_heading_and_one_cue_make_a_screenplay() -> None:
    assert spoken(board("Scene 1\n\nANA\n“Stop!” he said, so I ran.", "Ana")) == [("Ana", "“Stop!” he said, so I ran.")]
