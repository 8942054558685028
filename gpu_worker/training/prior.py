"""What the base model itself makes of the character's class: learning beside it keeps it from forgetting the rest.

Prior preservation is DreamBooth's (arXiv 2208.12242). The pictures depend on the model and the class alone, so they are
kept for the next character.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from PIL import Image as Pictures
from PIL.Image import Image

from gpu_worker.training.dataset import Sample
from gpu_worker.training.model import Easel, LearningModel, PictureOrder, render


class ClassPictures:
    """Sets of pictures in a folder, one set a model, class and way of making; the oldest sets make room."""

    def __init__(self, folder: Path, *, sets_max: int) -> None:
        self._folder = folder
        self._sets_max = sets_max

    def get(
        self, model: LearningModel, class_words: str, count: int, easel: Easel, on_step: Callable[[], None]
    ) -> list[Sample]:
        """Answer the set, made now if it is not kept; `on_step` is called after each denoising step and may raise."""
        facts = [model.base.digest, class_words, count, easel.side, easel.steps, easel.guidance]
        kept = self._folder / hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        if not kept.is_dir():
            orders = [PictureOrder(class_words, seed) for seed in range(count)]
            self._keep(kept, render(model, orders, easel, on_step))
        kept.touch()
        return [Sample(read(path), class_words) for path in sorted(kept.glob("*.png"))]

    def _keep(self, folder: Path, pictures: list[Image]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        begun = Path(mkdtemp(dir=self._folder))
        for number, picture in enumerate(pictures):
            picture.save(begun / f"{number:03}.png")
        # Another worker of this machine may have made the same set meanwhile; what is begun goes with the oldest.
        with suppress(OSError):
            begun.replace(folder)
        for old in sorted(self._folder.iterdir(), key=lambda each: each.stat().st_mtime)[: -self._sets_max]:
            shutil.rmtree(old, ignore_errors=True)


def read(path: Path) -> Image:
    with Pictures.open(path) as picture:
        return picture.convert("RGB")
