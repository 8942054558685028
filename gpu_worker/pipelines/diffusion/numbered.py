"""References for models that read numbered pictures: which are shown, and the words that say whom each shows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gpu_worker.pipelines.diffusion.family import CastInPicture

ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth")
# From this strength on the words ask for the very looks of the pictures.
EXACT_SCALE = 0.8


def numbered(cast: Sequence[CastInPicture], *, most: int) -> tuple[CastInPicture, ...]:
    """Answer the cast with at most so many references of all: first one of each, then the second of each, and so on.

    Where the cast is larger, the last of it are shown by none; so is who is not to be heeded at all.
    """
    counts, left = [0] * len(cast), most
    for depth in range(most):
        for place, figure in enumerate(cast):
            if left > 0 and figure.reference_scale > 0 and depth < len(figure.references):
                counts[place] += 1
                left -= 1
    return tuple(
        replace(figure, references=figure.references[:count]) for figure, count in zip(cast, counts, strict=True)
    )


def words_of(cast: Sequence[CastInPicture]) -> str:
    """Say of each which pictures show it and where it stands; `cast` as `numbered` answers it."""
    sides = _sides([(figure.region[0] + figure.region[2]) / 2 for figure in cast])
    sentences: list[str] = []
    shown = 0
    for figure, side in zip(cast, sides, strict=True):
        numbers = range(shown + 1, shown + 1 + len(figure.references))
        shown += len(figure.references)
        sentences.append(_sentence(figure, [f"image {number}" for number in numbers], side))
    return " ".join(sentences)


def _sentence(figure: CastInPicture, images: Sequence[str], side: str) -> str:
    who = figure.called[:1].upper() + figure.called[1:]
    if not images:
        return f"{who} is {side}."
    looks = "exactly the same face, colours and clothes as" if figure.reference_scale >= EXACT_SCALE else "the one"
    return f"{who} is {side}, {looks} in {' and '.join(images)}."


def _sides(centres: Sequence[float]) -> list[str]:
    """Where each stands, told from left to right; one alone by the third of the frame it is in."""
    if len(centres) == 1:
        return [("on the left", "in the centre", "on the right")[min(2, int(centres[0] * 3))]]
    order = sorted(range(len(centres)), key=lambda place: centres[place])
    names = {2: ("on the left", "on the right"), 3: ("on the left", "in the centre", "on the right")}
    told = names.get(len(centres), [f"the {ordinal} from the left" for ordinal in ORDINALS])
    return [told[order.index(place)] for place in range(len(centres))]
