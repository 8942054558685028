"""Milliseconds from one character's LoRA to another's, beside unloading and loading."""

from collections.abc import Callable
from itertools import count

from bench.gpu.models import Adapter, Studio
from bench.gpu.rounds import Row, Values, interleaved
from gpu_worker.pipelines.diffusion.family import LoadedAdapter

SWAPS = 10
SWAPPED, RESIDENT, PLAIN = "ours, hot-swapped", "ours, both resident", "unload and load"


def measure(studio: Studio, rounds: int) -> Values:
    """Milliseconds a swap; what is swapped in is read from its file, unless it is resident."""
    adapters = studio.adapters(count=2)
    rows = [
        Row(SWAPPED, taken(studio, adapters, use_ours(studio, resident_max=1))),
        Row(RESIDENT, taken(studio, adapters, use_ours(studio, resident_max=6))),
        Row(PLAIN, taken(studio, adapters, use_plainly(studio))),
    ]
    return interleaved(rows, rounds)


def use_ours(studio: Studio, *, resident_max: int) -> Callable[[Adapter], None]:
    family = studio.ours(has_references=False, adapters_resident_max=resident_max)
    return lambda adapter: family.adapters.use([LoadedAdapter(adapter.path, adapter.sha256, 1.0)])


def use_plainly(studio: Studio) -> Callable[[Adapter], None]:
    pipeline = studio.plain()

    def use(adapter: Adapter) -> None:
        pipeline.unload_lora_weights()
        pipeline.load_lora_weights(str(adapter.path))

    return use


def taken(studio: Studio, adapters: list[Adapter], use: Callable[[Adapter], None]) -> Callable[[int], float]:
    """Answer what measures swaps, in turn from one to the other."""
    turns = count()

    def measured(_number: int) -> float:
        started = studio.clock()
        for _ in range(SWAPS):
            use(adapters[next(turns) % len(adapters)])
            studio.settle()
        return 1000 * (studio.clock() - started) / SWAPS

    return measured
