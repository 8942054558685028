"""What the children of one worker have done together, by engine."""

from typing import Final, Literal

from gpu_worker.pipelines.engine import EngineUsage

Work = Literal["denoising", "training"]
WORKS: Final[tuple[Work, ...]] = ("denoising", "training")


def steps_of(usage: EngineUsage, work: Work) -> tuple[int, float]:
    """Answer steps and their seconds."""
    if work == "denoising":
        return usage.denoising_steps, usage.denoising_seconds
    return usage.training_steps, usage.training_seconds


class Accounts:
    """Adds up what commands took; of one that ended its child nothing is known.

    `rates` are the steps a second of the last command that made any.
    """

    def __init__(self) -> None:
        self.totals: dict[str, EngineUsage] = {}
        self.rates: dict[tuple[str, Work], float] = {}

    def add(self, engine: str, usage: EngineUsage) -> None:
        self.totals[engine] = self.totals.get(engine, EngineUsage()) + usage
        for work in WORKS:
            steps, seconds = steps_of(usage, work)
            if steps and seconds > 0:
                self.rates[engine, work] = steps / seconds
