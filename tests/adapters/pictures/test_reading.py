"""What becomes of an acceptable picture."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.pictures.reader import PictureLimits, PillowPictureReader, read_picture
from domain.media.errors import PictureRefused
from domain.media.models import Picture, PictureType
from tests import builders_files as build

LIMITS = PictureLimits()
SOUND = {
    PictureType.JPEG: build.jpeg(),
    PictureType.PNG: build.png(),
    PictureType.WEBP: build.webp(),
    PictureType.AVIF: build.avif(),
}


def opened(content: bytes) -> Image.Image:
    with Image.open(BytesIO(content)) as picture:
        picture.load()
        return picture


def corners(picture: Image.Image) -> list[tuple[int, ...]]:
    width, height = picture.size
    small = picture.convert("RGB").resize((4, 4), Image.Resampling.BOX, box=(0, 0, width, height))
    pixels = [small.getpixel(at) for at in ((0, 0), (3, 0), (0, 3), (3, 3))]
    return [pixel for pixel in pixels if isinstance(pixel, tuple)]


def assert_upright(picture: Picture) -> None:
    for found, wanted in zip(
        corners(opened(picture.working)), (build.RED, build.GREEN, build.BLUE, build.YELLOW), strict=True
    ):
        assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 24


@pytest.mark.parametrize("kind", SOUND)
def test_every_type_is_read(kind: PictureType) -> None:
    picture = read_picture(SOUND[kind], LIMITS)
    assert (picture.type, picture.width, picture.height, picture.has_alpha) == (kind, 64, 48, False)
    assert_upright(picture)


def test_heic_is_read() -> None:
    picture = read_picture(build.HEIC, LIMITS)
    left, right, *_ = corners(opened(picture.working))
    assert (picture.type, picture.width, picture.height) == (PictureType.HEIC, 64, 48)
    assert left[0] > 150 > left[2]
    assert right[2] > 150 > right[0]


@pytest.mark.parametrize("between", [b"", bytes(1), bytes(4096)])
def test_of_a_photograph_with_a_preview_behind_it_the_photograph_is_read(between: bytes) -> None:
    content = build.of_two_views(between)
    picture = read_picture(content, LIMITS)
    assert (picture.type, picture.width, picture.height) == (PictureType.JPEG, 64, 48)
    assert_upright(picture)


@pytest.mark.parametrize("orientation", build.STORED_AS)
def test_a_turned_photograph_is_set_upright_and_tells_nothing_of_its_place(orientation: int) -> None:
    picture = read_picture(build.photograph(orientation), LIMITS)
    assert (picture.width, picture.height) == build.SIZE
    assert_upright(picture)
    for copy in (picture.working, picture.thumbnail):
        assert not opened(copy).getexif()
        assert b"Secret Camera" not in copy


def test_a_profile_and_comments_are_left_behind() -> None:
    content = build.png(icc_profile=build.profile())
    assert "icc_profile" in opened(content).info
    assert "icc_profile" not in opened(read_picture(content, LIMITS).working).info


@pytest.mark.parametrize("mode", ["CMYK", "L", "YCbCr"])
def test_a_jpeg_of_any_colours_becomes_rgb(mode: str) -> None:
    content = build.encode(build.four_corners().convert(mode), "JPEG", quality=95)
    assert opened(read_picture(content, LIMITS).working).mode == "RGB"


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    content = build.encode(build.four_corners().convert("CMYK"), "JPEG", quality=95, subsampling=0)
    assert_upright(read_picture(content, LIMITS))


def test_sixteen_bits_of_grey_become_eight() -> None:
    content = build.encode(Image.new("I;16", build.SIZE, 0x8000), "PNG")
    assert opened(read_picture(content, LIMITS).working).getpixel((9, 9)) == (127, 127, 127)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_an_opaque_png_of_any_mode_has_no_alpha(mode: str) -> None:
    picture = read_picture(build.encode(build.four_corners().convert(mode), "PNG"), LIMITS)
    assert (picture.has_alpha, picture.working_type) == (False, PictureType.WEBP)


def test_a_cut_out_keeps_its_alpha_without_loss() -> None:
    picture = read_picture(build.cut_out(), LIMITS)
    working = opened(picture.working)
    assert (picture.has_alpha, picture.working_type, working.mode) == (True, PictureType.PNG, "RGBA")
    assert working.getpixel((5, 5)) == (0, 0, 0, 0)
    assert working.getpixel((60, 5)) == (*build.GREEN, 255)


def test_copies_have_a_largest_side() -> None:
    picture = read_picture(build.jpeg((3000, 1500)), LIMITS)
    assert (picture.width, picture.height) == (3000, 1500)
    assert (picture.working_width, picture.working_height) == (2048, 1024)
    assert opened(picture.thumbnail).size == (320, 160)


async def test_many_pictures_are_read_at_once() -> None:
    reader = PillowPictureReader()
    assert (await reader.read(build.jpeg())).type is PictureType.JPEG


# Pillow warns of broken metadata before it goes on without.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150)
@given(
    kind=st.sampled_from([*SOUND.values(), build.HEIC]), at=st.integers(0, 2000), new=st.binary(min_size=1, max_size=8)
)
def test_damage_of_any_kind_is_refused_or_read_and_nothing_else(kind: bytes, at: int, new: bytes) -> None:
    content = build.patched(kind, at % len(kind), new)
    with suppress(PictureRefused):
        assert opened(read_picture(content, LIMITS).working).mode in {"RGB", "RGBA"}
