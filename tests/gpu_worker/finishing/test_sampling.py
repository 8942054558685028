"""Which frames of a clip the gate is shown."""

import pytest

from gpu_worker.pipelines.finishing.sampling import sampled_frames


@pytest.mark.parametrize(
    ("frames", "first", "sampled"),
    [
        (24, 4, [4, 9, 14, 18, 23]),
        (8, 4, [3, 4, 5, 6, 7]),
        (5, 9, [0, 1, 2, 3, 4]),
        (3, 0, [0, 1, 2]),
    ],
)
def test_five_frames_are_sampled_where_there_are_five(frames: int, first: int, sampled: list[int]) -> None:
    assert sampled_frames(frames, first, 5) == sampled
