"""Which settings a command works with: those that were given, or those of the embedded stack of a folder."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bootstrap.embedded import EmbeddedStack
from bootstrap.given import given_settings
from bootstrap.settings import Settings, load_settings
from bootstrap.sharing import folder_in_use

Folder = Annotated[Path, typer.Option("--folder", help="Where the embedded stack keeps its data.")]
LAB_FOLDER = Path(".lab")


def is_configured() -> bool:
    """Tell whether settings were given; without any, commands work on the embedded stack."""
    return "LAB_DATABASE__URL" in os.environ or Path(os.environ.get("LAB_CONFIG", "lab.toml")).exists()


@contextmanager
def settings_in_use(folder: Path) -> Generator[Settings]:
    """Answer the given settings, or those of the embedded stack: the running one, or one started meanwhile."""
    if is_configured():
        yield load_settings()
    else:
        with embedded_environment(folder) as environment:
            yield load_settings(environment)


@contextmanager
def embedded_environment(folder: Path) -> Generator[Mapping[str, str]]:
    """Answer the settings of the lab of the folder, whose database is at the newest schema while the block runs.

    They are those of the running lab, or those that `lab up` would start it with. Raises FolderTaken where another
    command keeps the folder to itself.
    """
    with folder_in_use(folder) as use:
        if use.running is not None:
            yield use.running.environment
        else:
            with EmbeddedStack(folder, lock=use.lock) as stack:
                yield given_settings(os.environ) | stack.environment()
