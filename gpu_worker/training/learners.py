"""The families of keyframes that can learn a character, by name."""

from collections.abc import Callable, Mapping

from gpu_worker.training.flux2_model import Flux2KleinModel
from gpu_worker.training.model import Base, LearningModel
from gpu_worker.training.unet_model import LOADERS, UNetModel

LEARNERS: Mapping[str, Callable[[Base], LearningModel]] = {
    **dict.fromkeys(LOADERS, UNetModel),
    "flux2_klein": Flux2KleinModel,
}


def load_learner(base: Base) -> LearningModel:
    """Load the model; raises ValueError for a family that cannot learn."""
    if base.family not in LEARNERS:
        raise ValueError(f"The family {base.family} learns no characters; {', '.join(LEARNERS)} do.")
    return LEARNERS[base.family](base)
