"""Running the plain SQL file of a revision, statement by statement, as the driver wants it."""

from pathlib import Path

from alembic import op


def run_file(path: Path) -> None:
    for statement in path.read_text().split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
