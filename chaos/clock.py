"""A wrong clock for a single process, as on a machine where somebody has set it wrongly; the monotonic one is right.

Only `time.time` is wrong: `datetime` asks the machine past it, but neither a worker nor what brings it hints reads its
clock by that.
"""

import sys
import time

SHIFT = "CHAOS_CLOCK_SHIFT"


def shift_clock(seconds: float) -> None:
    """Let this process be wrong by so much from here on, the modules that it has read already included."""
    true_time, true_nanoseconds = time.time, time.time_ns

    def wrong_time() -> float:
        return true_time() + seconds

    def wrong_nanoseconds() -> int:
        return true_nanoseconds() + int(seconds * 1e9)

    for module in tuple(sys.modules.values()):
        for name, value in tuple(vars(module).items()):
            if value is true_time:
                setattr(module, name, wrong_time)
            elif value is true_nanoseconds:
                setattr(module, name, wrong_nanoseconds)
