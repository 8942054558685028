"""The `lab` command line."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from adapters.postgres.migrations import migrate as migrate_database
from bootstrap.embedded import EmbeddedStack
from bootstrap.running import find_running
from bootstrap.settings import SettingsInvalid, load_settings
from bootstrap.up import run_in_foreground

app = typer.Typer(
    help="Character Lab: films whose characters stay themselves.", no_args_is_help=True, add_completion=False
)
console = Console()

Folder = Annotated[Path, typer.Option("--folder", help="Where the embedded stack keeps its data.")]
Port = Annotated[int, typer.Option("--port", help="The API's port; 0 takes any free one.", min=0, max=65535)]
LAB_FOLDER = Path(".lab")


def default_port() -> int:
    return int(os.environ.get("LAB_API__PORT", "8000"))


@app.command()
def up(folder: Folder = LAB_FOLDER, port: Annotated[int | None, typer.Option(help="The API's port.")] = None) -> None:
    """Run the whole lab in the foreground, with one log; Ctrl-C stops it in order."""
    raise typer.Exit(run_in_foreground(folder, api_port=default_port() if port is None else port))


@app.command()
def migrate(folder: Folder = LAB_FOLDER) -> None:
    """Bring the database to the newest schema: the configured one, or the embedded one of the folder."""
    if find_running(folder):
        console.print("The lab that runs here has migrated its database when it started.")
    elif is_configured():
        asyncio.run(migrate_configured())
    else:
        stack = EmbeddedStack(folder)
        try:
            stack.start()
        finally:
            stack.stop()
    console.print("The database is at the newest schema.")


def is_configured() -> bool:
    return "LAB_DATABASE__URL" in os.environ or Path(os.environ.get("LAB_CONFIG", "lab.toml")).exists()


async def migrate_configured() -> None:
    settings = load_settings()
    owner = settings.database.owner_url
    if owner is None:
        raise SettingsInvalid("LAB_DATABASE__OWNER_URL: migrations need the database's owner.")
    await migrate_database(owner.get_secret_value())


@app.command("export-schema")
def export_schema(out: Annotated[Path, typer.Option(help="The file to write.")] = Path("schema.graphql")) -> None:
    """Write the GraphQL schema, the contract with every client."""
    printed = subprocess.run([sys.executable, "-m", "api.schema"], check=True, capture_output=True, text=True)
    out.write_text(printed.stdout)


def main() -> None:
    """Run a command; a failure that has a name is told in one line."""
    try:
        app()
    except SettingsInvalid as refused:
        console.print(refused.message, style="red", highlight=False, markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
