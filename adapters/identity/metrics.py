"""Measure how well an embedder tells characters apart, on a folder of characters' pictures laid out like the cast."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from adapters.identity.cut_out import cut_out
from adapters.identity.embedder import FigureEmbedder
from adapters.identity.pictures import Picture, Vectors, read_picture
from domain.characters.identity import SpaceProfile
from domain.characters.policies import identity_of, score_of
from domain.errors import Invalid

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True, slots=True)
class LabelledFigures:
    """Cut-out figures with the folder and the drawing style (the folder's part before the dash) of each."""

    figures: list[Picture]
    characters: NDArray[np.str_]
    styles: NDArray[np.str_]
    cut_ms_per_image: float


@dataclass(frozen=True, slots=True)
class IdentityFigures:
    """What was measured; the error rate is of pairs of one drawing style, which are the hard ones."""

    auc: float
    auc_same_style: float
    equal_error_rate: float
    recall_at_1: float
    ms_per_image: float


@dataclass(frozen=True, slots=True)
class ThresholdFigures:
    """How calibrated thresholds do: a picture left out of its character's references, and pictures of other characters.

    `accuracy` is the mean of the shares judged rightly: own pictures let in, others of the same style kept out.
    """

    accuracy: float
    own_refused: float
    others_accepted_same_style: float
    others_accepted: float


def measure_identity(folder: Path, embedder: FigureEmbedder) -> dict[str, float]:
    """Answer {auc, auc_same_style, equal_error_rate, recall_at_1, ms_per_image} of a folder of characters.

    `ms_per_image` counts cutting out and embedding. Raises Invalid when the folder holds fewer than two characters
    with two pictures each.
    """
    labelled = read_figures(folder)
    started = time.perf_counter()
    vectors = embedder.embed(labelled.figures)
    embed_ms = (time.perf_counter() - started) * 1000 / len(labelled.figures)
    return asdict(figures_of(vectors, labelled, labelled.cut_ms_per_image + embed_ms))


def read_figures(folder: Path) -> LabelledFigures:
    """Read and cut out every picture of every character folder; raises Invalid when that is not enough to compare."""
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder.")
    figures: list[Picture] = []
    names: list[str] = []
    seconds = 0.0
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() not in SUFFIXES:
            continue
        picture = read_picture(path.read_bytes())
        started = time.perf_counter()
        figures.append(cut_out(picture).rgba)
        seconds += time.perf_counter() - started
        names.append(path.parent.name)
    characters = np.array(names, np.str_)
    _, counts = np.unique(characters, return_counts=True)
    if (counts >= 2).sum() < 2:
        raise Invalid(f"{folder} needs at least two folders, one a character, with two pictures or more in each.")
    styles = np.array([name.split("-")[0] for name in names], np.str_)
    return LabelledFigures(figures, characters, styles, seconds * 1000 / len(figures))


def figures_of(vectors: Vectors, labelled: LabelledFigures, ms_per_image: float) -> IdentityFigures:
    """Answer the figures of vectors (n, d) over all pairs of pictures."""
    scores = (vectors @ vectors.T).astype(np.float64)
    one, other = np.triu_indices(len(vectors), 1)
    is_same = labelled.characters[one] == labelled.characters[other]
    is_style = labelled.styles[one] == labelled.styles[other]
    pairs = scores[one, other]
    # Where every character has a style of its own there are no hard pairs, and all pairs stand in for them.
    hard = is_style if (is_style & ~is_same).any() else np.ones_like(is_style)
    np.fill_diagonal(scores, -np.inf)
    found = labelled.characters[scores.argmax(axis=1)] == labelled.characters
    return IdentityFigures(
        auc=round(area_under_curve(pairs, is_same), 4),
        auc_same_style=round(area_under_curve(pairs[hard], is_same[hard]), 4),
        equal_error_rate=round(equal_error_rate(pairs[hard], is_same[hard]), 4),
        recall_at_1=round(float(found.mean()), 4),
        ms_per_image=round(ms_per_image, 1),
    )


def area_under_curve(scores: NDArray[np.float64], is_same: NDArray[np.bool_]) -> float:
    """Answer the ROC AUC: how often a pair of one character scores above a pair of two (Mann and Whitney 1947)."""
    ranks = rankdata(scores)
    same, others = int(is_same.sum()), int((~is_same).sum())
    return float((ranks[is_same].sum() - same * (same + 1) / 2) / (same * others))


def equal_error_rate(scores: NDArray[np.float64], is_same: NDArray[np.bool_]) -> float:
    """Answer the error where as many pairs of one character are refused as pairs of two are accepted, as shares."""
    order = np.argsort(-scores, kind="stable")
    accepted = np.cumsum(~is_same[order]) / max(1, int((~is_same).sum()))
    refused = 1 - np.cumsum(is_same[order]) / max(1, int(is_same.sum()))
    meeting = int(np.abs(accepted - refused).argmin())
    return float((accepted[meeting] + refused[meeting]) / 2)


def measure_thresholds(vectors: Vectors, labelled: LabelledFigures, profile: SpaceProfile) -> ThresholdFigures:
    """Answer how each character's calibrated threshold judges its own pictures, each left out in turn, and others'."""
    own: list[bool] = []
    others: list[bool] = []
    others_of_style: list[bool] = []
    for character in np.unique(labelled.characters):
        is_own = labelled.characters == character
        style = labelled.styles[is_own][0]
        mine = [tuple(float(value) for value in row) for row in vectors[is_own]]
        for left_out, vector in enumerate(mine):
            rest = identity_of([*mine[:left_out], *mine[left_out + 1 :]], profile)
            own.append(score_of(rest, vector) >= rest.threshold)
        whole = identity_of(mine, profile)
        accepted = vectors @ np.array(whole.centre, np.float32) >= whole.threshold
        others.extend(bool(value) for value in accepted[~is_own])
        others_of_style.extend(bool(value) for value in accepted[~is_own & (labelled.styles == style)])
    let_in, passed = float(np.mean(own)), float(np.mean(others_of_style)) if others_of_style else 0.0
    return ThresholdFigures(
        accuracy=round((let_in + 1 - passed) / 2, 4),
        own_refused=round(1 - let_in, 4),
        others_accepted_same_style=round(passed, 4),
        others_accepted=round(float(np.mean(others)), 4),
    )
