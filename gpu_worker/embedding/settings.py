"""Which embedding space this worker serves: `LAB_EMBEDDING_...` in the environment of the child."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EmbeddingSettings(BaseSettings):
    """Frozen. `weights` is a folder or a repository of the hub, for example of CLIP ViT-L/14 or DINOv2-base.

    `space` is the name that the lab knows from the space's profile; raise its version whenever other weights are used,
    since vectors of two models are never compared. `family` is `clip`, `dinov2`, or a plug-in's name; see `families`.
    """

    model_config = SettingsConfigDict(env_prefix="LAB_EMBEDDING_", frozen=True, extra="ignore")

    space: str = Field(default="clip-vit-l14@1", pattern=r"^[a-z0-9.-]+@[0-9]+$")
    family: str = "clip"
    weights: str
    cache_folder: Path = Field(default_factory=lambda: Path.home() / ".cache" / "character-lab-worker")
    device: str = "auto"
    batch: int = Field(default=16, ge=1, le=256)
