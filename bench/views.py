"""How well views are told from cut-outs, and what the ladder's other references gain by it: `python -m bench.views`.

The labels were given by eye (`examples/cast/views.json`): framing a drawing style, facing a picture.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import cv2
from rich.console import Console
from rich.table import Table

from adapters.identity.cut_out import cut_out
from adapters.identity.pictures import read_picture
from adapters.identity.view import view_of
from domain.characters.views import UNKNOWN, Facing, Framing, View
from domain.identifiers import ObjectId
from domain.renders.ladder import references_of
from domain.renders.snapshot import CutOut
from domain.renders.states import Rung

CAST = Path(__file__).parent.parent / "examples" / "cast"
ASIDE = (Facing.LEFT, Facing.RIGHT)


@dataclass(frozen=True)
class Seen:
    """One picture: how it shows its figure, and what the lab read in it."""

    character: str
    labelled: View
    measured: View

    @property
    def framing(self) -> str:
        if self.measured.framing is None:
            return "not told"
        return "right" if self.measured.framing is self.labelled.framing else "wrong"

    @property
    def facing(self) -> str:
        told, is_so = self.measured.facing, self.labelled.facing
        if told is None or is_so is None:
            return "not told"
        if told is is_so:
            return "right"
        return "wrong" if Facing.FRONT in {told, is_so} else "opposite"


def read_cast(folder: Path) -> tuple[list[Seen], float]:
    """Answer what was seen in every picture, and milliseconds of processor a picture, without cutting out."""
    seen: list[Seen] = []
    spent = 0.0
    for character, labels in json.loads((folder / "views.json").read_text()).items():
        for number, facing in enumerate(labels["facing"]):
            cut = cut_out(read_picture((folder / character / f"{number}.png").read_bytes()))
            begun = time.process_time()
            measured = view_of(cut)
            spent += time.process_time() - begun
            seen.append(Seen(character, View(Framing(labels["framing"]), Facing(facing)), measured))
    return seen, spent * 1000 / len(seen)


def leading(pictures: Sequence[Seen], *, has_views: bool) -> tuple[float, int]:
    """Answer how many times the other references' leading picture looks the wanted way, of how many.

    Every picture in turn is the canonical one, and each side in turn is wanted.
    """
    hits = cases = 0
    for first in range(len(pictures)):
        order = [*pictures[first:], *pictures[:first]]
        cut_outs = [
            CutOut(ObjectId(UUID(int=at)), "", each.measured if has_views else UNKNOWN) for at, each in enumerate(order)
        ]
        for side in ASIDE:
            chosen = references_of(Rung.OTHER_REFERENCES, cut_outs, wanted=View(facing=side), most=1)[0]
            hits += order[chosen.object_id.int].labelled.facing is side
            cases += 1
    return hits, cases


def main() -> None:
    cv2.setNumThreads(1)
    seen, each_ms = read_cast(CAST)
    console = Console(width=110)
    table = Table("style", *(f"framing: {each}" for each in ("right", "wrong", "not told")), title="Views told")
    for each in ("right", "wrong", "opposite", "not told"):
        table.add_column(f"facing: {each}")
    for style in sorted({each.character.partition("-")[0] for each in seen}):
        mine = [each for each in seen if each.character.startswith(style)]
        framing, facing = Counter(each.framing for each in mine), Counter(each.facing for each in mine)
        counts = [framing[each] for each in ("right", "wrong", "not told")]
        counts += [facing[each] for each in ("right", "wrong", "opposite", "not told")]
        table.add_row(f"{style} ({len(mine)})", *map(str, counts))
    console.print(table)
    console.print(f"{each_ms:.1f} ms of processor a picture, without cutting out")
    sided = sorted({each.character for each in seen if each.labelled.facing in ASIDE})
    for name, has_views in (("in turn alone", False), ("nearest view first", True)):
        found = [leading([e for e in seen if e.character == character], has_views=has_views) for character in sided]
        hits, cases = sum(each[0] for each in found), sum(each[1] for each in found)
        console.print(f"other references, {name}: the leading picture looks the wanted way in {hits / cases:.0%}")


if __name__ == "__main__":
    main()
