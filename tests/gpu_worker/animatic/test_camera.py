"""Camera moves are smooth, and layers move by their depth."""

import numpy as np
import pytest

from gpu_worker.pipelines.animatic.camera import Camera, eased
from gpu_worker.pipelines.animatic.framing import OVERSCAN

MOVES = ("static", "pan_left", "pan_right", "tilt_up", "tilt_down", "push_in", "pull_out", "handheld", "parallax")
FRAME = (1280, 720)


def camera(move: str, frames: int = 96) -> Camera:
    return Camera(move, frames, 24, "wide", (0.5, 0.5), seed=3)


def corner_path(move: str, depth: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    shown = camera(move)
    corner = np.array([0.0, 0.0, 1.0])
    return np.array([shown.matrix(frame, depth, FRAME) @ corner for frame in range(96)])


def test_easing_begins_and_ends_at_rest() -> None:
    assert (eased(0), eased(0.5), eased(1)) == (0, 0.5, 1)
    assert eased(0.01) < 1e-4


@pytest.mark.parametrize("move", MOVES)
def test_no_frame_jumps(move: str) -> None:
    path = corner_path(move, 1.0)
    jerk = np.abs(np.diff(path, n=2, axis=0)).max()
    assert jerk < 0.5


@pytest.mark.parametrize("move", ["pan_left", "tilt_down", "push_in", "parallax"])
def test_what_is_far_moves_less(move: str) -> None:
    far, near = (np.ptp(corner_path(move, depth), axis=0).max() for depth in (0.1, 1.0))
    assert far < 0.5 * near


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("depth", [0.06, 0.5, 1.0, 1.55])
def test_no_move_shows_the_edge_of_a_layer(move: str, depth: float) -> None:
    shown = camera(move)
    margin = np.array([OVERSCAN * FRAME[0], OVERSCAN * FRAME[1]])
    for frame in range(0, 96, 5):
        matrix = shown.matrix(frame, depth, FRAME)
        first, last = matrix @ [*(-margin), 1.0], matrix @ [*(np.array(FRAME) + margin), 1.0]
        assert (first <= 0.5).all()
        assert (last >= np.array(FRAME) - 0.5).all()


def test_a_pan_left_moves_the_place_to_the_right() -> None:
    path = corner_path("pan_left", 1.0)
    assert path[-1, 0] > path[0, 0]
