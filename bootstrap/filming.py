"""The lab's main job from the command line: a script and pictures in, a film out, watched while it is made."""

import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from adapters.video.probe import FilmProbe, probe
from bootstrap.account import KeptAccount, enter
from bootstrap.screen import ShotBars, reasons_of_unused, shot_progress, takes_table, tell, tell_shot
from client.archive import find_character, find_storyboard
from client.studio import CastMember, FilmOrder, Refused, Studio, passed_over, pictures_in
from client.transport import LabTransport
from domain.errors import Invalid
from domain.storyboards.texts import checked_script

KINDS = "JPEG, PNG, WebP, AVIF or HEIC"
PASSED_OVER_NAMED_MAX = 5
# UNCHECKED is a shot that nobody is in: the demo never switches the gate off.
PASSED = frozenset({"MATCH", "COPY", "UNCHECKED"})


@dataclass(frozen=True, slots=True)
class FinishedFilm:
    """A film on this machine, and what the lab says of its shots."""

    path: Path
    probe: FilmProbe
    render: Mapping[str, Any]
    seconds_taken: float
    shots_filmed: int
    previews_seen: int

    @property
    def has_passed(self) -> bool:
        return all(has_passed(shot) for shot in self.render["shots"])


def has_passed(shot: Mapping[str, Any]) -> bool:
    """Tell whether the shot has a take that passed its gate."""
    return shot["take"] is not None and shot["take"]["verdict"] in PASSED


def read_example(folder: Path) -> FilmOrder:
    """Read `film.toml` and `script.txt` of an example; raises Invalid where something is missing."""
    try:
        told = tomllib.loads((folder / "film.toml").read_text())
        script = (folder / "script.txt").read_text()
    except OSError as missing:
        raise Invalid(f"{folder} needs film.toml and script.txt.") from missing
    cast = [
        read_member(character["name"], folder / character["pictures"], character.get("aliases", ()))
        for character in told["characters"]
    ]
    return FilmOrder(title=told["title"], script=script, cast=cast, language=told.get("language"))


def read_order(script: Path, folders: Sequence[Path]) -> FilmOrder:
    """Make an order of the user's own files: a script, and one folder of pictures a character, named after it."""
    try:
        text = script.read_text()
    except OSError as refused:
        raise Invalid(f"{script} cannot be read: {refused.strerror}.") from refused
    except UnicodeDecodeError as refused:
        raise Invalid(f"{script} is not a text in UTF-8.") from refused
    # Before anything is uploaded and learned: the lab itself would say so only then.
    checked_script(text)
    cast = [read_member(folder.name, folder, ()) for folder in folders]
    return FilmOrder(title=script.stem.replace("_", " ").title(), script=text, cast=cast)


def read_member(name: str, folder: Path, aliases: Sequence[str]) -> CastMember:
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder of pictures.")
    pictures = pictures_in(folder)
    if not pictures:
        raise Invalid(f"{folder} holds no picture: {KINDS}.")
    return CastMember(name=name, pictures=pictures, aliases=tuple(aliases))


def tell_passed_over(folders: Sequence[Path], console: Console) -> None:
    """Say in a line for each folder what is in it besides pictures that the lab reads."""
    for folder in folders:
        if names := passed_over(folder):
            rest = len(names) - PASSED_OVER_NAMED_MAX
            listed = ", ".join(names[:PASSED_OVER_NAMED_MAX]) + (f" and {rest} more" if rest > 0 else "")
            told = f"{folder}: passed over what by its name is no {KINDS}: {listed}."
            console.print(told, highlight=False, markup=False, soft_wrap=True)


class FilmMaker:
    """Acts as a client of one lab and shows what happens."""

    def __init__(self, studio: Studio, console: Console) -> None:
        self._studio = studio
        self._console = console

    async def make(
        self, account: KeptAccount, order: FilmOrder, settings: Mapping[str, Any], out: Path
    ) -> FinishedFilm:
        """Sign in, have the cast and the storyboard, quote, render, download; raises Refused where the lab says no."""
        started = time.monotonic()
        await enter(self._studio, account)
        self._say("Account:", f"{account.email}, its password lies in {account.path}; the explorer shows it the films")
        cast_ids = await self._cast(order.cast)
        storyboard_id = await self._write(order, cast_ids)
        quote = await self._studio.quote(storyboard_id, settings)
        self._say(
            "Quote:",
            f"{quote['staleShots']} of {len(quote['shots'])} shots to film, {quote['filmSeconds']:.0f} s of film, "
            f"about {quote['workSeconds']:.0f} s of work, {quote['cost']['credits']} credits",
        )
        render, previews_seen = await self._film(storyboard_id, settings)
        out.parent.mkdir(parents=True, exist_ok=True)
        await self._studio.download(render["film"], out)
        return FinishedFilm(out, probe(out), render, time.monotonic() - started, quote["staleShots"], previews_seen)

    def _say(self, label: str, text: str) -> None:
        tell(self._console, label, text)

    async def _cast(self, cast: Sequence[CastMember]) -> list[str]:
        """Take the characters that are there already, have the others learned side by side; tell each."""
        found = [await find_character(self._studio.transport, member) for member in cast]
        ids = [
            str(known["id"]) if known else await self._studio.create_character(member)
            for member, known in zip(cast, found, strict=True)
        ]
        for member, known, character_id in zip(cast, found, ids, strict=True):
            is_ready = known is not None and known["state"] == "READY"
            self._tell_cast(
                member, known if known and is_ready else await self._studio.wait_for_character(character_id)
            )
        return ids

    def _tell_cast(self, member: CastMember, character: Mapping[str, Any]) -> None:
        identity = character["identity"]
        self._say(
            "Cast:",
            f"{member.name}, learned from {identity['images']} of {len(member.pictures)} pictures "
            f"(threshold {identity['threshold']:.2f} in {identity['space']})",
        )
        for reason in reasons_of_unused(character["images"]):
            self._say("", reason)

    async def _write(self, order: FilmOrder, cast_ids: Sequence[str]) -> str:
        found = await find_storyboard(self._studio.transport, order, cast_ids)
        self._say("Storyboard:", f"{order.title}, as it stands in the lab" if found else order.title)
        for shot in found["shots"] if found else ():
            tell_shot(self._console, shot)
        storyboard = found or await self._studio.write_storyboard(order, cast_ids, partial(tell_shot, self._console))
        self._say(
            "",
            f"{storyboard['shotCount']} shots, {storyboard['seconds']:.0f} s, language {storyboard['language']}",
        )
        return str(storyboard["id"])

    async def _film(self, storyboard_id: str, settings: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        """Answer the finished render, and how many previews were seen on the way."""
        ordered = await self._studio.request_render(storyboard_id, settings)
        with shot_progress(self._console) as progress:
            bars = ShotBars(progress)
            for shot in ordered["shots"]:
                bars.add(shot)
            await self._studio.follow_render(ordered["id"], bars.tell)
            bars.close()
        render = await self._studio.read_render(ordered["id"])
        if render["state"] != "FINISHED" or not render["film"]:
            raise Refused("RenderNotFinished", render["failure"] or f"The render is {render['state']}.")
        return render, bars.previews_seen


async def make_film(
    api_url: str, account: KeptAccount, order: FilmOrder, *, settings: Mapping[str, Any], out: Path, console: Console
) -> bool:
    """Make the film and print the table of its shots; answer whether it decodes and every shot passed its gate."""
    async with LabTransport(api_url) as transport:
        finished = await FilmMaker(Studio(transport), console).make(account, order, settings, out)
    show(finished, console)
    return finished.has_passed


def show(film: FinishedFilm, console: Console) -> None:
    shots, found = film.render["shots"], film.probe
    console.print(takes_table(str(film.render["title"]), shots, PASSED))
    if film.previews_seen:
        console.print(f"{film.previews_seen} previews were seen while it was made.", highlight=False)
    kept = "" if film.shots_filmed == len(shots) else f", with {film.shots_filmed} of {len(shots)} shots filmed anew"
    console.print(
        f"{film.path}: {found.width}x{found.height}, {float(found.frames_per_second):g} frames/s, "
        f"{found.frames} frames, {found.duration_seconds:.2f} s, "
        f"{found.codec} {found.pixel_format}; made in {film.seconds_taken:.1f} s{kept}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
