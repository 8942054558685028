"""The `lab` command line."""

import asyncio
import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import asyncpg
import httpx
import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from websockets.exceptions import WebSocketException

from adapters.identity.embedder import OnnxEmbedder
from adapters.identity.metrics import measure_identity
from adapters.postgres.migrations import migrate as migrate_database
from bootstrap.account import KeptAccount
from bootstrap.bucket import STORAGE
from bootstrap.choosing import LAB_FOLDER, Folder, embedded_environment, is_configured, settings_in_use
from bootstrap.doctor import examine, machine_checks, service_checks, show
from bootstrap.film_files import check_out
from bootstrap.filming import make_film, read_example, read_order, tell_passed_over
from bootstrap.given import given_settings
from bootstrap.operator_cli import JOBS, OPERATORS
from bootstrap.settings import SettingsInvalid, load_settings
from bootstrap.up import run_in_foreground
from bootstrap.using import NOISE_TOLD, EngineName, lab_in_use
from bootstrap.vectors import check_vectors
from client.studio import FilmOrder, Refused
from client.transport import RequestRefused
from domain.errors import LabError
from domain.renders.settings import Aspect, Detail

app = typer.Typer(
    help="Character Lab: films whose characters stay themselves.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console()
app.add_typer(JOBS, name="jobs")
app.add_typer(OPERATORS, name="operators")
app.add_typer(STORAGE, name="storage")

PORT_MAX = 65_535
Port = Annotated[int | None, typer.Option(help="The API's port.", min=1, max=PORT_MAX)]
NO_PROXY = ("NO_PROXY", "no_proxy")
EXAMPLES = Path(__file__).parents[1] / "examples"


def default_port() -> int:
    """Answer the port that is set, or 8000; raises SettingsInvalid for one that is none."""
    given = os.environ.get("LAB_API__PORT", "8000")
    if not (given.isdecimal() and 1 <= int(given) <= PORT_MAX):
        raise SettingsInvalid(f"LAB_API__PORT: a port is a number from 1 to {PORT_MAX}, not {given}.")
    return int(given)


@app.command()
def up(folder: Folder = LAB_FOLDER, port: Port = None) -> None:
    """Run the whole lab in the foreground, with one log; Ctrl-C stops it in order."""
    raise typer.Exit(run_in_foreground(folder, api_port=default_port() if port is None else port))


@app.command()
def migrate(folder: Folder = LAB_FOLDER) -> None:
    """Bring the database to the newest schema: the configured one, or the embedded one of the folder."""
    if is_configured():
        asyncio.run(migrate_configured())
    else:
        with embedded_environment(folder):
            pass
    console.print("The database is at the newest schema.")


async def migrate_configured() -> None:
    settings = load_settings()
    owner = settings.database.owner_url
    if owner is None:
        raise SettingsInvalid("LAB_DATABASE__OWNER_URL: migrations need the database's owner.")
    await check_vectors(owner.get_secret_value())
    await migrate_database(owner.get_secret_value())


@app.command()
def doctor(folder: Folder = LAB_FOLDER) -> None:
    """Say what is missing or unreachable, setting by setting, with the mend."""
    findings = asyncio.run(examine(machine_checks(folder)))
    try:
        with settings_in_use(folder) as settings:
            findings += asyncio.run(examine(service_checks(settings)))
    except SettingsInvalid:
        show(findings, console)
        raise
    show(findings, console)
    raise typer.Exit(0 if all(finding.is_well for finding in findings) else 1)


OUT_HELP = "Where the film goes, an .mp4; its poster (.jpg) and captions (.vtt) are written beside it."
Out = Annotated[Path, typer.Option("--out", help=OUT_HELP)]
Engine = Annotated[EngineName, typer.Option(help="What makes the takes; `diffusion` needs the extra `gpu`.")]


@app.command()
def demo(
    example: Annotated[
        str, typer.Argument(help="A folder of examples/: hamlet, yugong, tortoise, peter_rabbit.")
    ] = "hamlet",
    folder: Folder = LAB_FOLDER,
    out: Annotated[Path | None, typer.Option("--out", help=f"{OUT_HELP} out/EXAMPLE.mp4 if left out.")] = None,
    engine: Engine = EngineName.ANIMATIC,
) -> None:
    """Make a film from an example script and its pictures, as a client of a whole lab."""
    # The same film for everybody: a lab that is started for it has no settings of the operator's.
    film_order(read_example(EXAMPLES / example), folder, out or Path("out") / f"{example}.mp4", engine, given={})


def detail_of(text: str | Detail) -> Detail:
    """Read `P360` or `360`, or take the default as it is; raises BadParameter for a size that is not filmed."""
    try:
        return Detail(int(str(text).upper().removeprefix("P")))
    except ValueError:
        raise typer.BadParameter(f"{text} is none of {', '.join(Detail.__members__)}.") from None


def finite(seconds: float | None) -> float | None:
    """Take a length as it is; raises BadParameter for one without an end."""
    if seconds is not None and not math.isfinite(seconds):
        raise typer.BadParameter(f"{seconds} is no length.")
    return seconds


@app.command()
def film(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    script: Annotated[Path, typer.Argument(help="A text file: prose, a play or a screenplay, in any language.")],
    pictures: Annotated[list[Path], typer.Argument(help="Folders of pictures, one a character, named after it.")],
    out: Out = Path("out/film.mp4"),
    folder: Folder = LAB_FOLDER,
    title: Annotated[str | None, typer.Option(help="Its title; the script's file name if left out.")] = None,
    style: Annotated[str, typer.Option(help="How it is to look; `animatic` has a style of its own.")] = "",
    detail: Annotated[
        Detail,
        typer.Option(
            help="The frame's short side.",
            parser=detail_of,
            metavar="|".join(Detail.__members__),
            show_default=Detail.P720.name,
        ),
    ] = Detail.P720,
    aspect: Annotated[Aspect, typer.Option(help="The frame's shape.")] = Aspect.WIDE,
    seconds: Annotated[float | None, typer.Option(help="How long it is to be.", min=1, callback=finite)] = None,
    language: Annotated[str | None, typer.Option(help="The script's, such as `en`; found out if left out.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed makes another film.", min=0)] = None,
    engine: Engine = EngineName.ANIMATIC,
) -> None:
    """Make a film of your own script with your own characters; what was learned and filmed before is used again."""
    order = read_order(script, pictures)
    tell_passed_over(pictures, console)
    wished = replace(order, title=title or order.title, style=style, seconds=seconds, language=language)
    chosen = {"aspect": aspect.name, "detail": detail.name} | ({} if seed is None else {"seed": str(seed)})
    film_order(wished, folder, out, engine, given=given_settings(os.environ), **chosen)


def film_order(
    order: FilmOrder, folder: Path, out: Path, engine: EngineName, *, given: Mapping[str, str], **chosen: str
) -> None:
    """Film with the running lab, else with one that is started and stopped for it; exits with 1 where a shot failed.

    `given` are the operator's settings for a lab that is started. Of noise no shot passes, and that is no failure.
    Raises Invalid before anything is started where `out` will not do.
    """
    check_out(out)
    usual = {"aspect": "WIDE", "detail": "P720", "framesPerSecond": 24, "rerollsMax": 4, "engine": engine}
    with lab_in_use(folder, engine, console, given=given) as lab:
        account, settings = KeptAccount.kept_in(folder), usual | lab.settings | chosen
        has_passed = asyncio.run(make_film(lab.api_url, account, order, settings=settings, out=out, console=console))
    if lab.makes_noise:
        console.print(NOISE_TOLD, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if has_passed or lab.makes_noise else 1)


@app.command()
def identity(directory: Annotated[Path, typer.Argument(help="One folder a character, its pictures inside.")]) -> None:
    """Measure how well the current embedding space tells the characters of a folder apart; prints one JSON line."""
    print(json.dumps(measure_identity(directory, OnnxEmbedder(threads=os.cpu_count() or 1))))


@app.command("export-schema")
def export_schema(out: Annotated[Path, typer.Option(help="The file to write.")] = Path("schema.graphql")) -> None:
    """Write the GraphQL schema, the contract with every client."""
    printed = subprocess.run([sys.executable, "-m", "api.schema"], check=True, capture_output=True, text=True)
    out.write_text(printed.stdout)


def main() -> None:
    """Run a command; a failure that has a name is told in one line."""
    reach_loopback_directly(os.environ)
    try:
        app()
    except (LabError, Refused, RequestRefused) as refused:
        give_up(str(refused))
    except (httpx.HTTPError, WebSocketException, ConnectionError) as away:
        # What runs in the lab goes on there. An answer's own words may hold a signed URL.
        told = f"{away.response.status_code}" if isinstance(away, httpx.HTTPStatusError) else in_a_line(away)
        give_up(f"The lab does not answer as it should: {told}")
    except (OSError, SQLAlchemyError, asyncpg.PostgresError) as trouble:
        give_up(in_a_line(trouble))


def give_up(told: str) -> NoReturn:
    console.print(told, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(2)


def in_a_line(trouble: Exception) -> str:
    """What it says, or what it is where it says nothing; of a database's refusal the server's words, not the query."""
    said = str(trouble.orig if isinstance(trouble, DBAPIError) else trouble)
    return said.partition("\n")[0] or type(trouble).__name__


def reach_loopback_directly(environment: MutableMapping[str, str]) -> None:
    """Have this process and those that it starts ask no proxy for the servers of their own machine.

    Of the two spellings some programs read the one and some the other: each gets what stood in either.
    """
    named = ",".join(environment.get(name, "") for name in NO_PROXY).split(",")
    hosts = dict.fromkeys([*filter(None, map(str.strip, named)), "127.0.0.1", "localhost"])
    # A star that does not stand alone is no star to some.
    environment.update(dict.fromkeys(NO_PROXY, "*" if "*" in hosts else ",".join(hosts)))


if __name__ == "__main__":
    main()
