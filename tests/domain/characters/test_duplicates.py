"""Which pictures repeat another."""

from domain.characters.duplicates import bits_apart, duplicates_among
from tests.builders_characters import character, image, read_image


def test_a_picture_repeats_the_first_that_looks_the_same() -> None:
    peter = character()
    first, other, again = (
        read_image(peter, position=place, perceptual_hash=seen) for place, seen in enumerate([0, -1, 0b111])
    )

    assert duplicates_among([first, other, again]) == {first.id: None, other.id: None, again.id: first.id}


def test_the_order_of_reading_does_not_matter() -> None:
    peter = character()
    images = [read_image(peter, position=place) for place in range(3)]

    assert duplicates_among(images[::-1]) == duplicates_among(images)


def test_all_duplicates_point_at_the_first_of_their_kind() -> None:
    peter = character()
    images = [read_image(peter, position=place, perceptual_hash=(1 << 4 * place) - 1) for place in range(3)]

    # The third is 8 bits from the first, though only 4 from the second.
    assert list(duplicates_among(images).values()) == [None, images[0].id, None]


def test_a_picture_that_is_not_read_repeats_nothing() -> None:
    peter = character()
    read, pending = read_image(peter), image(peter, position=1)

    assert duplicates_among([read, pending]) == {read.id: None}


def test_signed_hashes_are_compared_bit_by_bit() -> None:
    assert bits_apart(-1, 0) == 64
    assert bits_apart(-(1 << 63), 0) == 1
