"""What may be announced as an upload, and whose a key is."""

from uuid import UUID

import pytest

from domain.errors import Invalid
from domain.media.errors import UploadEmpty, UploadOrderInvalid, UploadTooLarge, UploadTypeUnknown
from domain.media.models import Content, PictureType
from domain.media.policies import UPLOAD_BYTES_MAX, accept_file_name, accept_upload, holder_of

DIGEST = "0f" * 32


@pytest.mark.parametrize("kind", list(PictureType))
def test_every_type_that_is_read_may_be_announced(kind: PictureType) -> None:
    assert accept_upload(Content(kind, UPLOAD_BYTES_MAX, DIGEST.upper())) == Content(kind, UPLOAD_BYTES_MAX, DIGEST)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (Content("image/gif", 10, DIGEST), UploadTypeUnknown),
        (Content("image/svg+xml", 10, DIGEST), UploadTypeUnknown),
        (Content("IMAGE/PNG", 10, DIGEST), UploadTypeUnknown),
        (Content("image/png", 0, DIGEST), UploadEmpty),
        (Content("image/png", -1, DIGEST), UploadEmpty),
        (Content("image/png", UPLOAD_BYTES_MAX + 1, DIGEST), UploadTooLarge),
        (Content("image/png", 10, DIGEST[:-1]), UploadOrderInvalid),
        (Content("image/png", 10, "g" * 64), UploadOrderInvalid),
        (Content("image/png", 10, DIGEST + "\n"), UploadOrderInvalid),
        (Content("image/png", 10, DIGEST + "0"), UploadOrderInvalid),
    ],
)
def test_what_may_not_is_refused(content: Content, refusal: type[Invalid]) -> None:
    with pytest.raises(refusal):
        accept_upload(content)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("goat.png", "goat.png"), ("../../etc/passwd", ".._.._etc_passwd"), ("a\0b\n", "a_b_"), ("x" * 300, "x" * 200)],
)
def test_a_file_name_is_only_for_reading(given: str, kept: str) -> None:
    assert accept_file_name(given) == kept


def test_a_file_name_is_looked_at_no_further_than_it_may_go() -> None:
    assert accept_file_name(" " * 2000 + "goat.png") == ""


HOLDER = UUID(int=7)


@pytest.mark.parametrize(
    ("key", "holder"),
    [
        (f"art/{UUID(int=1)}/{HOLDER}/ab", HOLDER),
        (f"uploads/{UUID(int=1)}/{HOLDER}", HOLDER),
        (f"objects/{UUID(int=1)}/{HOLDER}", None),
        ("art/notes.txt", None),
        ("uploads/a/b", None),
        ("art", None),
        ("", None),
    ],
)
def test_a_key_names_the_upload_or_the_claim_that_holds_it(key: str, holder: UUID | None) -> None:
    assert holder_of(key) == holder
