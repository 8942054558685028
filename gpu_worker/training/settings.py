"""What an operator may set of training: `LAB_TRAINING_...` in the environment of the worker."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gpu_worker.weights.source import WeightsSource

PREFIX = "LAB_TRAINING_"
SCORER_SETTING, IDENTITY_SETTING = f"{PREFIX}SCORER_WEIGHTS", f"{PREFIX}IDENTITY_WEIGHTS"


class TrainingSettings(BaseSettings):
    """Frozen. Weights are written as `gpu_worker.weights.source` reads them.

    `scorer_weights` is a CLIP model: it judges pictures by their prompts. Who is in them is judged by the model of
    `identity_weights`, of the family `identity_family`; by the CLIP model where there is none.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    scorer_weights: str = ""
    identity_family: Literal["clip", "dinov2"] = "dinov2"
    identity_weights: str = ""
    side: int = Field(default=0, ge=0, multiple_of=16)  # pixels of a training picture; 0 is the model's own
    batch: int = Field(default=2, ge=1, le=64)
    variants: int = Field(default=12, ge=1, le=200)  # of each picture: crop, scale, background
    class_pictures: int = Field(default=24, ge=0, le=500)  # 0 trains without prior preservation
    class_sets_max: int = Field(default=16, ge=1)  # sets of class pictures kept in the cache
    prior_weight: float = Field(default=0.5, ge=0, le=10)
    warmup_share: float = Field(default=0.05, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    gradient_norm_max: float = Field(default=1.0, gt=0)
    evaluations: int = Field(default=12, ge=1, le=200)  # spread evenly over the steps ordered
    patience: int = Field(default=4, ge=1)  # evaluations without a rise of identity after which training ends
    render_steps: int = Field(default=0, ge=0, le=200)  # of a picture made while learning; 0 is the model's own
    render_batch: int = Field(default=4, ge=1, le=32)
    guidance: float = Field(default=0.0, ge=0, le=30)  # 0 is the model's own
    cache_folder: Path = Field(default_factory=lambda: Path.home() / ".cache" / "character-lab-worker" / "training")

    @property
    def scorer(self) -> WeightsSource | None:
        return WeightsSource.of(SCORER_SETTING, self.scorer_weights) if self.scorer_weights else None

    @property
    def identity(self) -> WeightsSource | None:
        return WeightsSource.of(IDENTITY_SETTING, self.identity_weights) if self.identity_weights else None

    @property
    def sources(self) -> Sequence[WeightsSource]:
        """Where the judges' weights come from, those that are set."""
        return [source for source in (self.scorer, self.identity) if source is not None]
