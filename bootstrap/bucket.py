"""`lab storage`: whose the bucket is, looked at and decided."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from adapters.postgres.database import PostgresDatabase
from adapters.s3.store import open_store
from bootstrap.choosing import LAB_FOLDER, Folder, settings_in_use
from bootstrap.clock import new_id
from bootstrap.settings import Settings
from bootstrap.storage import storage_place
from domain.media.ties import adopt_bucket, find_mark, is_tied

STORAGE = typer.Typer(help="Whose the bucket is.", no_args_is_help=True)
console = Console()


@STORAGE.callback()
def storage() -> None:
    """Whose the bucket is."""


@STORAGE.command("adopt")
def adopt(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: Folder = LAB_FOLDER,
) -> None:
    """Tie the bucket to this database, whosever it was; what the database does not know is deleted from then on."""
    with settings_in_use(folder) as settings:
        bucket = settings.storage.bucket
        if not yes:
            found = asyncio.run(mark_in(settings))
            said = "has no mark" if found is None else f"says {found}"
            question = f"The bucket {bucket} {said}. Have this lab delete there what its database does not know?"
            typer.confirm(question, abort=True)
        asyncio.run(adopt_in(settings))
    console.print(f"The bucket {bucket} is this lab's.", highlight=False, soft_wrap=True)


async def mark_in(settings: Settings) -> str | None:
    async with open_store(storage_place(settings.storage)) as store:
        return await find_mark(store)


async def adopt_in(settings: Settings) -> None:
    database = system_database(settings)
    try:
        async with open_store(storage_place(settings.storage)) as store:
            await adopt_bucket(database.work, store=store)
    finally:
        await database.close()


async def check_bucket(settings: Settings) -> str:
    """Tell whether the bucket is this lab's; raises BucketNotOurs, Unavailable."""
    database = system_database(settings)
    try:
        async with open_store(storage_place(settings.storage)) as store:
            tied = await is_tied(database.work, store=store)
    finally:
        await database.close()
    return "marked as this lab's" if tied else "not marked yet; the jobs process does it"


def system_database(settings: Settings) -> PostgresDatabase:
    return PostgresDatabase(settings.database.system_url.get_secret_value(), new_id=new_id, pool_size=1)
