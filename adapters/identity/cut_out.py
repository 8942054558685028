"""Find the figure in a picture and cut it out with alpha: given alpha, else one border colour, else GrabCut."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.identity.pictures import Picture, Plane

# CIE Lab distance (OpenCV's eight-bit scale) within which a pixel has the colour of the ground.
GROUND_DISTANCE = 12.0
# How much must speak for a colour to be the ground: its share of the border, and a bonus for each upper corner that it
# holds. Figures cover the lower border and sometimes most of it, but seldom a corner at the top.
TRUST_MIN, CORNER_TRUST = 0.75, 0.25
# How near an enclosed patch must come to the ground's colour, and how far from grey that colour must be.
ENCLOSED_DISTANCE, HUE_MIN = 5.0, 8.0
GRABCUT_SIDE_PIXELS = 320
GRABCUT_ROUNDS = 5
SEED = 7


class CutOutMethod(StrEnum):
    """How the figure was found."""

    ALPHA = "alpha"
    FLOOD = "flood"
    GRABCUT = "grabcut"


@dataclass(frozen=True, slots=True)
class CutOut:
    """A figure: RGBA as large as the picture, its alpha as a plane, how it was found, how far to trust it (0 to 1)."""

    rgba: Picture
    mask: Plane
    method: CutOutMethod
    confidence: float


def cut_out(picture: Picture) -> CutOut:
    """Cut the figure out of RGB or RGBA; the same picture gives the same answer, bit for bit."""
    if picture.shape[2] == 4 and picture[..., 3].min() < 250:
        mask = picture[..., 3].astype(np.uint8)
        return CutOut(picture, mask, CutOutMethod.ALPHA, 1.0 if mask.max() > 0 else 0.0)
    colours = np.ascontiguousarray(picture[..., :3])
    lab = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB).astype(np.float32)
    ground, trust = ground_colour(lab)
    if trust >= TRUST_MIN:
        flooded = by_flood(colours, lab, ground, trust)
        if flooded is not None:
            return flooded
    return by_grabcut(colours)


def ground_colour(lab: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Answer the colour (Lab) that most speaks for being the ground, and how much does: see TRUST_MIN."""
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    coarse = (border // 8).astype(np.int64) @ np.array([1, 64, 4096])
    counts = np.bincount(coarse)
    side = max(1, min(lab.shape[:2]) // 32)
    corners = [np.median(lab[:side, :side], axis=(0, 1)), np.median(lab[:side, -side:], axis=(0, 1))]
    best, best_trust = border[0], 0.0
    for bin_number in np.argsort(counts)[-3:]:
        colour = np.median(border[coarse == bin_number], axis=0) if counts[bin_number] else border[0]
        trust = float(np.mean(is_near(border, colour)))
        trust += sum(CORNER_TRUST for corner in corners if is_near(corner, colour))
        if trust > best_trust:
            best, best_trust = colour.astype(np.float32), trust
    return best, best_trust


def is_near(colours: NDArray[np.float32], colour: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether Lab colours (..., 3) are the ground's."""
    return np.asarray(np.linalg.norm(colours - colour, axis=-1) < GROUND_DISTANCE)


def by_flood(colours: Picture, lab: NDArray[np.float32], ground: NDArray[np.float32], trust: float) -> CutOut | None:
    """Cut by flooding the ground's colour in from the border; None when the flood leaves nothing or took nearly all."""
    distance = np.linalg.norm(lab - ground, axis=2)
    is_ground = (distance < GROUND_DISTANCE).astype(np.uint8)
    _, areas = cv2.connectedComponents(is_ground, connectivity=4)
    edge = np.concatenate([areas[0], areas[-1], areas[:, 0], areas[:, -1]])
    flooded = np.isin(areas, np.unique(edge[edge > 0])) & (is_ground > 0)
    # Ground enclosed by the figure, as between hair and neck: sure only where the ground has a hue, since patches of
    # white and grey may be eyes, teeth and shirts.
    if float(np.hypot(ground[1] - 128, ground[2] - 128)) > HUE_MIN:
        flooded |= distance < ENCLOSED_DISTANCE
    solid = without_specks((~flooded).astype(np.uint8))
    cover = float(solid.mean())
    if not 0.005 < cover < 0.98:
        return None
    rgba = with_soft_edge(colours, solid)
    return CutOut(rgba, rgba[..., 3].astype(np.uint8), CutOutMethod.FLOOD, round(min(1.0, trust), 3))


def without_specks(solid: Plane) -> Plane:
    """Drop parts smaller than one fiftieth of the largest."""
    count, areas, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    sizes = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    sizes[0] = 0
    if count < 3:
        return solid
    return (sizes >= sizes.max() / 50)[areas].astype(np.uint8) & solid


def with_soft_edge(colours: Picture, solid: Plane) -> Picture:
    """Answer RGBA whose outermost pixels are unmixed: alpha by how much ground shines in, colour from further inside.

    A pixel on the edge is c = a * inner + (1 - a) * outer (the compositing equation); inner and outer come from the
    nearest pixels one step inside and outside, a is the projection of c on the line between them.
    """
    kernel = np.ones((3, 3), np.uint8)
    core, reach = cv2.erode(solid, kernel) > 0, cv2.dilate(solid, kernel) > 0
    # Strokes thinner than three pixels have no inside of their own and stay as they are.
    has_inside = cv2.dilate(core.astype(np.uint8), kernel, iterations=2) > 0
    band = (solid > 0) & ~core & has_inside
    if not band.any() or reach.all():
        return np.dstack([colours, solid * 255]).astype(np.uint8)
    inner, outer = nearest_colours(colours, core), nearest_colours(colours, ~reach)
    line = inner - outer
    share = ((colours - outer) * line).sum(axis=2) / np.maximum((line * line).sum(axis=2), 1.0)
    alpha = np.where(band, np.clip(share, 0, 1), solid)
    painted = np.where((band & (alpha < 0.98))[..., None], inner, colours)
    return np.dstack([painted, alpha * 255]).round().astype(np.uint8)


def nearest_colours(colours: Picture, where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Answer for every pixel the colour of the nearest pixel that `where` marks."""
    _, labels = cv2.distanceTransformWithLabels(
        (~where).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    numbers = labels.astype(np.int64)
    palette = np.zeros((int(numbers.max()) + 1, 3), np.float32)
    palette[numbers[where]] = colours[where]
    return palette[numbers]


def by_grabcut(colours: Picture) -> CutOut:
    """Cut by GrabCut (Rother et al. 2004), begun with an ellipse that leaves the corners to the ground."""
    height, width = colours.shape[:2]
    scale = min(1.0, GRABCUT_SIDE_PIXELS / max(height, width))
    small = cv2.resize(
        colours, (max(8, round(width * scale)), max(8, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    if not np.ptp(small.reshape(-1, 3), axis=0).any():
        # Of one colour alone GrabCut finds no end.
        return uncut(colours)
    rows, columns = small.shape[:2]
    guess = np.full((rows, columns), cv2.GC_BGD, np.uint8)
    axes = (round(columns * 0.46), round(rows * 0.48))
    cv2.ellipse(guess, (columns // 2, round(rows * 0.52)), axes, 0, 0, 360, int(cv2.GC_PR_FGD), -1)
    # GrabCut's mixtures start from the library's own random numbers: the same picture must give the same cut.
    cv2.setRNGSeed(SEED)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(
        cv2.cvtColor(small, cv2.COLOR_RGB2BGR), guess, (0, 0, 0, 0), *models, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK
    )
    solid = without_specks(np.isin(guess, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8))
    soft = cv2.GaussianBlur(cv2.resize(solid * 255, (width, height), interpolation=cv2.INTER_LINEAR), (0, 0), 1.0)
    mask = soft.astype(np.uint8)
    return CutOut(np.dstack([colours, mask]), mask, CutOutMethod.GRABCUT, grabcut_confidence(solid))


def uncut(colours: Picture) -> CutOut:
    """A picture in which there is no figure."""
    mask = np.zeros(colours.shape[:2], np.uint8)
    return CutOut(np.dstack([colours, mask]), mask, CutOutMethod.GRABCUT, 0.0)


def grabcut_confidence(solid: Plane) -> float:
    """Trust a compact figure of a sensible size; 0 when nothing was found."""
    cover = float(solid.mean())
    if cover < 0.005:
        return 0.0
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    largest = float(stats[1:, cv2.CC_STAT_AREA].max()) / float(solid.sum())
    size = min(1.0, cover / 0.1) * min(1.0, (1 - cover) / 0.1)
    return round(0.7 * largest * size, 3)
