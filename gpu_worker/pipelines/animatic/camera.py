"""Camera moves: eased paths and the matrices that they mean for a layer at a depth."""

from dataclasses import dataclass

import numpy as np
from cv2.typing import MatLike

ZOOM = 0.13
# How far a move reaches for each shot size: near shots need less to be felt.
REACH = {
    "extreme_wide": 1.0,
    "wide": 1.0,
    "full": 0.9,
    "medium": 0.8,
    "medium_close_up": 0.65,
    "close_up": 0.5,
    "extreme_close_up": 0.35,
}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is: offset in shares of the frame's width and height, zoom, roll in radians."""

    across: float = 0.0
    down: float = 0.0
    zoom: float = 1.0
    roll: float = 0.0


def eased(share: float) -> float:
    """Smootherstep (Perlin 2002): no jump in speed or acceleration at either end."""
    share = min(max(share, 0.0), 1.0)
    return share**3 * (share * (share * 6 - 15) + 10)


@dataclass(frozen=True, slots=True)
class Camera:
    """One move over one shot of `frames` frames at `rate` a second, towards `focus` (shares of the frame)."""

    move: str
    frames: int
    rate: int
    size: str
    focus: tuple[float, float]
    seed: int

    @property
    def is_still(self) -> bool:
        """Whether every frame has the same pose."""
        return self.move == "static" or self.frames < 2

    @property
    def is_slow(self) -> bool:
        """Whether the eye can follow detail through the move."""
        return not self.is_still and self.move != "handheld"

    def pose(self, frame: int) -> Pose:
        """The camera at one frame."""
        along = eased(frame / (self.frames - 1)) if self.frames > 1 else 0.0
        reach = REACH[self.size]
        swing, zoom = (along - 0.5) * 2 * reach, ZOOM * (0.6 + 0.4 * reach)
        if self.move == "handheld":
            return self._carried(frame / self.rate, reach)
        return {
            "pan_left": Pose(across=-0.052 * swing),
            "pan_right": Pose(across=0.052 * swing),
            "tilt_up": Pose(down=-0.050 * swing, zoom=1.02),
            "tilt_down": Pose(down=0.050 * swing, zoom=1.02),
            "push_in": Pose(zoom=1 + zoom * along),
            "pull_out": Pose(zoom=1 + zoom * (1 - along)),
            "parallax": Pose(across=0.060 * swing, zoom=1.01 + 0.03 * along),
        }.get(self.move, Pose())

    def _carried(self, seconds: float, reach: float) -> Pose:
        """A hand's sway: slow drift with a little tremor, never repeating within a shot."""
        phases = np.random.default_rng([self.seed, 11]).uniform(0, 2 * np.pi, (3, 3))
        speeds = np.array([[0.31, 0.83, 2.1], [0.27, 0.71, 1.8], [0.23, 0.57, 1.3]]) * 2 * np.pi
        weights = np.array([1.0, 0.42, 0.07])
        across, down, roll = (np.sin(speeds * seconds + phases) * weights).sum(1)
        strength = 0.5 + 0.5 * reach
        return Pose(0.0062 * across * strength, 0.0075 * down * strength, 1.025, 0.0028 * roll)

    def matrix(self, frame: int, depth: float, size: tuple[int, int]) -> MatLike:
        """Layer pixels to frame pixels (2x3, float64) for a layer at `depth`: 0 far away, 1 at the figures."""
        width, height = size
        pose = self.pose(frame)
        zoom = 1 + (pose.zoom - 1) * (0.25 + 0.75 * depth)
        cos, sin = zoom * np.cos(pose.roll), zoom * np.sin(pose.roll)
        centre = np.array([self.focus[0] * width, self.focus[1] * height])
        turn = np.array([[cos, -sin], [sin, cos]])
        shift = np.array([pose.across * width, pose.down * height]) * (0.12 + 0.88 * depth)
        return np.hstack([turn, (centre - turn @ centre - shift)[:, None]])
