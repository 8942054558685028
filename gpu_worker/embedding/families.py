"""The models that a worker can embed figures with: CLIP, DINOv2, and plug-ins of those who own a licence for others.

A plug-in, such as a scorer of faces, is a package that is installed beside the worker and names itself:

    [project.entry-points."character_lab.embedding"]
    my-faces = "my_faces:load"

`LAB_EMBEDDING_FAMILY=my-faces` chooses it, and `load(folder, device)` answers an `Embedder` from the weights in that
folder. Its vectors may have up to 2,800 dimensions. A figure without a face gets one that is far from those of faces.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from PIL import Image

from gpu_worker.devices import device_named
from gpu_worker.embedding.settings import FAMILY
from gpu_worker.embedding.vision import Vectors, load_clip, load_dinov2
from gpu_worker.weights.errors import WeightsRefused

ENTRY_POINTS = "character_lab.embedding"


class Embedder(Protocol):
    """Turns figures into vectors of one space."""

    def embed(self, squares: Sequence[Image.Image]) -> Vectors:
        """Answer unit vectors (n, dimensions) of n figures on white RGB squares of any size."""
        ...


Loader = Callable[[Path, str], Embedder]
FAMILIES: Mapping[str, Loader] = {"clip": load_clip, "dinov2": load_dinov2}


class FamilyUnknown(WeightsRefused):
    """Neither we nor a plug-in that is installed have a family of that name."""


def loader_of(family: str) -> Loader:
    """Answer who loads models of the family; raises FamilyUnknown."""
    if family in FAMILIES:
        return FAMILIES[family]
    plug_ins = entry_points(group=ENTRY_POINTS)
    if family not in plug_ins.names:
        known = ", ".join(sorted({*FAMILIES, *plug_ins.names}))
        raise FamilyUnknown(FAMILY, f"there is no family '{family}'; there is: {known}.")
    return plug_ins[family].load()


def load_model(family: str, folder: Path, device: str) -> Embedder:
    """Load a model onto `device`, which `auto` leaves to the machine; raises FamilyUnknown."""
    return loader_of(family)(folder, device_named(device))
