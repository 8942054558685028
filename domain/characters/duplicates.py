"""Which pictures show the same as another: by the distance of their perceptual hashes."""

from collections.abc import Mapping, Sequence

from domain.characters.models import CharacterImage
from domain.identifiers import ImageId

# Of 64 bits. Scaling, recompression and a slight crop move a picture by up to 6.
DUPLICATE_BITS_MAX = 6
_WORD = (1 << 64) - 1


def bits_apart(one: int, other: int) -> int:
    """Answer in how many of 64 bits two hashes differ; both may be signed."""
    return ((one ^ other) & _WORD).bit_count()


def duplicates_among(images: Sequence[CharacterImage]) -> Mapping[ImageId, ImageId | None]:
    """Answer for every read picture the first one that it repeats, or None.

    Only the pictures and their positions count, not the order in which they were read. A duplicate is never an
    original for a third: all point at the first of their kind.
    """
    originals: list[tuple[ImageId, int]] = []
    answers: dict[ImageId, ImageId | None] = {}
    for image in sorted(images, key=lambda each: each.position):
        if image.facts is None:
            continue
        seen = image.facts.perceptual_hash
        answers[image.id] = next(
            (known for known, earlier in originals if bits_apart(earlier, seen) <= DUPLICATE_BITS_MAX), None
        )
        if answers[image.id] is None:
            originals.append((image.id, seen))
    return answers
