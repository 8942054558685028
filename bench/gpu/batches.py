"""Pictures a second of a worker behind the whole stack, one by one and in batches, beside plain loops of diffusers.

By words alone, of which diffusers makes batches, too. A worker's pictures are claimed, stored and reported on the way.
"""

import io
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bench.gpu.models import Studio, reference
from bench.gpu.overhead import USUAL_STEPS, model_settings
from bench.gpu.pictures import BATCH, PLAIN, PLAIN_BATCHED, Pictures
from bench.gpu.rounds import Values
from bench.gpu.stack import Stack, running

ORDERED = 16  # pictures a round
ONE_BY_ONE, BATCHED = "worker, one by one", f"worker, batches of {BATCH}"
Measure = Callable[[int], Awaitable[float]]


async def measure(studio: Studio, rounds: int, *, folder: Path, side: int) -> tuple[Values, float]:
    """Answer pictures a second by row, and how many the second worker made at once on average."""
    packed = io.BytesIO()
    reference(0).save(packed, "PNG")
    settings = model_settings(studio.settings.steps or USUAL_STEPS)
    words = {name: value for name, value in settings.items() if "IMAGE_PROMPT" not in name}
    single, batching = ({**words, "LAB_WORKER_BATCH": str(size)} for size in (1, BATCH))
    plain = Pictures(studio, has_references=False)
    async with (
        running(folder / "single", single, side=side, picture=packed.getvalue()) as one_by_one,
        running(folder / "batching", batching, side=side, picture=packed.getvalue()) as batched,
    ):
        rows: Mapping[str, Measure] = {
            ONE_BY_ONE: lambda number: rate(one_by_one, number),
            BATCHED: lambda number: rate(batched, number),
            PLAIN: lambda number: at_once(plain.plain_rate(number, 1)),
            PLAIN_BATCHED: lambda number: at_once(plain.plain_rate(number, BATCH)),
        }
        return await in_turn(rows, rounds), await batched.made_together()


async def at_once(value: float) -> float:
    return value


async def rate(stack: Stack, number: int) -> float:
    started = time.perf_counter()
    await stack.end(await stack.order(range(ORDERED * number, ORDERED * (number + 1)), has_reference=False))
    return ORDERED / (time.perf_counter() - started)


async def in_turn(rows: Mapping[str, Measure], rounds: int) -> Values:
    """Measure every row once unseen (round 0), then once a round, each round in the other direction."""
    found: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(rounds + 1):
        for name in rows if number % 2 else reversed(list(rows)):
            value = await rows[name](number)
            if number:
                found[name].append(value)
        print(f"round {number}: {found}", file=sys.stderr)
    return found
