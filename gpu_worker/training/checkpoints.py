"""From where a killed training goes on: one safetensors file, whose header says what it belongs to."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from contracts.commands import CurvePoint, TrainAdapter
from contracts.protocol import CHECKPOINT
from gpu_worker.training.settings import TrainingSettings
from gpu_worker.weights.checking import digest_of_file

log: structlog.stdlib.BoundLogger = structlog.get_logger()
Tensors = Mapping[str, torch.Tensor]
# What makes the same command another training on this worker; the last three since they shape the scores of identity.
SHAPING = (
    "side",
    "batch",
    "variants",
    "class_pictures",
    "prior_weight",
    "warmup_share",
    "weight_decay",
    "evaluations",
    "render_steps",
    "guidance",
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A training after `step` steps; `best` are the weights at its best evaluation, empty before the first.

    `scaler` is the state of the gradients' scale in half precision, empty where there is none.
    """

    step: int
    curve: tuple[CurvePoint, ...]
    weights: Tensors
    best: Tensors
    optimiser: Tensors
    scaler: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Training:
    """Which training a checkpoint belongs to: digests of the base model, and of what is asked and how it is done."""

    base: str
    command: str

    @classmethod
    def of(
        cls,
        base: str,
        command: TrainAdapter,
        inputs: Mapping[str, Path],
        settings: TrainingSettings,
        *,
        manner: Sequence[str],
    ) -> "Training":
        """`manner` names what else on this worker shapes it: the type of its numbers, and who judges."""
        told = [command.model_dump_json(), *manner, *(str(getattr(settings, name)) for name in SHAPING)]
        for name, path in sorted(inputs.items()):
            if name != CHECKPOINT:
                told.append(f"{name} {digest_of_file(path)}")
        return cls(base, hashlib.sha256("\n".join(told).encode()).hexdigest())


def save_checkpoint(path: Path, checkpoint: Checkpoint, training: Training) -> None:
    """Write it whole or not at all."""
    groups = {"weights": checkpoint.weights, "best": checkpoint.best, "optimiser": checkpoint.optimiser}
    told = {
        "base": training.base,
        "command": training.command,
        "step": checkpoint.step,
        "curve": [point.model_dump() for point in checkpoint.curve],
        "scaler": dict(checkpoint.scaler),
    }
    begun = path.with_suffix(".new")
    begun.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f"{group}/{name}": tensor for group, named in groups.items() for name, tensor in named.items()}
    save_file(tensors, begun, metadata={"checkpoint": json.dumps(told)})
    begun.replace(path)


def load_checkpoint(path: Path | None, training: Training) -> Checkpoint | None:
    """Answer it if it is whole and of this very training; else say so in the log, and the training starts anew."""
    if path is None:
        return None
    try:
        return _read(path, training)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as unfit:
        log.warning("checkpoint_not_used", reason=str(unfit))
        return None


def _read(path: Path, training: Training) -> Checkpoint:
    groups: dict[str, dict[str, torch.Tensor]] = {"weights": {}, "best": {}, "optimiser": {}}
    with safe_open(path, "pt") as file:
        told = json.loads((file.metadata() or {})["checkpoint"])
        if (told["base"], told["command"]) != (training.base, training.command):
            raise ValueError("It is of another training.")
        for key in file.keys():  # noqa: SIM118 - it is no mapping
            group, _, name = key.partition("/")
            groups[group][name] = file.get_tensor(key)
    curve = tuple(CurvePoint.model_validate(point) for point in told["curve"])
    # Whole numbers stay so: torch refuses a growth interval of 2000.0.
    scaler = {str(name): number(value) for name, value in told["scaler"].items()}
    return Checkpoint(step=int(told["step"]), curve=curve, scaler=scaler, **groups)


def number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number.")
    return value
