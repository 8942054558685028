"""Which embedding space this worker serves: `LAB_EMBEDDING_...` in the environment of the child."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gpu_worker.weights.errors import WeightsMissing, WeightsRefused
from gpu_worker.weights.source import WeightsSource

PREFIX = "LAB_EMBEDDING_"
USUAL_FAMILY, USUAL_SPACE = "clip", "clip-vit-l14@1"
FAMILY, SPACE, WEIGHTS = f"{PREFIX}FAMILY", f"{PREFIX}SPACE", f"{PREFIX}WEIGHTS"


class EmbeddingSettings(BaseSettings):
    """Frozen. `weights` is a folder or a repository of the hub, for example of CLIP ViT-L/14 or DINOv2-base.

    `space` is the name that the lab knows from the space's profile; raise its version whenever other weights are used,
    since vectors of two models are never compared. `family` is `clip`, `dinov2`, or a plug-in's name; see `families`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    space: str = Field(default=USUAL_SPACE, pattern=r"^[a-z0-9.-]+@[0-9]+$")
    family: str = USUAL_FAMILY
    weights: str = ""
    cache_folder: Path = Field(default_factory=lambda: Path.home() / ".cache" / "character-lab-worker")
    device: str = "auto"
    batch: int = Field(default=16, ge=1, le=256)

    @property
    def own_space(self) -> str:
        """The space; raises WeightsRefused where another family goes by the name of the usual one's."""
        if self.family != USUAL_FAMILY and self.space == USUAL_SPACE:
            raise WeightsRefused(SPACE, f"{USUAL_SPACE} is of the family {USUAL_FAMILY}; name one of {self.family}'s.")
        return self.space

    @property
    def source(self) -> WeightsSource:
        """Where the weights come from; raises WeightsMissing where none are set."""
        if not self.weights:
            raise WeightsMissing(WEIGHTS, "names no weights: set it to a folder or to a repository of the hub.")
        return WeightsSource.of(WEIGHTS, self.weights)
