"""The gate on pixels: the right cast, strangers, absentees, swaps, and clips."""

import io
from collections.abc import Sequence

import av
import numpy as np
import pytest

from adapters.identity.embedder import OnnxEmbedder
from adapters.identity.figures import figures_in
from adapters.identity.gate import EmbeddingIdentityGate
from adapters.identity.pictures import Picture, Plane
from domain.characters.gate import CopyRule, ExpectedCharacter, FrameReport, GateVerdict
from domain.errors import Invalid
from tests.builders_identity import (
    as_png,
    cast_figures,
    cast_identity,
    character_id,
    labels_png,
    scene_of,
)

NAMES = ["toonHead-000", "openPeeps-003"]


@pytest.fixture(scope="module")
def cast(embedder: OnnxEmbedder) -> list[ExpectedCharacter]:
    return [ExpectedCharacter(character_id(n), cast_identity(embedder, name)) for n, name in enumerate(NAMES)]


@pytest.fixture(scope="module")
def gate(embedder: OnnxEmbedder) -> EmbeddingIdentityGate:
    return EmbeddingIdentityGate(embedder)


def figures_of(*names: str, number: int = 6) -> list[Picture]:
    return [cast_figures(name, [number])[0] for name in names]


async def keyframe(
    gate: EmbeddingIdentityGate, figures: Sequence[Picture], expected: Sequence[ExpectedCharacter]
) -> FrameReport:
    frame, labels = scene_of(figures)
    return await gate.check_keyframe(
        frame_png=as_png(frame), labels_png=labels_png(labels), expected=expected, copies=CopyRule.ACCEPTED
    )


async def test_the_expected_cast_passes(gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]) -> None:
    report = await keyframe(gate, figures_of(*NAMES), cast)

    assert report.is_passed
    assert [found.figure for found in report.characters] == [1, 2]


async def test_figures_are_matched_wherever_they_stand(
    gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]
) -> None:
    report = await keyframe(gate, figures_of(*reversed(NAMES)), cast)

    assert report.is_passed
    assert [found.figure for found in report.characters] == [2, 1]


async def test_a_stranger_in_a_role_is_wrong(gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]) -> None:
    report = await keyframe(gate, figures_of("toonHead-000", "openPeeps-000"), cast)

    assert [found.verdict is GateVerdict.WRONG for found in report.characters] == [False, True]
    assert not report.is_passed


async def test_an_absent_character_is_missing(gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]) -> None:
    report = await keyframe(gate, figures_of("openPeeps-003"), cast)

    assert report.characters[0].verdict is GateVerdict.MISSING
    assert report.characters[1].score is not None


async def test_one_figure_too_many_is_extra(gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]) -> None:
    report = await keyframe(gate, figures_of(*NAMES, "adventurer-003"), cast)

    assert report.extra_figures == (3,)
    assert not report.is_passed


async def test_a_reference_pasted_in_unchanged_is_a_copy(
    gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]
) -> None:
    report = await keyframe(gate, figures_of("toonHead-000", number=0), cast[:1])

    assert report.characters[0].verdict is GateVerdict.COPY


async def test_an_empty_frame_has_nobody(gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]) -> None:
    report = await keyframe(gate, [], cast)

    assert [found.verdict for found in report.characters] == [GateVerdict.MISSING] * 2


async def test_the_same_frame_gets_the_same_report(gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]) -> None:
    figures = figures_of(*NAMES)

    assert await keyframe(gate, figures, cast) == await keyframe(gate, figures, cast)


def filmed(names: Sequence[str], *, frames: int) -> tuple[bytes, Plane]:
    """A clip whose figures change expression, and the stacked label maps of all its frames."""
    scenes = [scene_of(figures_of(*names, number=n % 8), width=640, height=360) for n in range(frames)]
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "26"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for frame, _ in scenes:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return target.getvalue(), np.vstack([labels for _, labels in scenes])


async def test_a_clip_is_checked_on_its_sampled_frames(
    gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]
) -> None:
    clip, labels = filmed(NAMES, frames=6)

    report = await gate.check_clip(
        clip_mp4=clip,
        labels_png=labels_png(labels),
        sampled_frames=range(6),
        expected=cast,
        copies=CopyRule.ACCEPTED,
    )

    assert report.is_passed
    assert report.frames == 6
    assert report.score_min is not None


@pytest.mark.parametrize("sampled", [[0, 1, 2, 3], [0, 1, 2, 3, 9]])
async def test_a_clip_without_the_frames_asked_for_is_refused(
    gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter], sampled: list[int]
) -> None:
    clip, labels = filmed(NAMES, frames=5)
    stacked = labels_png(labels[: 360 * len(sampled)])

    with pytest.raises(Invalid):
        await gate.check_clip(
            clip_mp4=clip, labels_png=stacked, sampled_frames=sampled, expected=cast, copies=CopyRule.ACCEPTED
        )


async def test_bytes_that_are_no_clip_are_refused(gate: EmbeddingIdentityGate, cast: list[ExpectedCharacter]) -> None:
    with pytest.raises(Invalid, match="cannot be decoded"):
        await gate.check_clip(
            clip_mp4=b"no clip", labels_png=b"", sampled_frames=range(5), expected=cast, copies=CopyRule.ACCEPTED
        )


def test_specks_are_not_figures() -> None:
    labels = np.zeros((90, 120), np.uint8)
    labels[10:60, 10:60] = 1
    labels[70:73, 70:73] = 2

    assert [figure.number for figure in figures_in(np.zeros((90, 120, 3), np.uint8), labels)] == [1]


def test_a_label_map_of_another_size_is_refused() -> None:
    with pytest.raises(Invalid, match="does not fit"):
        figures_in(np.zeros((90, 120, 3), np.uint8), np.zeros((45, 60), np.uint8))
