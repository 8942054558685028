"""Which settings a command works with: those that were given, or those of the embedded stack of a folder."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bootstrap.embedded import EmbeddedStack
from bootstrap.running import find_running
from bootstrap.settings import Settings, load_settings

Folder = Annotated[Path, typer.Option("--folder", help="Where the embedded stack keeps its data.")]
LAB_FOLDER = Path(".lab")


def is_configured() -> bool:
    """Tell whether settings were given; without any, commands work on the embedded stack."""
    return "LAB_DATABASE__URL" in os.environ or Path(os.environ.get("LAB_CONFIG", "lab.toml")).exists()


@contextmanager
def settings_in_use(folder: Path) -> Generator[Settings]:
    """Answer the given settings, or those of the embedded stack: the running one, or one started meanwhile."""
    running = find_running(folder)
    if is_configured():
        yield load_settings()
    elif running is not None:
        yield load_settings(running.environment)
    else:
        with EmbeddedStack(folder) as stack:
            yield load_settings(stack.environment())
