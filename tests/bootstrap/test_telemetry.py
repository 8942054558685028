"""What the merged log of a lab leaves out."""

from bootstrap.telemetry import without_colours
from bootstrap.up import without_advice


def test_a_message_is_logged_once_and_without_colours() -> None:
    event = {"event": "Finished server process [7]", "color_message": "Finished \x1b[36m7\x1b[0m"}

    assert without_colours(None, "info", event) == {"event": "Finished server process [7]"}


def test_advice_about_the_machines_memory_is_left_out() -> None:
    told: list[str] = []
    on_line = without_advice(lambda _name, line: told.append(line))

    on_line("valkey", "# WARNING Memory overcommit must be enabled!")
    on_line("valkey", "# Out of disk")

    assert told == ["# Out of disk"]
