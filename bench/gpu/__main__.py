"""`make bench-gpu`: the GPU worker beside plain loops of diffusers, on the tiny model or what LAB_DIFFUSION_... names.

python -m bench.gpu [--rounds 3] [--clock wall] [--only pictures,batches,swaps,learning,overhead,memory]

The overhead and the batches behind the whole stack are always told in wall time, the overhead beside the supervisor's
processor time.
"""

import argparse
import asyncio
import os
import platform
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.gpu import batches, learning, overhead, pictures, swaps
from bench.gpu.models import Studio
from bench.gpu.rounds import table
from gpu_worker.pipelines.diffusion.record import device_name

OUT = Path("out/bench-gpu.md")
LIBRARIES = ("torch", "diffusers", "transformers", "peft")
CLOCKS: Mapping[str, Callable[[], float]] = {"wall": time.perf_counter, "processor": time.process_time}
OF_PICTURES = {
    pictures.ONE_BY_ONE: pictures.PLAIN,
    pictures.BATCHED: pictures.PLAIN,
    pictures.PLAIN_BATCHED: pictures.PLAIN,
}


def of_pictures(studio: Studio, rounds: int) -> list[str]:
    lines: list[str] = []
    for has_references in (False, True):
        if has_references and studio.image_prompt is None:
            return [*lines, "", "Pictures with references: not measured, no IP-Adapter is set."]
        what = pictures.Pictures(studio, has_references=has_references)
        title = "Pictures of a character by a reference in its region" if has_references else "Pictures by words"
        side = f"{what.size[0]}x{what.size[1]}, {what.recipe.steps} steps"
        found = what.measure(rounds)
        lines += table(f"{title}, {side}", "pictures/s", found, beside=OF_PICTURES)
    return lines


def of_batches(studio: Studio, rounds: int, *, folder: Path, side: int) -> list[str]:
    found, together = asyncio.run(batches.measure(studio, rounds, folder=folder, side=side))
    beside = {batches.ONE_BY_ONE: pictures.PLAIN, batches.BATCHED: batches.ONE_BY_ONE}
    lines = table("Pictures by words, through the whole stack", "pictures/s", found, beside=beside)
    return [*lines, "", f"Made at once where it makes batches: {together:.1f} on average."]


def of_swaps(studio: Studio, rounds: int) -> list[str]:
    beside = {swaps.SWAPPED: swaps.PLAIN, swaps.RESIDENT: swaps.PLAIN}
    return table("From one LoRA to another", "ms", swaps.measure(studio, rounds), beside=beside)


def of_learning(studio: Studio, rounds: int) -> list[str]:
    if studio.settings.keyframe_family != "stable_diffusion":
        return ["", "Training: not measured, the plain loop is written for stable_diffusion."]
    title = f"Training a LoRA, batch {learning.BATCH}, rank {learning.RANK}"
    found = learning.measure(studio, rounds)
    return table(title, "steps/s", found, beside={learning.OURS: learning.PLAIN})


def of_overhead(studio: Studio, rounds: int, *, folder: Path, side: int) -> list[str]:
    found = {
        length: asyncio.run(overhead.compared(folder, length, rounds, side)) for length in overhead.lengths(studio)
    }
    return overhead.told(found)


def of_memory(_studio: Studio, _rounds: int, *, folder: Path, side: int) -> list[str]:
    return overhead.memory_told(*asyncio.run(overhead.grown(folder, side)))


def host(studio: Studio, asked: argparse.Namespace, seconds: float) -> str:
    loads = " / ".join(f"{load:.1f}" for load in os.getloadavg())
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{studio.settings.keyframe_family} on {device_name(studio.device)}, {studio.device.dtype}; {libraries}; "
        f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}; load average {loads}; "
        f"{asked.rounds} rounds in turning order, median (min–max), {asked.clock} time; "
        f"{seconds / 60:.1f} min; {datetime.now(UTC):%Y-%m-%d}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="some of the parts, separated by commas")
    parser.add_argument(
        "--clock", choices=CLOCKS, default="wall", help="processor time says more on a CPU that others use, too"
    )
    asked = parser.parse_args()
    started = time.perf_counter()
    with TemporaryDirectory(prefix="lab-bench-gpu-") as folder:
        studio = Studio(Path(folder), clock=CLOCKS[asked.clock])
        side = int(studio.plain().unet.config["sample_size"]) * 8
        place = {"folder": Path(folder), "side": side}
        parts: Mapping[str, Callable[[Studio, int], list[str]]] = {
            "pictures": of_pictures,
            "batches": partial(of_batches, **place),
            "swaps": of_swaps,
            "learning": of_learning,
            "overhead": partial(of_overhead, **place),
            "memory": partial(of_memory, **place),
        }
        wanted = asked.only.split(",") if asked.only else list(parts)
        lines = [line for name in wanted for line in parts[name](studio, asked.rounds)]
        text = "\n".join([host(studio, asked, time.perf_counter() - started), *lines]) + "\n"
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
