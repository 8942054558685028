"""At eighty columns the time is whole, titles are shortened but seen, and what wraps is indented."""

import re
from io import StringIO

from rich.cells import cell_len
from rich.console import Console

from bootstrap.screen import ShotBars, reasons_of_unused, shot_progress, takes_table, tell, tell_shot

CHINESE = "北山愚公者年且九十面山而居惩山北之塞出入之迂也聚室而谋曰吾与汝毕力平险"


def screen() -> tuple[Console, StringIO]:
    written = StringIO()
    return Console(file=written, width=80, force_terminal=False), written


def test_in_the_progress_table_the_time_is_whole_and_a_title_is_seen() -> None:
    console, written = screen()
    progress = shot_progress(console)
    bars = ShotBars(progress)
    bars.add({"id": "shot_1", "number": 1, "action": CHINESE})
    bars.add({"id": "shot_2", "number": 12, "action": "The [Fox] sees a bunch of grapes that hang from a vine."})
    bars.hear("ShotRerolled", {"shotNumber": 2})
    bars.move("shot_2", 0.5)

    console.print(progress.get_renderable())

    first, second = written.getvalue().splitlines()
    assert first.startswith("  1 北山愚公者年且九十")
    assert second.startswith(" 12 The [Fox] sees a bunch")
    assert "with another seed" in second
    for line in (first, second):
        assert "…" in line
        assert re.search(r" \d:\d\d:\d\d$", line)
        assert cell_len(line) == 80


def test_what_is_expected_of_the_film_is_shown_beneath_its_shots() -> None:
    console, written = screen()
    progress = shot_progress(console)
    bars = ShotBars(progress)
    bars.add({"id": "shot_1", "number": 1, "action": "The hare laughs."})
    for queue in ({"state": "NO_WORKER", "seconds": None}, {"state": "RUNNING", "seconds": 12.4}):
        told = {"state": queue["state"], "position": 0, "estimatedRemainingSeconds": queue["seconds"]}
        bars.tell({"shot": None, "event": None, "queue": told})

    console.print(progress.get_renderable())
    bars.close()

    assert "in about 12 s" in written.getvalue().splitlines()[1]
    assert len(progress.tasks) == 1


def test_a_line_of_the_storyboard_wraps_in_its_column() -> None:
    console, written = screen()
    cast = [{"character": {"name": "The Hare"}}, {"character": {"name": "The Tortoise"}}, {"character": None}]

    action = "The [b]Hare ran on and was soon far out of sight of them all."
    tell_shot(console, {"number": 3, "size": "EXTREME_WIDE", "seconds": 4.25, "action": action, "cast": cast})

    lines = [line.rstrip() for line in written.getvalue().splitlines()]
    assert len(lines) > 1
    assert lines[0].startswith("    3  extreme wide       4.2 s  The [b]Hare ran")
    assert all(line.startswith(" " * 33) and line[33] != " " for line in lines[1:])
    assert " ".join(line.strip() for line in lines).endswith("The Hare, The Tortoise")


def test_a_labelled_line_wraps_beside_its_label() -> None:
    console, written = screen()

    tell(console, "Cast:", "Mara, learned from 8 of 8 pictures (threshold 0.80 in builtin-effnet-lite0-m1@1)")

    first, second = written.getvalue().splitlines()
    assert first.startswith("Cast:       Mara, learned from 8")
    assert second.rstrip() == " " * 12 + "builtin-effnet-lite0-m1@1)"


def test_each_picture_that_was_not_used_is_told_with_the_reason() -> None:
    images = [
        {"id": "a", "position": 0, "state": "READY", "refusal": None, "duplicateOfId": None},
        {"id": "b", "position": 1, "state": "REFUSED", "refusal": "no subject", "duplicateOfId": None},
        {"id": "c", "position": 2, "state": "READY", "refusal": None, "duplicateOfId": "a"},
    ]
    assert list(reasons_of_unused(images)) == [
        "not used: picture 2, no subject",
        "not used: picture 3, it shows the same as picture 1",
    ]


def test_a_shot_that_did_not_pass_is_in_the_table() -> None:
    console, written = screen()
    shots = [{"number": 1, "seconds": 2.0, "takeNumber": 0, "take": None}]

    console.print(takes_table("A [film]", shots, frozenset({"MATCH"})))

    assert "A [film]" in written.getvalue()
    assert "none" in written.getvalue()


def test_a_preview_that_stays_is_counted_once() -> None:
    bars = ShotBars(shot_progress(screen()[0]))
    for shot_id in ("shot_1", "shot_2"):
        for preview in (None, "data:a", "data:a", "data:b"):
            shot = {"shotId": shot_id, "fraction": 0.5, "preview": preview}
            bars.tell({"shot": shot, "event": None, "queue": None})

    assert bars.previews_seen == 4
