"""What the clapper's board says."""

from gpu_worker.pipelines.finishing.slate import title_lines


def test_a_title_of_two_lines_is_whole() -> None:
    assert title_lines("The Hare and the Tortoise", 16, len) == ["The Hare and the", "Tortoise"]


def test_a_longer_title_says_that_there_is_more() -> None:
    assert title_lines("The Hare and the Tortoise and all their friends", 16, len) == [
        "The Hare and the",
        "Tortoise and al…",
    ]


def test_a_board_without_a_title_is_left_blank() -> None:
    assert title_lines("", 16, len) == []
