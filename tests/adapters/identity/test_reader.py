"""Reading one reference picture from bytes."""

import pytest

from adapters.identity.embedder import OnnxEmbedder
from adapters.identity.pictures import read_picture
from adapters.identity.reader import EmbeddingPictureReader
from domain.characters.identity import PictureFault
from domain.characters.views import UNKNOWN, Facing, Framing, View
from domain.errors import Invalid
from tests.builders_identity import as_png, cast_bytes, cast_picture


@pytest.fixture
def reader(embedder: OnnxEmbedder) -> EmbeddingPictureReader:
    return EmbeddingPictureReader(embedder)


async def test_a_good_picture_is_cut_out_hashed_and_embedded(reader: EmbeddingPictureReader) -> None:
    reading = await reader.read(cast_bytes("adventurer-000", 3))

    assert reading.cut_out_method == "flood"
    assert reading.faults == ()
    assert reading.view == View(Framing.HEAD, Facing.RIGHT)
    assert reading.vector is not None
    assert len(reading.vector) == reading.space.dimensions == 768
    assert read_picture(reading.cut_out_png).shape == (256, 256, 4)


async def test_a_picture_without_subject_has_no_vector(reader: EmbeddingPictureReader) -> None:
    empty = cast_picture("adventurer-000", 0)
    empty[..., 3] = 0

    reading = await reader.read(as_png(empty))

    assert [verdict.fault for verdict in reading.faults] == [PictureFault.NO_SUBJECT]
    assert reading.vector is None
    assert reading.view == UNKNOWN


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n"])
async def test_bytes_that_are_no_picture_are_refused(reader: EmbeddingPictureReader, content: bytes) -> None:
    with pytest.raises(Invalid):
        await reader.read(content)
