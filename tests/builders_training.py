"""Pictures and commands for tests of training: flat figures, few steps."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from contracts.commands import SuitePrompt, TrainAdapter, TrainingPicture

SUITE = (
    SuitePrompt(prompt="mirax knight in a forest", seed=1),
    SuitePrompt(prompt="riding through the rain", seed=2),
    SuitePrompt(prompt="a bowl of apples", seed=3, is_about_character=False),
    SuitePrompt(prompt="a harbour at dusk", seed=4, is_about_character=False),
)


def figure(number: int = 0, *, colour: str = "#dc2828") -> Image.Image:
    """A knight on nothing: head, body, hair; each number stands a little elsewhere."""
    picture = Image.new("RGBA", (48, 96))
    pen, shift = ImageDraw.Draw(picture), number % 5 - 2
    pen.rectangle((12 + shift, 34, 36 + shift, 92), fill=colour)
    pen.ellipse((12 + shift, 8, 36 + shift, 36), fill="#fad7b4")
    pen.ellipse((10 + shift, 4, 38 + shift, 18), fill="#1e1e50")
    return picture


def saved(folder: Path, pictures: Sequence[Image.Image]) -> dict[str, Path]:
    """Where each picture lies, by its name as an input."""
    paths = {f"picture-{number}.png": folder / f"picture-{number}.png" for number in range(len(pictures))}
    for path, picture in zip(paths.values(), pictures, strict=True):
        picture.save(path)
    return paths


def training(*, pictures: int = 3, held_out: int = 1, **changes: object) -> TrainAdapter:
    """A command that learns from the first pictures and is examined by the rest."""
    names = [TrainingPicture(cut_out=f"picture-{number}.png") for number in range(pictures + held_out)]
    plain = TrainAdapter(
        engine="diffusion",
        seed=5,
        trigger="mirax",
        class_words="knight",
        pictures=names[:pictures],
        held_out=names[pictures:],
        steps_max=12,
        rank=4,
        learning_rate=0.01,
        checkpoint_steps=4,
        suite=list(SUITE),
    )
    return TrainAdapter.model_validate({**plain.model_dump(), **changes})
