"""Commands, cast and clips for tests of engines and video: small, so that they are quick."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from contracts.commands import AnimateShot, CastFigure, ClipMade, MakeKeyframe, SettingPlan, ShotPlan
from gpu_worker.pipelines.animatic.engine import AnimaticEngine
from gpu_worker.watching import Onlooker

CAST = Path(__file__).parent / "data" / "cast"
NAMES = ("adventurer-000", "openPeeps-000", "toonHead-000")


def members(*names: str, views: Sequence[int] = (0,), speaks: int = 0) -> list[CastFigure]:
    return [
        CastFigure(
            character_id=name,
            name=name,
            cut_outs=[f"{name}-{view}.png" for view in views],
            is_speaking=index == speaks,
        )
        for index, name in enumerate(names)
    ]


def inputs_of(plan: ShotPlan) -> dict[str, Path]:
    """Where each cut-out of a plan lies: `adventurer-000-0.png` is `adventurer-000/0.png` of the cast."""
    names = [name for figure in plan.cast for name in figure.cut_outs]
    return {name: CAST / name.rsplit("-", 1)[0] / name.rsplit("-", 1)[1] for name in names}


def plan_of(*names: str, setting: SettingPlan | None = None, **changes: object) -> ShotPlan:
    plain = ShotPlan(action="They talk.", setting=setting or SettingPlan(), cast=members(*names))
    return ShotPlan.model_validate({**plain.model_dump(), **changes})


def keyframe_of(plan: ShotPlan, **changes: object) -> MakeKeyframe:
    plain = MakeKeyframe(engine="animatic", seed=7, scene_seed=5, width=320, height=180, shot=plan)
    return MakeKeyframe.model_validate({**plain.model_dump(), **changes})


def animation_of(plan: ShotPlan, **changes: object) -> AnimateShot:
    plain = AnimateShot(
        engine="animatic", seed=7, scene_seed=5, width=320, height=180, shot=plan, frames_per_second=24, frames=12
    )
    return AnimateShot.model_validate({**plain.model_dump(), **changes})


def filmed(plan: ShotPlan, folder: Path, **changes: object) -> Path:
    """A clip of the plan, made by the engine."""
    folder.mkdir(exist_ok=True)
    made = AnimaticEngine().run(animation_of(plan, **changes), inputs_of(plan), folder, Onlooker())
    assert isinstance(made, ClipMade)
    return folder / "clip.mp4"


def pictures_of(path: Path) -> list[MatLike]:
    """Every frame of a video as RGB."""
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]


def foreign_clip(path: Path, *, size: tuple[int, int] = (200, 112), rate: int = 30, frames: int = 45) -> Path:
    """A clip as another engine might make it: other size, rate, pixel format and codec settings, with B-frames."""
    with av.open(str(path), "w") as video:
        stream = video.add_stream("libx264", rate=rate, options={"bf": "2", "crf": "28"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv444p"
        for pixels in _moving_bars(size, frames):
            video.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        video.mux(stream.encode(None))
    return path


def _moving_bars(size: tuple[int, int], frames: int) -> Iterator[NDArray[np.uint8]]:
    width, height = size
    for number in range(frames):
        tone = ((np.arange(width) + 3 * number) % 64 * 4).astype(np.uint8)
        yield np.repeat(np.repeat(tone[None, :, None], height, 0), 3, 2).copy()
