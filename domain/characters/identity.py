"""What an identity is: vectors of one embedding space, their centre, and the threshold that tells who it is."""

import math
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from struct import iter_unpack, pack

from domain.characters.views import UNKNOWN, View
from domain.errors import Invalid

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """Which model made a vector, and its version; vectors of two spaces are never compared.

    `weights` begins the SHA-256 of a worker's weights, as its profile was measured with; empty where that is not known.
    """

    name: str
    version: int
    dimensions: int = 768
    weights: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """The space in one word, as rows keep it."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class SpaceProfile:
    """How scores fall in a space, measured once on drawn characters that the space was not tested on.

    `pair_mean` and `pair_deviation`: cosine of two reference pictures of one character. `film_loss` and
    `film_deviation`: how much lower a picture scores once light, weather and compression of a film have changed it.
    `other_high`: the score that a twentieth of other characters of the same drawing style exceeds. `copy_score`: from
    here on it is a copy of a reference. `small_losses`: how much lower a small figure may score, as rising pairs of
    (longer side in pixels, loss); the last side is the first that loses nothing.
    """

    space: EmbeddingSpace
    pair_mean: float
    pair_deviation: float
    other_high: float
    copy_score: float
    film_loss: float = 0.0
    film_deviation: float = 0.0
    small_losses: tuple[tuple[float, float], ...] = ()

    def small_loss(self, side_pixels: float) -> float:
        """Answer what a figure of this size may lose, between two measured sizes in proportion."""
        larger = next((at for at, (side, _) in enumerate(self.small_losses) if side >= side_pixels), None)
        if larger is None:
            return 0.0
        side, loss = self.small_losses[larger]
        before, before_loss = self.small_losses[max(0, larger - 1)]
        share = (side_pixels - before) / (side - before) if side > before else 1.0
        return before_loss + (loss - before_loss) * share


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a character is in one embedding space; `centre` and `vectors` are unit vectors."""

    space: EmbeddingSpace
    centre: Vector
    vectors: tuple[Vector, ...]
    threshold: float

    def require_space(self, space: EmbeddingSpace) -> None:
        """Raise Invalid when asked to be compared with a vector of another space."""
        if space != self.space:
            raise Invalid(f"This identity is of {self.space.key}; a vector of {space.key} cannot be compared with it.")


class PictureFault(StrEnum):
    """What can be wrong with a reference picture."""

    TOO_SMALL = "too_small"
    TOO_DARK = "too_dark"
    BLURRED = "blurred"
    SEVERAL_SUBJECTS = "several_subjects"
    NO_SUBJECT = "no_subject"


@dataclass(frozen=True, slots=True)
class QualityVerdict:
    """One fault found in a picture: what was measured and the limit that it missed."""

    fault: PictureFault
    measured: float
    limit: float

    @property
    def is_fatal(self) -> bool:
        """Whether nothing can be learned from the picture."""
        return self.fault is PictureFault.NO_SUBJECT


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What one picture tells: its cut-out as PNG, how that was found, its faults, its view, its vector if it has one.

    `perceptual_hash` is 64 bits as a signed integer, the way PostgreSQL's bigint keeps it.
    """

    cut_out_png: bytes
    cut_out_method: str
    cut_out_confidence: float
    faults: tuple[QualityVerdict, ...]
    perceptual_hash: int
    space: EmbeddingSpace
    vector: Vector | None = field(repr=False)
    view: View = UNKNOWN


@dataclass(frozen=True, slots=True)
class EmbeddedFigure:
    """A figure that a worker embedded: its `number` in the label map and the `frame` of its clip, 0 for a picture."""

    frame: int
    number: int
    vector: Vector = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmbeddedFigures:
    """All figures of a picture or a clip in one space, named by its key, and the `weights` that they were made with."""

    space: str
    figures: tuple[EmbeddedFigure, ...]
    weights: str = ""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A warning that two characters may be taken for each other; `likeness` is the score that says so."""

    likeness: float
    threshold: float


def require_weights(space: str, *, measured: str, served: str) -> None:
    """Raise Invalid where a worker's weights are known not to be those that the space's profile was measured with."""
    if measured and served and measured != served:
        raise Invalid(
            f"A worker serves {space} by other weights ({served}) than its profile was measured with ({measured}): "
            "measure them under another version of the space."
        )


def read_vector(written: str) -> Vector:
    """Read a vector as workers write it: float32, little-endian, base64; raises ValueError for anything else."""
    content = b64decode(written, validate=True)
    if len(content) % 4:
        raise ValueError("A vector is whole numbers of four bytes.")
    return tuple(number for (number,) in iter_unpack("<f", content))


def write_vector(vector: Vector) -> str:
    """Write a vector as workers do."""
    return b64encode(pack(f"<{len(vector)}f", *vector)).decode()


def vector_of_worker(written: str, *, dimensions: int) -> Vector:
    """Read what a worker says, at length 1; raises Invalid unless it is a direction of so many dimensions."""
    try:
        vector = read_vector(written)
    except ValueError as error:
        raise Invalid(f"The worker wrote no vector ({error}).") from error
    if len(vector) != dimensions:
        raise Invalid(f"The worker's vector has {len(vector)} dimensions; its space has {dimensions}.")
    return unit(vector)


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Answer the inner product, which of unit vectors is the cosine."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def unit(vector: Sequence[float]) -> Vector:
    """Answer the vector at length 1; raises Invalid for one without a direction."""
    length = math.sqrt(math.fsum(value * value for value in vector))
    if not 0 < length < math.inf:
        raise Invalid("A vector without length has no direction.")
    return tuple(value / length for value in vector)


def centre_of(vectors: Sequence[Vector]) -> Vector:
    """Answer the mean direction of unit vectors; raises Invalid when there are none."""
    if not vectors:
        raise Invalid("A character without pictures has no centre.")
    return unit([math.fsum(column) for column in zip(*vectors, strict=True)])
