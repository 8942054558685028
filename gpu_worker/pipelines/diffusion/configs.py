"""The configurations that lie beside a model's weights: what can be known of it before it is loaded.

What a model's publisher left out is as diffusers takes it.
"""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict


class PartConfig(BaseModel):
    """What is read of the configuration of a part, or of the whole pipeline."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class UNetConfig(PartConfig):
    """A U-Net: `sample_size` in latents, the channels of its levels, the frames that one of video was taught.

    `cross_attention_dim` is the width of the words that it reads, and of the pictures.
    """

    sample_size: int
    block_out_channels: list[int]
    num_frames: int = 25
    cross_attention_dim: int | list[int] = 1280

    @property
    def scale(self) -> int:
        """Latents of its deepest level's, each way."""
        return 2 ** (len(self.block_out_channels) - 1)


class AutoencoderConfig(PartConfig):
    """An autoencoder of pictures: `sample_size` in pixels."""

    block_out_channels: list[int]
    sample_size: int = 1024

    @property
    def scale(self) -> int:
        """Pixels of a latent, each way."""
        return 2 ** (len(self.block_out_channels) - 1)


Read = TypeVar("Read", bound=PartConfig)


def read_config(folder: Path, part: str, kind: type[Read]) -> Read:
    """Raises OSError for a model without this part, ValueError for a part of another kind."""
    return kind.model_validate_json((folder / part / "config.json").read_bytes())


def read_index(folder: Path, kind: type[Read]) -> Read:
    """Read what is set of the whole pipeline; raises as `read_config`."""
    return kind.model_validate_json((folder / "model_index.json").read_bytes())
