"""Contact sheets of the animatic engine in out/: places by time and weather, shot sizes, captions.

Run it as `python -m bench.contact_sheet [sheet...]` and look at the pictures: no number says that they are good.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import av
import cv2
import numpy as np
from cv2.typing import MatLike

from contracts.commands import AnimateShot, Caption, CastFigure, MakeKeyframe, SettingPlan, ShotPlan
from gpu_worker.pipelines.animatic.engine import AnimaticEngine
from gpu_worker.watching import Onlooker

CAST = Path(__file__).parent.parent / "tests" / "data" / "cast"
OUT = Path("out")
CELL = (480, 270)
SCENERIES = get_args(SettingPlan.model_fields["scenery"].annotation)
TIMES = get_args(SettingPlan.model_fields["time_of_day"].annotation)
WEATHERS = get_args(SettingPlan.model_fields["weather"].annotation)
SIZES = get_args(ShotPlan.model_fields["size"].annotation)
SAYINGS = {
    "Tortoise": "Slow and steady wins the race, and I never once looked back.",
    "愚公": "虽我之死，有子存焉；子又生孙，孙又生子；子子孙孙，无穷匮也。",
    "カメ": "どうしてそんなにのろいんだい？ カメは笑って答えました。",
    "거북이": "너는 왜 그렇게 느리니? 거북이는 웃으며 대답했습니다.",
    "Черепаха": "Давай побежим наперегонки до самого дальнего дерева.",
}


class Studio:
    """One engine and a folder for what it makes."""

    def __init__(self, folder: Path) -> None:
        self._engine = AnimaticEngine()
        self._folder = folder

    def still(self, plan: ShotPlan, size: tuple[int, int] = (960, 540)) -> MatLike:
        """The keyframe of a plan, BGR."""
        command = MakeKeyframe(engine="animatic", seed=3, scene_seed=5, width=size[0], height=size[1], shot=plan)
        self._engine.run(command, _inputs(plan), self._folder, Onlooker())
        picture = cv2.imread(str(self._folder / "keyframe.png"), cv2.IMREAD_COLOR)
        assert picture is not None
        return picture

    def spoken(self, plan: ShotPlan, caption: Caption, size: tuple[int, int]) -> MatLike:
        """A frame of a short clip with a caption, BGR."""
        command = AnimateShot(
            engine="animatic",
            seed=3,
            scene_seed=5,
            width=size[0],
            height=size[1],
            shot=plan,
            frames_per_second=24,
            frames=12,
            captions=[caption],
        )
        self._engine.run(command, _inputs(plan), self._folder, Onlooker())
        with av.open(str(self._folder / "clip.mp4")) as clip:
            return [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)][8]


def _inputs(plan: ShotPlan) -> dict[str, Path]:
    return {name: CAST / name for figure in plan.cast for name in figure.cut_outs}


def _plan(names: tuple[str, ...], size: str, **setting: str) -> ShotPlan:
    cast = [
        CastFigure(character_id=name, name=name, cut_outs=[f"{name}/0.png"], is_speaking=index == 0)
        for index, name in enumerate(names)
    ]
    plan = ShotPlan(action="", setting=SettingPlan.model_validate(setting), cast=cast)
    return ShotPlan.model_validate({**plan.model_dump(), "size": size})


def places(studio: Studio) -> Iterator[MatLike]:
    """Every scenery at every time of day."""
    for scenery in SCENERIES:
        for time in TIMES:
            yield studio.still(_plan((), "wide", scenery=scenery, time_of_day=time))


def weathers(studio: Studio) -> Iterator[MatLike]:
    """One place in every weather, by day and by night."""
    for weather in WEATHERS:
        for scenery, time in (("village", "day"), ("city", "night"), ("sea", "dusk"), ("forest", "dawn")):
            yield studio.still(_plan(("adventurer-000",), "full", scenery=scenery, time_of_day=time, weather=weather))


def sizes(studio: Studio) -> Iterator[MatLike]:
    """Every shot size with one, two and three characters."""
    names = ("adventurer-000", "openPeeps-003", "toonHead-002")
    for size in SIZES:
        for count, (scenery, time) in enumerate((("garden", "day"), ("castle", "dusk"), ("room", "night"))):
            yield studio.still(_plan(names[: count + 1], size, scenery=scenery, time_of_day=time))
        yield studio.still(_plan(("openPeeps-000",), size, scenery="river", time_of_day="dawn"))


def captions(studio: Studio) -> Iterator[MatLike]:
    """Captions in five scripts, wide, tall and square."""
    for speaker, text in SAYINGS.items():
        caption = Caption(text=text, speaker=speaker, start=0, end=4)
        plan = _plan(("toonHead-000", "adventurer-003"), "medium", scenery="road")
        for size in ((960, 540), (540, 960), (540, 540)):
            yield studio.spoken(plan, caption, size)
        yield studio.spoken(_plan(("openPeeps-003",), "close_up", scenery="hall"), caption, (960, 540))


SHEETS: dict[str, Callable[[Studio], Iterator[MatLike]]] = {
    "places": places,
    "weathers": weathers,
    "sizes": sizes,
    "captions": captions,
}


def fitted(picture: MatLike) -> MatLike:
    """The picture whole in one cell."""
    scale = min(CELL[0] / picture.shape[1], CELL[1] / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell = np.zeros((CELL[1], CELL[0], 3), np.uint8)
    top, left = (CELL[1] - small.shape[0]) // 2, (CELL[0] - small.shape[1]) // 2
    cell[top : top + small.shape[0], left : left + small.shape[1]] = small
    return cell


def main(wanted: list[str]) -> None:
    OUT.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        for name in wanted or list(SHEETS):
            cells = [fitted(picture) for picture in SHEETS[name](studio)]
            rows = [np.hstack(cells[start : start + 4]) for start in range(0, len(cells), 4)]
            cv2.imwrite(str(OUT / f"{name}.png"), np.vstack(rows))
            print(OUT / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
