"""The fixed suite: the same prompts and seeds by the base, the present adapter and the new one, scored alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont
from PIL.Image import Image, Resampling

from contracts.commands import SuitePrompt, SuiteScores, TrainAdapter
from gpu_worker.pipelines.engine import Watch
from gpu_worker.training.model import Easel, LearningModel, PictureOrder, render
from gpu_worker.training.scoring import (
    IdentityScorer,
    PictureReader,
    Vectors,
    identity_score,
    prompt_score,
    purity_score,
)

# What identity is scored on while learning: on white, as the references are.
EXAM = (
    "full figure, plain white background",
    "upper half, plain white background",
    "close-up of the head, plain white background",
    "seen from the side, plain white background",
)
TILE, MARGIN, HEADING = 192, 6, 26  # pixels of the contact sheet
PREVIEW = 80  # pixels of a picture shown on the way


@dataclass(frozen=True, slots=True)
class Judges:
    """Who scores: who it is, and what is to be seen; with names for the record."""

    identity: IdentityScorer
    reader: PictureReader
    identity_by: str
    prompt_by: str


class Exam:
    """A few pictures of the character with fixed seeds, scored against its references."""

    def __init__(self, command: TrainAdapter, judges: Judges, references: Vectors | None) -> None:
        who = f"{command.trigger} {command.class_words}"
        self.orders = [PictureOrder(f"{who}, {what}", number) for number, what in enumerate(EXAM)]
        self._judges = judges
        self._references = references

    def score(self, model: LearningModel, easel: Easel, watch: Watch, on_step: Callable[[], None]) -> float | None:
        """Answer the identity of the model as it is and show its pictures; None with nothing to compare with."""
        if self._references is None:
            return None
        made = render(model, self.orders, easel, on_step)
        watch.shown(preview(made))
        return identity_score(self._judges.identity.embed(made), self._references)


class Suite:
    """The command's prompts; `base` are the base's own pictures of them, to which all others are compared."""

    def __init__(self, command: TrainAdapter, judges: Judges, references: Vectors, base: Sequence[Image]) -> None:
        self._judges = judges
        self._references = references
        self._is_about = np.array([prompt.is_about_character for prompt in command.suite])
        self._texts = judges.reader.read([plainly(prompt, command) for prompt in command.suite])
        self._base = judges.reader.embed(base)

    def scores(self, pictures: Sequence[Image]) -> SuiteScores:
        """Score what an adapter made of the suite's prompts."""
        about, seen = self._is_about, self._judges.reader.embed(pictures)
        of_character = [picture for picture, is_about in zip(pictures, about, strict=True) if is_about]
        return SuiteScores(
            identity=identity_score(self._judges.identity.embed(of_character), self._references)
            if of_character
            else 0.0,
            prompt=prompt_score(seen, self._texts),
            purity=purity_score(seen[~about], self._base[~about], self._base),
        )


def orders_of(command: TrainAdapter, trigger: str) -> list[PictureOrder]:
    """The suite for an adapter of that trigger word, which the prompts write as the new one's."""
    return [
        PictureOrder(
            called(each, command).replace(command.trigger, trigger) if each.is_about_character else each.prompt,
            each.seed,
        )
        for each in command.suite
    ]


def called(prompt: SuitePrompt, command: TrainAdapter) -> str:
    """The prompt, beginning with trigger and class where it does not name the trigger itself."""
    if command.trigger in prompt.prompt:
        return prompt.prompt
    return f"{command.trigger} {command.class_words}, {prompt.prompt}"


def plainly(prompt: SuitePrompt, command: TrainAdapter) -> str:
    """The prompt in words that a reader knows: the trigger means nothing to it."""
    if not prompt.is_about_character:
        return prompt.prompt
    text = called(prompt, command).replace(f"{command.trigger} {command.class_words}", command.class_words)
    return text.replace(command.trigger, command.class_words)


def preview(pictures: Sequence[Image]) -> bytes:
    """Four pictures in one small JPEG."""
    sheet = Pictures.new("RGB", (2 * PREVIEW, 2 * PREVIEW), "white")
    for number, picture in enumerate(pictures[:4]):
        small = picture.resize((PREVIEW, PREVIEW), Resampling.LANCZOS)
        sheet.paste(small, (PREVIEW * (number % 2), PREVIEW * (number // 2)))
    written = BytesIO()
    sheet.save(written, "JPEG", quality=80)
    return written.getvalue()


def contact_sheet(columns: Sequence[tuple[str, Sequence[Image]]]) -> Image:
    """One column a maker, under its name; one row a prompt."""
    rows = len(columns[0][1])
    step = TILE + MARGIN
    sheet = Pictures.new("RGB", (MARGIN + step * len(columns), HEADING + step * rows), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for column, (name, pictures) in enumerate(columns):
        left = MARGIN + step * column
        pen.text((left, 5), name, fill="black", font=font)
        for row, picture in enumerate(pictures):
            sheet.paste(picture.resize((TILE, TILE), Resampling.LANCZOS), (left, HEADING + step * row))
    return sheet
