"""The lab's main job from the command line: a script and pictures in, a film out, watched while it is made."""

import secrets
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from adapters.video.probe import FilmProbe, probe
from client.studio import CastMember, FilmOrder, Refused, Studio, pictures_in
from client.transport import LabTransport
from domain.errors import Invalid
from domain.storyboards.texts import checked_script

# UNCHECKED is a shot that nobody is in: the demo never switches the gate off.
PASSED = {"MATCH", "COPY", "UNCHECKED"}
STEP_OF = {
    "ShotStarted": "keyframe",
    "KeyframeMade": "gate",
    "KeyframeJudged": "moving",
    "ClipMade": "gate",
    "ShotRerolled": "again, with another seed",
    "TakeAccepted": "taken",
    "ShotFailed": "failed",
}


@dataclass(frozen=True, slots=True)
class FinishedFilm:
    """A film on this machine, and what the lab says of its shots."""

    path: Path
    probe: FilmProbe
    render: Mapping[str, Any]
    seconds_taken: float

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
        raise Invalid(f"{folder} holds no picture: JPEG, PNG, WebP, AVIF or HEIC.")
    return CastMember(name=name, pictures=pictures, aliases=tuple(aliases))


@dataclass(slots=True)
class ShotBars:
    """One progress bar a shot, moved by what the subscription tells."""

    progress: Progress
    bars: dict[str, TaskID] = field(default_factory=dict[str, TaskID])

    def add(self, shot: Mapping[str, Any]) -> None:
        label = f"{shot['number']:>3}  {str(shot['action'])[:42]:<42}"
        self.bars[shot["id"]] = self.progress.add_task(label, total=1.0, step="waiting")

    def tell(self, news: Mapping[str, Any]) -> None:
        if shot := news["shot"]:
            self.move(shot["shotId"], shot["fraction"])
        elif event := news["event"]:
            self.hear(event["name"], event["data"])

    def hear(self, name: str, data: Mapping[str, Any]) -> None:
        bar = next((bar for key, bar in self.bars.items() if data.get("shotNumber") == self.number_of(key)), None)
        if bar is not None and name in STEP_OF:
            self.progress.update(bar, step=STEP_OF[name])
            if name == "TakeAccepted":
                self.progress.update(bar, completed=1.0)

    def number_of(self, key: str) -> int:
        return list(self.bars).index(key) + 1

    def move(self, key: str, fraction: float) -> None:
        if key in self.bars:
            self.progress.update(self.bars[key], completed=fraction)


class FilmMaker:
    """Acts as a client of one lab and shows what happens."""

    def __init__(self, studio: Studio, console: Console) -> None:
        self._studio = studio
        self._console = console

    async def make(self, order: FilmOrder, settings: Mapping[str, Any], out: Path) -> FinishedFilm:
        """Sign up, create the cast, write, quote, render, download; raises Refused where the lab says no."""
        started = time.monotonic()
        await self._studio.sign_up(
            email=f"{secrets.token_hex(6)}@films.example", password=secrets.token_urlsafe(18), name="Filmmaker"
        )
        cast_ids = await self._cast(order.cast)
        storyboard = await self._write(order, cast_ids)
        quote = await self._studio.quote(storyboard["id"], settings)
        self._say(
            f"Quote: {quote['staleShots']} shots to film, {quote['filmSeconds']:.0f} s of film, "
            f"about {quote['workSeconds']:.0f} s of work, {quote['cost']['credits']} credits"
        )
        render = await self._film(storyboard["id"], settings)
        out.parent.mkdir(parents=True, exist_ok=True)
        await self._studio.download(render["film"], out)
        return FinishedFilm(out, probe(out), render, time.monotonic() - started)

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False)

    async def _cast(self, cast: Sequence[CastMember]) -> list[str]:
        ids = [await self._studio.create_character(member) for member in cast]
        for member, character_id in zip(cast, ids, strict=True):
            character = await self._studio.wait_for_character(character_id)
            identity = character["identity"]
            self._say(
                f"Cast: {member.name}, learned from {identity['images']} of {len(member.pictures)} pictures "
                f"(threshold {identity['threshold']:.2f} in {identity['space']})"
            )
            for image in character["images"]:
                if image["state"] == "REFUSED":
                    self._say(f"  not used: picture {image['position'] + 1}, {image['refusal']}")
        return ids

    async def _write(self, order: FilmOrder, cast_ids: Sequence[str]) -> dict[str, Any]:
        def on_shot(shot: Mapping[str, Any]) -> None:
            names = ", ".join(member["character"]["name"] for member in shot["cast"] if member["character"])
            size = str(shot["size"]).lower().replace("_", " ")
            self._say(
                f"  {shot['number']:>3}  {size:<16} {shot['seconds']:>4.1f} s  {str(shot['action'])[:60]}  {names}"
            )

        self._say(f"Storyboard: {order.title}")
        storyboard = await self._studio.write_storyboard(order, cast_ids, on_shot)
        self._say(
            f"  {storyboard['shotCount']} shots, {storyboard['seconds']:.0f} s, language {storyboard['language']}"
        )
        return storyboard

    async def _film(self, storyboard_id: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        ordered = await self._studio.request_render(storyboard_id, settings)
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[step]:<24}"))
        with Progress(*columns, TimeElapsedColumn(), console=self._console) as progress:
            bars = ShotBars(progress)
            for shot in ordered["shots"]:
                bars.add(shot)
            await self._studio.follow_render(ordered["id"], bars.tell)
        render = await self._studio.read_render(ordered["id"])
        if render["state"] != "FINISHED" or not render["film"]:
            raise Refused("RenderNotFinished", render["failure"] or f"The render is {render['state']}.")
        return render


async def make_film(api_url: str, order: FilmOrder, settings: Mapping[str, Any], out: Path, console: Console) -> bool:
    """Make the film and print the table of its shots; answer whether it decodes and every shot passed its gate."""
    async with LabTransport(api_url) as transport:
        film = await FilmMaker(Studio(transport), console).make(order, settings, out)
    show(film, console)
    return film.has_passed


def show(film: FinishedFilm, console: Console) -> None:
    table = Table(title=str(film.render["title"]), title_justify="left")
    for name in ("shot", "seconds", "takes", "score", "verdict"):
        table.add_column(name, justify="right" if name != "verdict" else "left")
    for shot in film.render["shots"]:
        take = shot["take"] or {"score": None, "verdict": "NONE"}
        score = "" if take["score"] is None else f"{take['score']:.3f}"
        verdict = str(take["verdict"]).lower() if has_passed(shot) else f"[red]{str(take['verdict']).lower()}[/]"
        table.add_row(str(shot["number"]), f"{shot['seconds']:.1f}", str(shot["takeNumber"]), score, verdict)
    console.print(table)
    found = film.probe
    console.print(
        f"{film.path}: {found.width}x{found.height}, {float(found.frames_per_second):g} frames/s, "
        f"{found.frames} frames, {found.duration_seconds:.2f} s, "
        f"{found.codec} {found.pixel_format}; made in {film.seconds_taken:.1f} s",
        highlight=False,
        soft_wrap=True,
    )
