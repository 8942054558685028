"""The places in a job's life at which something may be made to go wrong, in the order in which a job passes them."""

from enum import StrEnum


class Point(StrEnum):
    """Each names the boundary (B1 to B12 of `docs/chaos.md`) that it stands for.

    A point called `..._committed` is reached while the caller does not know yet that the commit took effect.
    """

    # B1: what wants the job is written, and nothing of it is committed.
    ACCEPT_BEFORE_COMMIT = "accept.before_commit"
    # B2: the job is in the database, and nobody has been told of it.
    ACCEPT_COMMITTED = "accept.committed"
    # B3: the pick is made, and nothing of it is committed.
    PICK_BEFORE_COMMIT = "pick.before_commit"
    # B3: the job is dispatched, and no hint has been sent.
    PICK_COMMITTED = "pick.committed"
    # B4: the hint is in Redis, and its sender does not know.
    HINT_SENT = "hint.sent"
    # B4: a worker has heard the hint and has claimed nothing.
    HINT_HEARD = "hint.heard"
    # B5: the claim is made, and nothing of it is committed.
    CLAIM_BEFORE_COMMIT = "claim.before_commit"
    # B5: the job is running for a worker that does not know it.
    CLAIM_COMMITTED = "claim.committed"
    # B5: a worker over HTTP has not been answered yet what it holds.
    CLAIM_ANSWERING = "claim.answering"
    # B6: the worker knows its job and has done nothing.
    STEP_BEFORE = "step.before"
    # B6: the process that owns the engines knows the command and has done nothing.
    CHILD_BEFORE = "child.before"
    # B7: the process that owns the engines has made its files and told nobody.
    CHILD_MADE = "child.made"
    # B7: the work is done, and nothing of it has been uploaded.
    STEP_MADE = "step.made"
    # B8: bytes are in the object storage, and no row knows of them.
    OBJECT_STORED = "object.stored"
    # B8: every output is in the object storage, and nothing has been reported.
    STEP_UPLOADED = "step.uploaded"
    # B9: a transaction of a running task is written, and nothing of it is committed.
    STEP_BEFORE_COMMIT = "step.before_commit"
    # B9: the transaction of a running task took effect, and the task does not know.
    STEP_COMMITTED = "step.committed"
    # B10: one transaction of a running task is over, and the next has not begun.
    STEP_BETWEEN = "step.between"
    # B11: the end of the job is written, and nothing of it is committed.
    FINISH_BEFORE_COMMIT = "finish.before_commit"
    # B11: the job has ended, and whoever ended it does not know.
    FINISH_COMMITTED = "finish.committed"
    # B11: the job has ended, and the worker over HTTP has not been answered.
    FINISH_ANSWERING = "finish.answering"
    # B11: an attempt's failure is written, and nothing of it is committed.
    FAIL_BEFORE_COMMIT = "fail.before_commit"
    # B11: an attempt has failed, and whoever told it does not know that it was heard.
    FAIL_COMMITTED = "fail.committed"
    # B11: a job is being handed back, and nothing of it is committed.
    RELEASE_BEFORE_COMMIT = "release.before_commit"
    # B11: a job has been handed back, and whoever did it does not know.
    RELEASE_COMMITTED = "release.committed"
    # B12: the hint has done its work, and ARQ has not deleted it yet.
    HINT_TAKEN = "hint.taken"


class Commit(StrEnum):
    """What a transaction commits, where there is a point on either side of the commit."""

    ACCEPT = "accept"
    PICK = "pick"
    CLAIM = "claim"
    STEP = "step"
    FINISH = "finish"
    FAIL = "fail"
    RELEASE = "release"

    @property
    def before(self) -> Point:
        return Point(f"{self}.before_commit")

    @property
    def after(self) -> Point:
        return Point(f"{self}.committed")
