"""The loop that learns: every step's chances come from the seed and its number, so that a resumed one is the same.

A step's own loss says little, since its noise and timesteps are chance: the curve is the loss over fixed ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, isfinite, pi
from time import monotonic

import torch

from contracts.commands import CurvePoint
from gpu_worker.training.adapter import LearnedAdapter, Tensors
from gpu_worker.training.checkpoints import Checkpoint
from gpu_worker.training.material import Material, together
from gpu_worker.training.model import LearningModel, Lot
from gpu_worker.training.progress import Progress

FIXED = 16  # timesteps, spread evenly, at which the curve's loss is measured
FIXED_LOT = 4
SEEDS = 2**63


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn; `evaluate_steps` and `checkpoint_steps` are the steps between two of them."""

    seed: int
    steps_max: int
    learning_rate: float
    warmup_steps: int
    batch: int
    prior_weight: float
    weight_decay: float
    gradient_norm_max: float
    evaluate_steps: int
    checkpoint_steps: int
    patience: int

    def rate_at(self, step: int) -> float:
        """The learning rate of step 1, 2, ...: a linear warm-up, then half a cosine down to nothing."""
        if step <= self.warmup_steps:
            return self.learning_rate * step / self.warmup_steps
        share = (step - self.warmup_steps) / max(1, self.steps_max - self.warmup_steps)
        return self.learning_rate * (1 + cos(pi * share)) / 2


@dataclass(frozen=True, slots=True)
class Subject:
    """What is learned, and what of the base is to be kept."""

    own: Material
    prior: Material | None


class Lesson:
    """One training of one adapter. `identity` is asked at each evaluation; None where nothing is held out."""

    def __init__(
        self,
        model: LearningModel,
        adapter: LearnedAdapter,
        subject: Subject,
        plan: Plan,
        *,
        identity: Callable[[], float | None],
    ) -> None:
        self._model = model
        self._adapter = adapter
        self._subject = subject
        self._plan = plan
        self._identity = identity
        self._optimiser = torch.optim.AdamW(adapter.parameters, lr=plan.learning_rate, weight_decay=plan.weight_decay)
        self._scaler = torch.amp.GradScaler(
            model.device.type, enabled=model.is_accelerated and model.dtype is torch.float16
        )
        self._best: Tensors = {}
        self.step = 0
        self.curve: list[CurvePoint] = []
        # The step whose evaluation came to no number; what was learned by then is no use.
        self.diverged_at: int | None = None
        # Of this attempt, evaluations and checkpoints left out.
        self.steps_learned, self.seconds_learned = 0, 0.0

    def run(self, progress: Progress, keep: Callable[[Checkpoint], None]) -> None:
        """Learn until the last step or until identity has not risen for `patience` evaluations; keep checkpoints.

        Afterwards the adapter has the best evaluation's weights. `progress` may raise after any step. A training that
        diverges ends with the best weights so far; raises ValueError where there are none.
        """
        if not self.curve:
            self._evaluate()
        while self.step < self._plan.steps_max and not self.has_ended:
            self.step += 1
            started = monotonic()
            self._learn()
            self.seconds_learned += monotonic() - started
            self.steps_learned += 1
            progress.step()
            is_last = self.step == self._plan.steps_max
            if is_last or self.step % self._plan.evaluate_steps == 0:
                self._evaluate()
            if not is_last and self.step % self._plan.checkpoint_steps == 0:
                self._keep(keep)
        self._adapter.restore(self._best)

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from there."""
        self.step, self.curve, self._best = checkpoint.step, list(checkpoint.curve), checkpoint.best
        self._adapter.restore(checkpoint.weights)
        self._scaler.load_state_dict(dict(checkpoint.scaler))
        states: dict[int, dict[str, torch.Tensor]] = {}
        for key, tensor in checkpoint.optimiser.items():
            number, _, name = key.partition(".")
            states.setdefault(int(number), {})[name] = tensor
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": states})

    @property
    def has_ended(self) -> bool:
        return self.has_stalled or self.diverged_at is not None

    @property
    def has_stalled(self) -> bool:
        return evaluations_since_best(self.curve) >= self._plan.patience

    @property
    def best_step(self) -> int:
        return best_point(self.curve).step

    def _learn(self) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate_at(self.step)
        lot, own = self._lot()
        losses = self._model.losses(lot)
        loss = losses[:own].mean()
        if own < len(losses):
            loss = loss + self._plan.prior_weight * losses[own:].mean()
        self._optimiser.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()
        self._scaler.unscale_(self._optimiser)
        norm = torch.nn.utils.clip_grad_norm_(self._adapter.parameters, self._plan.gradient_norm_max)
        # One step by what is no number makes all weights none.
        if torch.isfinite(loss) and torch.isfinite(norm):
            self._scaler.step(self._optimiser)
        self._scaler.update()

    def _lot(self) -> tuple[Lot, int]:
        """Answer the step's lot and how many of it, at its front, are the character's."""
        chance = torch.Generator().manual_seed(seed_of(self._plan.seed, self.step))
        own, prior = self._subject.own, self._subject.prior
        drawn = [
            material.chosen(torch.randint(len(material), (self._plan.batch,), generator=chance))
            for material in ((own,) if prior is None else (own, prior))
        ]
        latents = torch.cat([each for each, _ in drawn])
        noise = torch.randn(latents.shape, generator=chance)
        times = torch.randint(self._model.times_max, (len(latents),), generator=chance)
        return Lot(latents, together([words for _, words in drawn]), noise, times), self._plan.batch

    def _evaluate(self) -> None:
        loss = fixed_loss(self._model, self._subject.own, self._plan.seed)
        if not isfinite(loss):
            self._end_diverged()
            return
        self.curve.append(CurvePoint(step=self.step, loss=loss, identity=self._identity()))
        if self.step and best_point(self.curve).step == self.step:
            self._best = self._adapter.weights()

    def _end_diverged(self) -> None:
        if not self._best:
            raise ValueError(f"The training diverged at step {self.step}: its loss is no number.")
        self.diverged_at = self.step

    def _keep(self, keep: Callable[[Checkpoint], None]) -> None:
        """Hand on a checkpoint that a later attempt can go on from: one with numbers alone."""
        checkpoint = self._checkpoint()
        tensors = [*checkpoint.weights.values(), *checkpoint.optimiser.values()]
        if self.diverged_at is None and all(bool(torch.isfinite(each).all()) for each in tensors):
            keep(checkpoint)

    def _checkpoint(self) -> Checkpoint:
        states: Mapping[int, Mapping[str, torch.Tensor]] = self._optimiser.state_dict()["state"]
        return Checkpoint(
            step=self.step,
            curve=tuple(self.curve),
            weights=self._adapter.weights(),
            best=self._best,
            optimiser={
                f"{number}.{name}": tensor.detach().cpu().clone()
                for number, state in states.items()
                for name, tensor in state.items()
            },
            scaler=self._scaler.state_dict(),
        )


def best_point(curve: Sequence[CurvePoint]) -> CurvePoint:
    """The first of the highest identity after learning began; the last point where identity is not measured."""
    measured = [point for point in curve if point.step and point.identity is not None]
    return max(measured, key=lambda point: point.identity or 0.0) if measured else curve[-1]


def evaluations_since_best(curve: Sequence[CurvePoint]) -> int:
    """How many evaluations identity has not risen for."""
    return len(curve) - 1 - list(curve).index(best_point(curve)) if curve else 0


@torch.no_grad()
def fixed_loss(model: LearningModel, material: Material, seed: int) -> float:
    """The mean loss over timesteps spread evenly and noise that is the same at every call."""
    chance = torch.Generator().manual_seed(seed_of(seed, 0))
    numbers = torch.arange(FIXED) * len(material) // FIXED
    times = (torch.arange(FIXED) * model.times_max + model.times_max // 2) // FIXED
    noise = torch.randn((FIXED, *material.latents.shape[1:]), generator=chance)
    losses: list[torch.Tensor] = []
    for start in range(0, FIXED, FIXED_LOT):
        part = slice(start, start + FIXED_LOT)
        latents, words = material.chosen(numbers[part])
        losses.append(model.losses(Lot(latents, words, noise[part], times[part])))
    return float(torch.cat(losses).mean())


def seed_of(seed: int, step: int) -> int:
    """A seed of its own for each step; the multiplier is Knuth's (MMIX), so that near seeds share no steps."""
    return (seed * 6364136223846793005 + step) % SEEDS
