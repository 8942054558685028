"""An engine that makes nothing and misbehaves on demand: the words of the shot's action say how.

`work 0.3` reports progress for that long; `hang` says nothing more, with heartbeats going on; `exit` ends the process
as if all were well; `crash` dies of a segmentation fault; `full` runs out of memory; `refuse` is no fit command. A word
with `once:` before it counts for the first attempt at a seed only, whichever worker makes it.
"""

import ctypes
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from chaos.record import record
from contracts.commands import Command, KeyframeMade, OutputName, Result
from gpu_worker.pipelines.engine import EngineCapabilities, EngineUsage, Watch

PIECE_SECONDS = 0.05
HANG_SECONDS = 3600.0


class ChaosEngine:
    """Does what the command's action says, and keeps a record of it."""

    name = "chaos"
    version = "1"
    capabilities = EngineCapabilities(
        sizes=(),
        frames_per_second=(),
        frames_max=1,
        references_max=0,
        has_previews=False,
        can_cancel=True,
        needs_gpu=False,
    )
    served_models = ()
    usage = EngineUsage()
    loaded_bytes = 0
    loaded_models = ()

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        if command.kind != "make_keyframe":
            raise ValueError("Only keyframes are pretended to be made here.")
        record("engine_began", seed=str(command.seed), action=command.shot.action, inputs=len(inputs))
        for word in command.shot.action.split(","):
            self._do(word.strip(), command.seed, watch)
        (outputs / OutputName.KEYFRAME).write_bytes(f"chaos {command.seed} {os.urandom(8).hex()}".encode())
        record("engine_ended", seed=str(command.seed))
        return KeyframeMade(figures=0, engine_version=self.version)

    def _do(self, word: str, seed: int, watch: Watch) -> None:
        if word.startswith("once:"):
            if not first_time(f"{seed}"):
                return
            word = word.removeprefix("once:")
        name, _, number = word.partition(" ")
        if name == "work":
            work(float(number), watch)
        elif name in DEEDS:
            DEEDS[name]()


def first_time(mark: str) -> bool:
    """Tell whether this mark is set for the first time, by any process."""
    folder = Path(os.environ["CHAOS_RECORD"]).parent / "marks"
    folder.mkdir(exist_ok=True)
    try:
        (folder / mark).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def work(seconds: float, watch: Watch) -> None:
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        watch.moved(1 - left / seconds)
        time.sleep(min(PIECE_SECONDS, left))


def hang() -> None:
    time.sleep(HANG_SECONDS)


def end_well() -> None:
    os._exit(0)


def crash() -> None:
    ctypes.string_at(0)


def fill() -> None:
    raise MemoryError


def refuse() -> None:
    raise ValueError("This cannot be made.")


DEEDS: Mapping[str, Callable[[], None]] = {
    "hang": hang,
    "exit": end_well,
    "crash": crash,
    "full": fill,
    "refuse": refuse,
}
