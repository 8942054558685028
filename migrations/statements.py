"""Running the plain SQL files of a revision, statement by statement, as the driver wants it."""

import re
from pathlib import Path

from alembic import op


def run_file(path: Path) -> None:
    for statement in path.read_text().split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def run_definitions(path: Path) -> None:
    """Run functions and triggers, whose bodies have semicolons: each starts with `create` in the first column."""
    for definition in re.split(r"^(?=create )", path.read_text(), flags=re.MULTILINE)[1:]:
        op.get_bind().exec_driver_sql(definition)


def definition_of(path: Path, name: str) -> str:
    """Answer how the file defines one function, for a later revision that is undone."""
    definitions = re.split(r"^(?=create )", path.read_text(), flags=re.MULTILINE)[1:]
    return next(each for each in definitions if re.match(rf"create (or replace )?function {name}\(", each))
