"""Small engines for tests, chosen by the command's seed; they run in the real child process."""

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.commands import Command, KeyframeMade, MakeKeyframe, OutputName, Result
from gpu_worker.pipelines.engine import Assignment, BatchSize, EngineCapabilities, EngineUsage, Watch
from tests.builders_served import served_model

FINE, REFUSES, BREAKS, HANGS, DIES, DIES_ONCE, HANGS_ONCE, WALKS, SAVES, LEAKS, WRITES, WAITS, LOADS = range(13)
MODEL = served_model("tiny", engine="tiny")
LEAK_BYTES = 30_000_000
PREVIEW = b"\xff\xd8\xff a preview \xff\xd9"


def preview_of(number: int) -> bytes:
    return PREVIEW.replace(b"a preview", b"preview %d" % number)


def read_for(*, seconds: float) -> None:
    """Read as one who loads a large model does, without a word."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        Path(__file__).read_bytes()


class TinyEngine:
    """Writes a picture of a few bytes, or does what the seed says."""

    name = "tiny"
    version = "1"
    capabilities = EngineCapabilities(
        sizes=(),
        frames_per_second=(),
        frames_max=1,
        references_max=8,
        has_previews=False,
        can_cancel=True,
        needs_gpu=False,
    )
    served_models = (MODEL,)
    loaded_bytes = 1_000
    loaded_models = ("tiny",)

    def __init__(self) -> None:
        self.usage = EngineUsage(model_loads=1, model_load_seconds=0.5)
        self._leaked: list[bytes] = []

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        if isinstance(command, MakeKeyframe) and command.seed == LOADS:
            read_for(seconds=4.0)
        watch.moved(0.5)
        assert isinstance(command, MakeKeyframe)
        self._misbehave(command, inputs)
        while command.seed == WALKS:
            threading.Event().wait(0.02)
            watch.shown(PREVIEW)
            watch.moved(0.6)
        if command.seed == SAVES and "checkpoint" not in inputs:
            self._save(Path(command.shot.action), outputs, watch)
        while command.seed == WAITS and not Path(command.shot.action).exists():
            threading.Event().wait(0.02)
            watch.moved(0.6)
        while command.seed == WRITES:
            (outputs / "checkpoints").mkdir(parents=True, exist_ok=True)
            (outputs / "checkpoints" / "half-way").write_bytes(b"half of it")
        content = b"".join(path.read_bytes() for _, path in sorted(inputs.items()))
        self.usage += EngineUsage(denoising_steps=4, denoising_seconds=2.0, model_hits=1)
        (outputs / OutputName.KEYFRAME).write_bytes(b"picture of " + content)
        print("noise that must not reach the parent")
        watch.moved(1.0)
        return KeyframeMade(figures=1, engine_version=self.version)

    def _save(self, mark: Path, outputs: Path, watch: Watch) -> None:
        """Save a checkpoint, say which process this is, and be at it until it is killed."""
        saved = outputs / "half-way"
        saved.write_bytes(b"half of it")
        watch.saved(saved)
        mark.write_text(str(os.getpid()))
        while True:
            threading.Event().wait(0.02)
            watch.moved(0.5)

    def _misbehave(self, command: MakeKeyframe, inputs: Mapping[str, Path]) -> None:
        if command.seed == LEAKS:
            self._leaked.append(b"x" * LEAK_BYTES)
        if command.seed == REFUSES:
            raise ValueError("This shot cannot be filmed.")
        if command.seed == BREAKS:
            raise RuntimeError("A bug.")
        if command.seed == HANGS:
            threading.Event().wait()
        if command.seed == DIES:
            os.kill(os.getpid(), signal.SIGKILL)
        mark = Path(command.shot.action)
        if command.seed == HANGS_ONCE and not mark.exists():
            mark.touch()
            threading.Event().wait()
        if command.seed == DIES_ONCE and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class BatchEngine(TinyEngine):
    """Makes several at once: it is through with all of them before it answers."""

    batch = BatchSize(usual=4, most=4)

    def run_many(self, assignments: Sequence[Assignment]) -> Sequence[Result | ValueError]:
        for number, each in enumerate(assignments):
            each.watch.shown(preview_of(number))
            each.watch.moved(0.4)
        return [self._one_of(len(assignments), each) for each in assignments]

    def _one_of(self, number: int, each: Assignment) -> Result | ValueError:
        try:
            made = self.run(each.command, each.inputs, each.outputs, each.watch)
        except ValueError as refused:
            return refused
        return made.model_copy(update={"notes": {"batch": number}})


class LargeEngine(TinyEngine):
    """Takes its time to be set up, and can do what not every engine of its name can."""

    skills = ("tiny.painting",)

    def __init__(self) -> None:
        super().__init__()
        read_for(seconds=1.5)


class EndlessEngine(TinyEngine):
    """Fetches for longer than anybody waits."""

    def __init__(self) -> None:
        super().__init__()
        read_for(seconds=600.0)


class BrokenEngine(TinyEngine):
    """Cannot be set up."""

    def __init__(self) -> None:
        raise RuntimeError("There is no such device.")
