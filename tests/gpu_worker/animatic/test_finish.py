"""What happens to the whole picture at the end."""

import numpy as np
import pytest

from gpu_worker.pipelines.animatic.finish import Finish
from gpu_worker.pipelines.finishing.picture import blank
from gpu_worker.pipelines.finishing.transitions import Transition

SIZE = (64, 36)


def brightness(seconds: float, rate: int) -> float:
    """The luma of a grey picture this long after lightning has struck."""
    finish = Finish(np.full(SIZE[::-1], 255, np.uint8), Transition("cut", 0), flashes=(0,), rate=rate)
    frame = blank(SIZE)
    frame.luma[:] = 100
    finish.apply(frame, round(seconds * rate))
    return float(frame.luma.mean())


@pytest.mark.parametrize("rate", [8, 12, 48, 60])
@pytest.mark.parametrize("seconds", [0.0, 0.25, 0.5, 0.75])
def test_lightning_lasts_as_long_at_every_frame_rate(seconds: float, rate: int) -> None:
    assert brightness(seconds, rate) == pytest.approx(brightness(seconds, 24), abs=1)


def test_lightning_fades_and_is_over() -> None:
    struck, fading, over = (brightness(seconds, 24) for seconds in (0.0, 0.25, 0.75))
    assert struck > fading > over == 100
