"""How far a training has come, over all its kinds of steps."""

from gpu_worker.pipelines.engine import Watch


class Progress:
    """Counts steps of learning and of denoising as equals; each call of `step` may raise to stop."""

    def __init__(self, watch: Watch, total: int) -> None:
        self._watch = watch
        self._total = max(1, total)
        self._done = 0

    def step(self) -> None:
        self._done += 1
        self._watch.moved(min(1.0, self._done / self._total))

    def skip(self, steps: int) -> None:
        """These were done before, or are not needed."""
        self._done += steps
