"""What an operator may set of a worker: `LAB_WORKER_...` in the environment."""

import os
import socket
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.protocol import BATCH_MAX


def own_name() -> str:
    return f"worker-{socket.gethostname()}-{os.getpid()}"


class WorkerSettings(BaseSettings):
    """Frozen; only the control application's address and token have no default.

    `redis_url` is for hints and may be absent. `engines` are dotted paths `module:Class`, in the child's process.
    """

    model_config = SettingsConfigDict(env_prefix="LAB_WORKER_", env_ignore_empty=True, frozen=True, extra="ignore")

    control_url: str
    token: SecretStr
    redis_url: SecretStr | None = None
    queue: str = "cpu"
    engines: tuple[str, ...] = ("gpu_worker.pipelines.animatic.engine:AnimaticEngine",)
    id: str = Field(default_factory=own_name)
    cache_folder: Path = Field(default_factory=lambda: Path.home() / ".cache" / "character-lab-worker" / "inputs")
    # Where jobs put what they make before it is stored; the system's folder for such things if left out.
    work_folder: Path | None = None
    cache_bytes_max: int = Field(default=2_000_000_000, ge=1_000_000)
    # Pictures of characters that were deleted in the lab are not kept here for ever.
    cache_days: float = Field(default=7.0, gt=0)
    ask_seconds: float = Field(default=5.0, gt=0, le=20)
    beat_seconds: float = Field(default=1.0, gt=0, le=60)
    # How long a child may be silent, while it is set up or at work. One that fetches or loads a model is not
    # silent as long as bytes move.
    setup_seconds: float = Field(default=300.0, gt=0)
    # One step of a large model on a small GPU takes minutes.
    stall_seconds: float = Field(default_factory=lambda told: 600.0 if told["queue"] == "gpu" else 120.0, gt=0)
    # How long a command may take to its next step when it is to end; then its process is ended.
    halt_seconds: float = Field(default=10.0, ge=0)
    stop_seconds: float = Field(default=5.0, ge=0)
    log_format: Literal["json", "text"] = "json"
    drain_seconds: float = Field(default=30.0, ge=0)
    # A child is replaced, between jobs, that holds so much more than after its first ones, models not counted, ...
    child_growth_bytes_max: int = Field(default=2_000_000_000, ge=1_000_000)
    # ... or whose resident memory is above this; without it, growth alone counts.
    child_resident_bytes_max: int | None = Field(default=None, ge=1_000_000)
    setup_failures_max: int = Field(default=10, ge=1)  # in a row; then the worker calls itself defunct
    # Jobs that are held at once where the engine makes them in one batch; as it suits the engine's device if left out.
    batch: int | None = Field(default=None, ge=1, le=BATCH_MAX)
    health_host: str = "127.0.0.1"
    health_port: int | None = Field(default=None, ge=0, le=65535)
