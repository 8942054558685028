"""The same picture known again, and others told apart."""

import cv2
import numpy as np

from adapters.identity.perceptual_hash import hamming_distance, is_duplicate, perceptual_hash
from adapters.identity.pictures import read_picture
from tests.builders_identity import cast_picture


def test_a_picture_scaled_and_compressed_is_a_duplicate() -> None:
    picture = cast_picture("toonHead-000", 1)[..., :3]
    packed = cv2.imencode(".jpg", cv2.resize(picture, (180, 180)), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]

    assert is_duplicate(perceptual_hash(picture), perceptual_hash(read_picture(packed.tobytes())[..., ::-1]))


def test_other_pictures_of_one_character_are_not_duplicates() -> None:
    hashes = [perceptual_hash(cast_picture("adventurer-003", number)) for number in range(8)]
    pairs = [is_duplicate(one, other) for i, one in enumerate(hashes) for other in hashes[i + 1 :]]

    assert not any(pairs)


def test_a_hash_fits_a_signed_integer_of_64_bits() -> None:
    hashes = [perceptual_hash(cast_picture("openPeeps-003", number)) for number in range(8)]

    assert all(-(2**63) <= value < 2**63 for value in hashes)


def test_opposite_hashes_differ_in_every_bit() -> None:
    assert hamming_distance(0, -1) == 64
    assert hamming_distance(-5, -5) == 0


def test_what_transparency_hides_does_not_count() -> None:
    picture = cast_picture("toonHead-000", 0)
    painted = picture.copy()
    painted[picture[..., 3] == 0, :3] = np.array([9, 200, 9], np.uint8)

    assert perceptual_hash(picture) == perceptual_hash(painted)
