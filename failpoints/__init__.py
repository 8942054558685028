"""Points at which tests make a process fail, driven by files; inert unless `LAB_FAILPOINTS` names a folder.

    await reach(Point.CLAIM_COMMITTED, job.id)

`docs/chaos.md` says what each point stands for.
"""

import os

from failpoints.points import Commit, Point
from failpoints.switch import FOLDER, decide

is_on = bool(os.environ.get(FOLDER))
reach, reach_now = decide(os.environ)

__all__ = ["Commit", "Point", "is_on", "reach", "reach_now"]
