"""How many steps models make, and how long they take: what steps a second are reckoned from."""

from time import monotonic

import torch

from gpu_worker.pipelines.diffusion.family import OnStep


class StepMeter:
    """Counts steps and their seconds; a step of a batch counts for each of its pictures."""

    def __init__(self) -> None:
        self.steps, self.seconds = 0, 0.0

    def add(self, steps: int, seconds: float) -> None:
        self.steps += steps
        self.seconds += seconds

    def timed(self, on_step: OnStep, steps: int, *, pictures: int = 1) -> OnStep:
        """Answer what also counts each of the steps; the clock runs from now."""
        begun = monotonic()

        def after(step: int, latents: torch.Tensor | None) -> None:
            nonlocal begun
            if step + 1 == steps and latents is not None and latents.is_cuda:
                # An accelerator lags behind what it was told; only at its end are the seconds true.
                torch.cuda.synchronize(latents.device)
            now = monotonic()
            self.add(pictures, now - begun)
            begun = now
            on_step(step, latents)

        return after
