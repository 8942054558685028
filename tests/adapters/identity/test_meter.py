"""The meter on the pixels of a clip: what it measures is what the gate scores."""

import pytest

from adapters.identity.embedder import OnnxEmbedder
from adapters.identity.gate import EmbeddingIdentityGate
from adapters.identity.meter import EmbeddingConsistencyMeter
from adapters.identity.pictures import read_picture
from domain.characters.gate import CopyRule, ExpectedCharacter
from domain.characters.policies import score_of
from domain.errors import Invalid
from tests.adapters.identity.test_identity_gate import NAMES, filmed
from tests.builders_identity import cast_identity, character_id, expected_at, labels_png


@pytest.fixture(scope="module")
def cast(embedder: OnnxEmbedder) -> list[ExpectedCharacter]:
    return [ExpectedCharacter(character_id(n), cast_identity(embedder, name)) for n, name in enumerate(NAMES)]


async def test_a_clip_s_figures_are_measured_as_the_gate_scores_them(
    embedder: OnnxEmbedder, cast: list[ExpectedCharacter]
) -> None:
    clip, labels = filmed(NAMES, frames=5)
    maps, frames = labels_png(labels), range(5)

    found = await EmbeddingConsistencyMeter(embedder).measure_clip(
        clip_mp4=clip, labels_png=maps, sampled_frames=frames, expected=cast
    )
    report = await EmbeddingIdentityGate(embedder).check_clip(
        clip_mp4=clip, labels_png=maps, sampled_frames=frames, expected=cast, copies=CopyRule.ACCEPTED
    )

    assert [(figure.character_id, figure.frames) for figure in found] == [(each.character_id, 5) for each in cast]
    for figure, member, judged in zip(found, cast, report.characters, strict=True):
        assert judged.score_min is not None
        assert judged.score_min <= score_of(member.identity, figure.direction) <= 1
        assert read_picture(figure.crop_png).shape == (160, 160, 3)


async def test_who_is_not_there_is_not_measured(embedder: OnnxEmbedder, cast: list[ExpectedCharacter]) -> None:
    clip, labels = filmed(NAMES[:1], frames=5)

    found = await EmbeddingConsistencyMeter(embedder).measure_clip(
        clip_mp4=clip, labels_png=labels_png(labels), sampled_frames=range(5), expected=cast
    )

    assert [figure.character_id for figure in found] == [cast[0].character_id]


async def test_four_frames_are_too_few_and_another_space_is_refused(embedder: OnnxEmbedder) -> None:
    meter = EmbeddingConsistencyMeter(embedder)
    with pytest.raises(Invalid, match="at least 5"):
        await meter.measure_clip(clip_mp4=b"", labels_png=b"", sampled_frames=range(4), expected=[])
    with pytest.raises(Invalid, match="cannot be compared"):
        await meter.measure_clip(clip_mp4=b"", labels_png=b"", sampled_frames=range(5), expected=[expected_at(1, 0)])
