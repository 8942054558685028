"""What supervisor, control application, object store and heartbeats cost, beside the same work of a child alone.

Through the stack a job is claimed, its input fetched, its outputs stored and reported, beaten for and asked about all
the while; alone the same child is only told what to do, by its parent. Jobs are ordered ahead, as a render orders them.
"""

import asyncio
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.gpu.models import Studio, reference
from bench.gpu.orders import ENGINE, REFERENCE, keyframe
from bench.gpu.rounds import spread
from bench.gpu.stack import Stack, running
from gpu_worker.leaks import LeakWatch
from gpu_worker.messages import Run
from gpu_worker.workshop import Workshop

MEMORY_JOBS_FIRST, MEMORY_JOBS = 20, 200
MEMORY_STEPS, USUAL_STEPS = 2, 30
SETUP_SECONDS, STALL_SECONDS, STOP_SECONDS = 600.0, 600.0, 5.0
NEVER = 10**15
MB = 1_000_000
TYPICAL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Length:
    """Jobs of so many denoising steps, so many a round, of pictures so many times as wide as the model's own."""

    name: str
    steps: int
    jobs: int
    wider: int = 1


@dataclass(slots=True)
class Figures:
    """A value a round: seconds a job alone and through the stack, and the supervisor's processor seconds a job."""

    alone: list[float] = field(default_factory=list[float])
    through: list[float] = field(default_factory=list[float])
    supervisor: list[float] = field(default_factory=list[float])

    @property
    def added(self) -> list[float]:
        return [through - alone for through, alone in zip(self.through, self.alone, strict=True)]


class ChildAlone:
    """A child of our own, told what to do over its pipe."""

    def __init__(self, folder: Path, picture: Path, side: int) -> None:
        self._folder = folder
        self._picture = picture
        self._side = side
        self.workshop = Workshop(
            [ENGINE],
            setup_seconds=SETUP_SECONDS,
            stall_seconds=STALL_SECONDS,
            stop_seconds=STOP_SECONDS,
            leaks=LeakWatch(growth_bytes_max=NEVER, resident_bytes_max=None),
        )

    async def make(self, seeds: Sequence[int]) -> None:
        await self.workshop.open()
        for seed in seeds:
            with tempfile.TemporaryDirectory(dir=self._folder) as outputs:
                asked = Run(command=keyframe(seed, self._side), inputs={REFERENCE: str(self._picture)}, outputs=outputs)
                said = await self.workshop.run(asked, lambda _news: None)
            if said.kind != "done":
                raise RuntimeError(f"The child did not make a keyframe: {said}.")

    @property
    def resident_bytes(self) -> int:
        memory = self.workshop.memory
        if memory is None or memory.resident_bytes is None:
            raise RuntimeError("This system does not tell what a process holds.")
        return memory.resident_bytes


def model_settings(steps: int) -> Mapping[str, str]:
    """The settings of the engine, for another process."""
    named = {name: value for name, value in os.environ.items() if name.startswith("LAB_DIFFUSION_")}
    return {**named, "LAB_DIFFUSION_STEPS": str(steps), "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}


async def compared(folder: Path, length: Length, rounds: int, side: int) -> Figures:
    """Measure one length in both ways, in turn."""
    packed = io.BytesIO()
    reference(0).save(packed, "PNG")
    picture = folder / "fox.png"
    picture.write_bytes(packed.getvalue())
    settings, figures, side = model_settings(length.steps), Figures(), length.wider * side
    os.environ.update(settings)
    alone = ChildAlone(folder, picture, side)
    # The child alone makes one after another.
    through = {**settings, "LAB_WORKER_BATCH": "1"}
    async with running(folder / length.name.replace(" ", "-"), through, side=side, picture=packed.getvalue()) as stack:
        try:
            await asyncio.gather(alone.make([1]), stack.end(await stack.order([1])))
            for number in range(rounds):
                seeds = range(1000 * (number + 1), 1000 * (number + 1) + length.jobs)
                for way in (_alone, _through) if number % 2 == 0 else (_through, _alone):
                    await way(figures, alone, stack, seeds)
        finally:
            await alone.workshop.close()
    print(f"{length.name}: {figures}", file=sys.stderr)
    return figures


async def _alone(figures: Figures, alone: ChildAlone, _stack: Stack, seeds: Sequence[int]) -> None:
    started = time.perf_counter()
    await alone.make(seeds)
    figures.alone.append((time.perf_counter() - started) / len(seeds))


async def _through(figures: Figures, _alone: ChildAlone, stack: Stack, seeds: Sequence[int]) -> None:
    ordered = await stack.order(seeds)
    started, before = time.perf_counter(), stack.supervisor_seconds()
    await stack.end(ordered)
    figures.through.append((time.perf_counter() - started) / len(seeds))
    figures.supervisor.append((stack.supervisor_seconds() - before) / len(seeds))


async def grown(folder: Path, side: int) -> tuple[int, int]:
    """Answer the child's resident bytes after some jobs and after many, each with words of its own."""
    os.environ.update(model_settings(MEMORY_STEPS))
    picture = folder / "memory.png"
    reference(0).save(picture)
    child = ChildAlone(folder, picture, side)
    try:
        await child.make(range(MEMORY_JOBS_FIRST))
        first = child.resident_bytes
        await child.make(range(MEMORY_JOBS_FIRST, MEMORY_JOBS))
        return first, child.resident_bytes
    finally:
        await child.workshop.close()


def lengths(studio: Studio) -> Sequence[Length]:
    """Short jobs, and ones long enough for heartbeats to count: by many steps, and by slow ones as real models have."""
    found = [Length("short", studio.settings.steps or USUAL_STEPS, 10), Length("long", 200, 2)]
    return found if studio.is_accelerated else [*found, Length("slow steps", USUAL_STEPS, 3, wider=2)]


def told(found: Mapping[Length, Figures]) -> list[str]:
    lines = [
        "",
        "### Overhead of supervisor, transfer and heartbeats",
        "",
        "| job | child alone, ms | through the stack, ms | added, ms | added | of 5 s | supervisor's processor, ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for length, figures in found.items():
        added = statistics.median(figures.added)
        cells = (
            *(spread([1000 * each for each in values]) for values in (figures.alone, figures.through, figures.added)),
            f"{added / statistics.median(figures.alone):.1%}",
            f"{added / TYPICAL_SECONDS:.2%}",
            spread([1000 * each for each in figures.supervisor]),
        )
        lines.append(f"| {length.name}, {length.steps} steps | {' | '.join(cells)} |")
    return lines


def memory_told(first: int, last: int) -> list[str]:
    each = (last - first) / (MEMORY_JOBS - MEMORY_JOBS_FIRST) / 1000
    held = f"{first / MB:,.1f} MB after {MEMORY_JOBS_FIRST} jobs, {last / MB:,.1f} MB after {MEMORY_JOBS}"
    return ["", f"### Memory over {MEMORY_JOBS} jobs", "", f"Resident in the child: {held}; {each:,.1f} kB a job."]
