"""What the memory of this process holds, as its kernel and its accelerator tell it."""

import os
import sys
from collections.abc import Collection
from pathlib import Path

from gpu_worker.messages import Memory
from gpu_worker.pipelines.engine import Engine

STATM = Path("/proc/self/statm")


def resident_bytes() -> int | None:
    """The resident set of this process; None where there is no procfs to read it from."""
    if not STATM.exists():
        return None
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def accelerator_bytes() -> int:
    """What tensors hold on all accelerators; torch is asked only where an engine has loaded it."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0
    return sum(torch.cuda.memory_allocated(number) for number in range(torch.cuda.device_count()))


def memory_with(engines: Collection[Engine]) -> Memory:
    """The memory of this process, with what of it the engines keep loaded on purpose."""
    return Memory(
        resident_bytes=resident_bytes(),
        accelerator_bytes=accelerator_bytes(),
        loaded_bytes=sum(engine.loaded_bytes for engine in engines),
        loaded_models={engine.name: list(engine.loaded_models) for engine in engines},
    )
