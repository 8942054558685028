"""What the tests of the composition root share: none of them hears of a developer's own settings."""

import os

import pytest


@pytest.fixture(autouse=True)
def without_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("LAB_")]:
        monkeypatch.delenv(name)
