"""What a film-maker sees at the terminal: who is cast, the storyboard, the shots being filmed, the finished film."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

STEP_OF = {
    "ShotStarted": "keyframe",
    "KeyframeMade": "gate",
    "KeyframeJudged": "moving",
    "ClipMade": "gate",
    "ShotRerolled": "with another seed",
    "TakeAccepted": "taken",
    "ShotFailed": "failed",
}
LABEL_CELLS = 12


def tell(console: Console, label: str, text: str) -> None:
    """Print a line under its label; where the terminal is too narrow, what follows stays beside the label."""
    grid = Table.grid(Column(width=LABEL_CELLS, no_wrap=True), Column(ratio=1, overflow="fold"), expand=True)
    grid.add_row(Text(label), Text(text))
    console.print(grid)


def reasons_of_unused(images: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say of each picture that a character was not learned from why it was not."""
    numbers = {image["id"]: image["position"] + 1 for image in images}
    for image in images:
        if image["state"] == "REFUSED":
            yield f"not used: picture {numbers[image['id']]}, {image['refusal']}"
        elif original := image["duplicateOfId"]:
            yield f"not used: picture {numbers[image['id']]}, it shows the same as picture {numbers[original]}"


def tell_shot(console: Console, shot: Mapping[str, Any]) -> None:
    """Print one shot of the storyboard: number, size, seconds, and what happens with whom, wrapped in its column."""
    names = ", ".join(member["character"]["name"] for member in shot["cast"] if member["character"])
    size = str(shot["size"]).lower().replace("_", " ")
    columns = (
        Column(width=5, justify="right", no_wrap=True),
        Column(width=16, no_wrap=True),
        Column(width=6, justify="right", no_wrap=True),
        Column(ratio=1, overflow="fold"),
    )
    grid = Table.grid(*columns, padding=(0, 2, 0, 0), expand=True)
    action = Text(str(shot["action"])[:60]) + Text(f"  {names}" if names else "", style="bold")
    grid.add_row(Text(str(shot["number"])), Text(size), Text(f"{shot['seconds']:.1f} s"), action)
    console.print(grid)


def shot_progress(console: Console) -> Progress:
    """Make the table of the shots being filmed: the titles alone give way where the terminal is narrow."""
    columns = (
        TextColumn("{task.fields[number]:>3}", markup=False, table_column=Column(width=3, no_wrap=True)),
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=None, table_column=Column(width=12)),
        TextColumn("{task.fields[step]}", markup=False, table_column=Column(width=17, no_wrap=True)),
        TimeElapsedColumn(table_column=Column(width=7, no_wrap=True)),
    )
    return Progress(*columns, console=console, expand=True)


@dataclass(slots=True)
class ShotBars:
    """One progress bar a shot, moved by what the subscription tells."""

    progress: Progress
    bars: dict[str, TaskID] = field(default_factory=dict[str, TaskID])
    previews_seen: int = 0
    _previews: dict[str, str] = field(default_factory=dict[str, str])
    film: TaskID | None = None

    def add(self, shot: Mapping[str, Any]) -> None:
        action = " ".join(str(shot["action"]).split())
        self.bars[shot["id"]] = self.progress.add_task(action, total=1.0, number=shot["number"], step="waiting")

    def tell(self, news: Mapping[str, Any]) -> None:
        if shot := news["shot"]:
            self.move(shot["shotId"], shot["fraction"])
            self.see(shot["shotId"], shot["preview"])
        elif event := news["event"]:
            self.hear(event["name"], event["data"])
        elif queue := news["queue"]:
            self.expect(queue)

    def see(self, key: str, preview: str | None) -> None:
        """Count what is seen anew; the latest preview stays with its shot until another comes."""
        if preview is not None and self._previews.get(key) != preview:
            self._previews[key] = preview
            self.previews_seen += 1

    def expect(self, queue: Mapping[str, Any]) -> None:
        """Show beneath the shots when the film may be there, or what it waits for."""
        seconds = queue["estimatedRemainingSeconds"]
        words = str(queue["state"]).lower().replace("_", " ") if seconds is None else f"in about {seconds:.0f} s"
        if self.film is None:
            self.film = self.progress.add_task("The film", total=None, number="", step=words)
        self.progress.update(self.film, step=words)

    def close(self) -> None:
        """Nothing more is expected."""
        if self.film is not None:
            self.progress.remove_task(self.film)
            self.film = None

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


def takes_table(title: str, shots: Sequence[Mapping[str, Any]], passed: frozenset[str]) -> Table:
    """Make the table of a film's shots, with the verdicts that are not among `passed` in red."""
    table = Table(title=Text(title), title_justify="left")
    for name in ("shot", "seconds", "takes", "score", "verdict"):
        table.add_column(name, justify="right" if name != "verdict" else "left")
    for shot in shots:
        take = shot["take"] or {"score": None, "verdict": "NONE"}
        score = "" if take["score"] is None else f"{take['score']:.3f}"
        verdict = Text(str(take["verdict"]).lower(), style="" if take["verdict"] in passed else "red")
        table.add_row(str(shot["number"]), f"{shot['seconds']:.1f}", str(shot["takeNumber"]), score, verdict)
    return table
