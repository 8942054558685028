"""How scores fall in an embedding space, measured on characters: what the lab must know before it judges by the space.

All scores are cosines. A picture's score is that with the mean direction of its character's other pictures.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

Numbers = NDArray[np.float32]
Vectors = NDArray[np.float32]  # (pictures, dimensions), each of length 1
Pictures = Mapping[str, Sequence[Image.Image]]  # RGB squares, by character
Embed = Callable[[Sequence[Image.Image]], Iterable[Numbers]]

SMALL_SIDES = (22, 34, 44, 54, 67, 80)
FILM_SIDE, FILM_QUALITY = 160, 60
WHITE = 255
STRANGERS_SHARE, COPIES_SHARE = 0.95, 0.99
CHARACTERS_MIN, PICTURES_MIN = 2, 3
SEED = 5


class SpaceScores(TypedDict):
    """The fields of a profile; `domain.characters.identity.SpaceProfile` says what each means to the lab."""

    dimensions: int
    pair_mean: float
    pair_deviation: float
    film_loss: float
    film_deviation: float
    other_high: float
    copy_score: float
    small_losses: list[tuple[int, float]]


def measure_space(pictures: Pictures, embed: Embed) -> SpaceScores:
    """Answer how scores fall, from each character's figures on white squares.

    Characters whose names begin alike up to the first `-` are of one style; strangers are those of the own style where
    it has others. Raises ValueError for fewer than two characters of three pictures each.
    """
    if len(pictures) < CHARACTERS_MIN or min(map(len, pictures.values())) < PICTURES_MIN:
        raise ValueError(f"A space is measured on {CHARACTERS_MIN} characters with {PICTURES_MIN} pictures, or more.")
    random = np.random.default_rng(SEED)
    references = {name: vectors_of(squares, embed) for name, squares in pictures.items()}
    filmed = {name: vectors_of([film(each, random) for each in squares], embed) for name, squares in pictures.items()}
    pairs = np.concatenate([above_diagonal(vectors @ vectors.T) for vectors in references.values()])
    losses = losses_of(references, filmed)
    strangers = np.concatenate([scores_of_strangers(name, references) for name in references])
    copies = np.concatenate([nearest_others(vectors) for vectors in references.values()])
    small = [(side, loss_when_small(pictures, references, embed, side)) for side in SMALL_SIDES]
    return {
        "dimensions": len(next(iter(references.values()))[0]),
        "pair_mean": rounded(pairs.mean()),
        "pair_deviation": rounded(pairs.std()),
        "film_loss": rounded(losses.mean()),
        "film_deviation": rounded(losses.std()),
        "other_high": rounded(np.quantile(strangers, STRANGERS_SHARE)),
        "copy_score": rounded(np.quantile(copies, COPIES_SHARE)),
        "small_losses": falling(small),
    }


def vectors_of(squares: Sequence[Image.Image], embed: Embed) -> Vectors:
    return np.stack(list(embed(squares)))


def film(square: Image.Image, random: np.random.Generator) -> Image.Image:
    """Answer the figure as a film shows it: in another light, soft, small and compressed.

    What is white stays so: a figure is cut out of its film, and set on white, before it is embedded.
    """
    ground = Image.fromarray((np.asarray(square).min(axis=2) == WHITE).astype(np.uint8) * WHITE)
    seen = ImageEnhance.Brightness(square).enhance(float(random.uniform(0.7, 1.15)))
    seen = ImageEnhance.Color(seen).enhance(float(random.uniform(0.7, 1.2)))
    seen.paste((WHITE, WHITE, WHITE), mask=ground)
    seen = seen.resize((FILM_SIDE, FILM_SIDE)).filter(ImageFilter.GaussianBlur(float(random.uniform(0.2, 0.8))))
    content = io.BytesIO()
    seen.save(content, "jpeg", quality=FILM_QUALITY)
    with Image.open(content) as compressed:
        return compressed.convert("RGB")


def losses_of(references: Mapping[str, Vectors], seen: Mapping[str, Vectors]) -> Numbers:
    """Answer how much lower each picture scores as it was seen than as it is."""
    return np.array(
        [
            (vectors[number] - seen[name][number]) @ centre_without(vectors, number)
            for name, vectors in references.items()
            for number in range(len(vectors))
        ],
        np.float32,
    )


def loss_when_small(pictures: Pictures, references: Mapping[str, Vectors], embed: Embed, side: int) -> float:
    """Answer the mean loss of figures whose longer side is so many pixels."""
    small = {name: [each.resize((side, side)) for each in squares] for name, squares in pictures.items()}
    return float(losses_of(references, {name: vectors_of(each, embed) for name, each in small.items()}).mean())


def falling(losses: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Answer losses that never rise with the side, which chance may make them do; the last side loses nothing."""
    kept = [(side, max(0.0, rounded(max(loss for _, loss in losses[at:])))) for at, (side, _) in enumerate(losses)]
    return [*kept[:-1], (kept[-1][0], 0.0)]


def centre_without(vectors: Vectors, left_out: int) -> Numbers:
    mean = np.delete(vectors, left_out, axis=0).mean(axis=0)
    return mean / np.linalg.norm(mean)


def above_diagonal(scores: Numbers) -> Numbers:
    return scores[np.triu_indices(len(scores), 1)]


def nearest_others(vectors: Vectors) -> Numbers:
    """Answer each picture's cosine with the most similar other one of the same character."""
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -1.0)
    return scores.max(axis=1)


def scores_of_strangers(name: str, references: Mapping[str, Vectors]) -> Numbers:
    """Answer the scores of other characters' pictures, of the own style where it has others."""
    others = [other for other in references if other != name]
    alike = [other for other in others if other.partition("-")[0] == name.partition("-")[0]]
    centre = references[name].mean(axis=0)
    return np.concatenate([references[other] for other in alike or others]) @ (centre / np.linalg.norm(centre))


def rounded(value: float | np.floating) -> float:
    return round(float(value), 3)
