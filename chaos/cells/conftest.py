"""One lab for all cells, and the list of those that cannot be."""

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaos.cells.stage import Stage, open_stage
from chaos.cells.table import ABSENT, CELLS, MATRIX


@pytest.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    with TemporaryDirectory(prefix="lab-cells-") as folder:
        async with open_stage(Path(folder)) as opened:
            yield opened


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many cells there are, and why the others are not."""
    say = terminalreporter.write_line
    say(f"{len(CELLS)} cells of {len(MATRIX)}; not there:")
    for word, reason in ABSENT.items():
        absent = [cell.name for cell in MATRIX if cell.word == word]
        say(f"  {len(absent):3} {reason} {' '.join(absent)}")
