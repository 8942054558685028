"""What is no acceptable picture, and the code that says why."""

import pytest

from adapters.pictures.reader import PictureLimits, read_picture
from domain.media.errors import PictureRefusal, PictureRefused
from tests import builders_files as build

LIMITS = PictureLimits()

REFUSED = {
    "nothing": (b"", PictureRefusal.EMPTY),
    "a text": (b"Once upon a time there were three goats.", PictureRefusal.UNKNOWN_TYPE),
    "a GIF": (build.encode(build.four_corners(), "GIF"), PictureRefusal.UNKNOWN_TYPE),
    "a GIF that is a script as well": (b"GIF89a/*\xff\xd8\xff*/=alert(1)", PictureRefusal.UNKNOWN_TYPE),
    "a PDF": (b"%PDF-1.7\n" + build.jpeg(), PictureRefusal.UNKNOWN_TYPE),
    "a page before a JPEG": (b"<html>" + build.jpeg(), PictureRefusal.UNKNOWN_TYPE),
    "a film": (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", PictureRefusal.UNKNOWN_TYPE),
    "a JPEG of its first bytes": (build.jpeg()[:3], PictureRefusal.TRUNCATED),
    "half a JPEG": (build.jpeg()[:-100], PictureRefusal.TRUNCATED),
    "a JPEG without its end": (build.jpeg()[:-2], PictureRefusal.TRUNCATED),
    "half a PNG": (build.png()[:-20], PictureRefusal.TRUNCATED),
    "a PNG without its end": (build.png()[:-12], PictureRefusal.TRUNCATED),
    "half a WebP": (build.webp()[:-20], PictureRefusal.TRUNCATED),
    "half an AVIF": (build.avif()[:-20], PictureRefusal.TRUNCATED),
    "half a HEIC": (build.HEIC[:-20], PictureRefusal.TRUNCATED),
    "a PNG with too little in it": (build.png_of_header(64, 48), PictureRefusal.DAMAGED),
    "a PNG with a wrong checksum": (build.patched(build.png(), 50, b"\0\xff\0"), PictureRefusal.DAMAGED),
    "a ZIP behind a JPEG": (build.jpeg() + build.zip_archive(), PictureRefusal.TRAILING_DATA),
    "a ZIP behind a PNG": (build.png() + build.zip_archive(), PictureRefusal.TRAILING_DATA),
    "a ZIP behind a WebP": (build.webp() + build.zip_archive(), PictureRefusal.TRAILING_DATA),
    "a ZIP behind an AVIF": (build.avif() + build.zip_archive(), PictureRefusal.TRAILING_DATA),
    "a second JPEG that nobody announced": (build.jpeg() * 2, PictureRefusal.TRAILING_DATA),
    "a ZIP behind an announced JPEG": (build.of_two_views() + build.zip_archive(), PictureRefusal.TRAILING_DATA),
    "a film behind an announced JPEG": (build.of_two_views() + b"\0\0\0\x18ftypisom", PictureRefusal.TRAILING_DATA),
    "half of an announced JPEG": (build.of_two_views()[:-20], PictureRefusal.TRUNCATED),
    "more JPEGs than a camera announces": (build.of_two_views() + build.jpeg() * 16, PictureRefusal.TRAILING_DATA),
    "a page in a JPEG's comment": (build.with_comment(b"<HTML >hello"), PictureRefusal.FOREIGN_CONTENT),
    "a script in a JPEG's comment": (build.with_comment(b"<script>alert(1)</script>"), PictureRefusal.FOREIGN_CONTENT),
    "a PDF in a JPEG's comment": (build.with_comment(b"%PDF-1.4 ..."), PictureRefusal.FOREIGN_CONTENT),
    "PHP in a JPEG's comment": (build.with_comment(b"<?php system(1);"), PictureRefusal.FOREIGN_CONTENT),
    "a JPEG of forty scans": (build.of_many_scans(40), PictureRefusal.DAMAGED),
    "a JPEG with a long filling": (build.jpeg()[:-2] + b"\xff" * 300 + b"\xff\xd9", PictureRefusal.DAMAGED),
    **{f"a {kind} of many parts": (each, PictureRefusal.DAMAGED) for kind, each in build.of_many_parts().items()},
    "fifty megapixels": (build.bomb(), PictureRefusal.TOO_MANY_PIXELS),
    "a header of two gigapixels": (build.png_of_header(50_000, 40_000), PictureRefusal.TOO_MANY_PIXELS),
    "a very long line": (build.png_of_header(20_001, 16), PictureRefusal.TOO_MANY_PIXELS),
    "a dot": (build.png((8, 8)), PictureRefusal.TOO_SMALL),
    "an animated WebP": (build.animated("WEBP"), PictureRefusal.ANIMATED),
    "an animated PNG": (build.animated("PNG"), PictureRefusal.ANIMATED),
    "an animated AVIF": (build.animated("AVIF"), PictureRefusal.ANIMATED),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_reason(name: str) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(PictureRefused) as refused:
        read_picture(content, LIMITS)
    assert refused.value.reason is reason


def test_more_bytes_than_the_limit_are_refused_before_anything_is_read() -> None:
    with pytest.raises(PictureRefused) as refused:
        read_picture(b"no picture at all", PictureLimits(bytes_max=16))
    assert refused.value.reason is PictureRefusal.TOO_MANY_BYTES


@pytest.mark.parametrize("content", [build.jpeg(), build.png(), build.webp(), build.avif(), build.HEIC])
def test_every_cut_of_a_picture_is_refused(content: bytes) -> None:
    for end in range(0, len(content) - 1, 7):
        with pytest.raises(PictureRefused):
            read_picture(content[:end], LIMITS)


def test_padding_of_zeros_is_no_foreign_data() -> None:
    assert read_picture(build.jpeg() + bytes(64), LIMITS).width == 64


def test_a_frame_larger_than_its_boxes_say_is_counted_as_what_it_is() -> None:
    with pytest.raises(PictureRefused) as refused:
        read_picture(build.lying_avif(), PictureLimits(pixels_max=64 * 48 - 1))
    assert refused.value.reason is PictureRefusal.TOO_MANY_PIXELS


def test_an_honest_picture_of_the_same_size_is_taken() -> None:
    assert read_picture(build.avif(), PictureLimits(pixels_max=64 * 48)).width == 64
