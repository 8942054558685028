"""Filming speed of the animatic engine: frames a second for each camera move, painting, drawing and encoding included.

The peer in the same run is the barest thing that could be called a film: one still, encoded with the same settings.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import av
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from adapters.identity.cut_out import cut_out
from adapters.identity.pictures import read_picture, write_png
from contracts.commands import AnimateShot, CastFigure, SettingPlan, ShotPlan
from gpu_worker.pipelines.animatic.engine import AnimaticEngine
from gpu_worker.watching import Onlooker

CAST = Path(__file__).parent.parent / "examples" / "cast"
WIDTH, HEIGHT, RATE, FRAMES = 1280, 720, 24, 96
Move = Literal["static", "pan_left", "pan_right", "tilt_up", "tilt_down", "push_in", "pull_out", "handheld", "parallax"]


def main() -> None:
    cv2.setNumThreads(1)
    console = Console()
    table = Table("camera move", "frames/s of one core", title=f"animatic, {WIDTH}x{HEIGHT}, two figures, one thread")
    with TemporaryDirectory() as folder:
        inputs = write_cut_outs(Path(folder), ("adventurer-000", "toonHead-000"))
        film("static", inputs, Path(folder))
        for move in get_args(Move):
            table.add_row(move, f"{film(move, inputs, Path(folder)):.1f}")
        table.add_row("(a still, encoded)", f"{encode_still(Path(folder)):.1f}")
    console.print(table)


def write_cut_outs(folder: Path, names: tuple[str, ...]) -> Mapping[str, Path]:
    inputs = {name: folder / f"{name}.png" for name in names}
    for name, path in inputs.items():
        path.write_bytes(write_png(cut_out(read_picture((CAST / name / "0.png").read_bytes())).rgba))
    return inputs


def film(move: Move, inputs: Mapping[str, Path], folder: Path) -> float:
    """Film four seconds; answer frames a second of processor time, which other processes cannot spoil."""
    cast = [CastFigure(character_id=name, name=name, cut_outs=[name]) for name in inputs]
    shot = ShotPlan(action="They talk.", setting=SettingPlan(scenery="garden"), cast=cast, size="medium", move=move)
    command = AnimateShot(
        engine="animatic",
        seed=7,
        width=WIDTH,
        height=HEIGHT,
        shot=shot,
        scene_seed=7,
        frames_per_second=RATE,
        frames=FRAMES,
    )
    started = time.process_time()
    AnimaticEngine().run(command, inputs, folder, Onlooker())
    return FRAMES / (time.process_time() - started)


def encode_still(folder: Path) -> float:
    picture = np.random.default_rng(7).integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    still = np.asarray(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)
    started = time.process_time()
    with av.open(str(folder / "still.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt, stream.thread_count = WIDTH, HEIGHT, "yuv420p", 1
        for _ in range(FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(still, format="bgr24")))
        container.mux(stream.encode())
    return FRAMES / (time.process_time() - started)


if __name__ == "__main__":
    main()
