"""A 64-bit hash of how a picture looks, by which the same picture is known again after scaling and compression."""

import cv2
import numpy as np

from adapters.identity.pictures import Picture

SIDE = 32
# Bits that may differ between two copies of one picture; other pictures differ in about 32.
DUPLICATE_BITS = 6


def perceptual_hash(picture: Picture) -> int:
    """Answer the pHash (DCT of 32 x 32 greys, signs against the median of the 8 x 8 lowest) as a signed 64-bit integer.

    Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010. Signed as bigint wants it.
    """
    colours = picture[..., :3].astype(np.float32)
    if picture.shape[2] == 4:
        share = picture[..., 3:].astype(np.float32) / 255
        colours = colours * share + 255 * (1 - share)
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    lowest = cv2.dct(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA))[:8, :8].flatten()
    bits = lowest > np.median(lowest[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def hamming_distance(one: int, other: int) -> int:
    """Answer how many of 64 bits differ."""
    return ((one ^ other) & (2**64 - 1)).bit_count()


def is_duplicate(one: int, other: int) -> bool:
    """Whether two hashes are of one picture."""
    return hamming_distance(one, other) <= DUPLICATE_BITS
