"""The worker protocol over HTTP: claim, heartbeat, outputs, step, finish, release; JSON both ways.

Every call but `claim` carries the fence (epoch, claim id); a stale fence is answered 409 and the worker drops the work.
A report is acknowledged after its commit, so a worker repeats it until it has an answer. A field that is new
is left out where it has nothing to say, since an older version refuses it; the jobs process is upgraded before workers.
"""

from typing import Literal

from pydantic import Field

from contracts.commands import Command, Message, Result, is_none

PROTOCOL_VERSION = 1
# Paths below the control application's root; POST all.
CLAIM_PATH = "/v1/claim"
HEARTBEAT_PATH = "/v1/jobs/{job_id}/heartbeat"
OUTPUT_PATH = "/v1/jobs/{job_id}/outputs"
FINISH_PATH = "/v1/jobs/{job_id}/finish"
FAIL_PATH = "/v1/jobs/{job_id}/fail"
RELEASE_PATH = "/v1/jobs/{job_id}/release"
CHECKPOINT_PATH = "/v1/jobs/{job_id}/checkpoint"

# How ARQ carries a hint: this function's name, arguments (job id, delivery), JSON, on this queue.
HINT_FUNCTION = "take"


def hint_queue_name(queue: str) -> str:
    """The name in Redis of a queue of hints."""
    return f"lab:queue:{queue}"


# The name of the input from which an interrupted attempt goes on.
CHECKPOINT = "checkpoint"
PREVIEW_CHARACTERS_MAX = 48_000
SERVED_MODELS_MAX = 16
WORD_CHARACTERS_MAX = 100
BATCH_MAX = 16  # jobs that one worker holds at once

FailureCode = Literal["INVALID", "NOT_FOUND", "RATE_LIMITED", "UNAVAILABLE", "INTERNAL", "CRASHED"]


class Fence(Message):
    """The right to write: checked with the job's row in every transaction of a worker."""

    epoch: int
    claim_id: str


class PictureSize(Message):
    """Width and height in pixels."""

    width: int = Field(ge=1)
    height: int = Field(ge=1)


class FrameCounts(Message):
    """How many frames a model makes at once: from `minimum` to `maximum`, `step` n + 1 where the step is not 1.

    They are made for `per_second` frames a second.
    """

    minimum: int = Field(ge=1)
    maximum: int = Field(ge=1)
    step: int = Field(ge=1)
    per_second: int = Field(ge=1)


class ServedModel(Message):
    """A model that an engine has been given, of a family, and what it can do.

    `sizes` are what it makes for frames of 16:9, 9:16 and 1:1, before they are brought to the ordered size; `frames` is
    absent from one that makes stills. `references_max` is of one character, 0 where none is looked at; `pictures_max`
    of the whole cast, absent where only that of each counts. `adapters` says how many characters' adapters it takes at
    once. With `has_first_frame` the clip begins in its keyframe, with `has_last_frame` it may end in a
    given picture. With `can_halt` a command ends at its next step and the model stays loaded.
    """

    engine: str = Field(max_length=WORD_CHARACTERS_MAX)
    makes: Literal["keyframe", "clip"]
    family: str = Field(max_length=WORD_CHARACTERS_MAX)
    sizes: list[PictureSize] = Field(max_length=8)
    frames: FrameCounts | None = None
    references_max: int = Field(ge=0)
    pictures_max: int | None = Field(default=None, ge=0)
    cast_max: int = Field(ge=0)
    adapters: Literal["none", "one", "several"]
    has_regions: bool
    has_first_frame: bool
    has_last_frame: bool
    has_previews: bool
    can_halt: bool


class WorkerInfo(Message):
    """Who asks for work and what it can do; `engines` are the engines whose commands it knows.

    `warm` is what it has loaded, by the `affinity` of the jobs that it did; it is preferred for more of the same.
    `models` is what its engines have been given, for people who choose an engine; absent where there is none.
    """

    worker_id: str
    queue: str
    engines: list[str]
    command_version: int = 1
    software_version: str
    warm: list[str] | None = Field(default=None, exclude_if=is_none)
    models: list[ServedModel] | None = Field(default=None, max_length=SERVED_MODELS_MAX, exclude_if=is_none)


class ClaimRequest(Message):
    """Ask for one job: the hinted one where `job_id` and `delivery` are given, else whichever is next.

    `claim_id` is chosen by the worker and repeated on a retry, so that a lost answer does not lose the job. With
    `wait_seconds` the answer may wait that long for something to come. A worker that makes batches sends one more id
    for each further job that it could hold: it is given, at once or never, what can share a batch with the first.
    """

    worker: WorkerInfo
    claim_id: str
    job_id: str | None = None
    delivery: int | None = None
    wait_seconds: float = Field(default=0.0, ge=0, le=20)
    more_claim_ids: list[str] | None = Field(default=None, max_length=BATCH_MAX - 1, exclude_if=is_none)


class InputFile(Message):
    """Where an input lies; fetch it, then check size and digest."""

    name: str
    url: str
    sha256: str
    size_bytes: int


class Claimed(Message):
    """The job is yours until the lease ends; beat at least every third of it.

    `affinity` names what has to be loaded for it, for workers that say what they have.
    """

    job_id: str
    fence: Fence
    lease_seconds: float
    deadline_seconds: float
    command: Command
    inputs: list[InputFile]
    affinity: str | None = Field(default=None, exclude_if=is_none)


class ClaimAnswer(Message):
    """`claimed` is absent when there is nothing for this worker now; each of `more` is a job like any other."""

    claimed: Claimed | None = None
    more: list[Claimed] | None = Field(default=None, exclude_if=is_none)


class HeartbeatRequest(Message):
    """Still at it; `progress` is the fraction done, 0 to 1, never stored.

    `preview` is a small JPEG of what is being made, base64, never stored either.
    """

    fence: Fence
    progress: float = Field(default=0.0, ge=0, le=1)
    preview: str | None = Field(default=None, max_length=PREVIEW_CHARACTERS_MAX, exclude_if=is_none)


class HeartbeatAnswer(Message):
    """`cancel` asks to stop at once and release; `drain` to finish this job, or hand it back after a while."""

    lease_seconds: float
    cancel: bool = False
    drain: bool = False


class OutputRequest(Message):
    """Ask for a presigned PUT bound to exactly these bytes."""

    fence: Fence
    name: str
    sha256: str
    size_bytes: int = Field(gt=0, le=2_000_000_000)
    content_type: str


class OutputAnswer(Message):
    """PUT the bytes there with exactly these headers; `key` names the object in the finish report."""

    url: str
    headers: dict[str, str]
    key: str


class OutputReport(Message):
    """One uploaded output."""

    name: str
    key: str
    sha256: str
    size_bytes: int
    content_type: str


class CheckpointRequest(Message):
    """What was uploaded lets another attempt go on from here; it replaces the job's earlier one.

    A later claim of the job has it among its inputs, under the name `CHECKPOINT`.
    """

    fence: Fence
    output: OutputReport


class FinishRequest(Message):
    """The work is done and its outputs are uploaded."""

    fence: Fence
    result: Result
    outputs: list[OutputReport]
    worked_seconds: float = Field(ge=0)


class FailRequest(Message):
    """The work failed in a way that the worker could tell.

    CRASHED says that the process at work ended by itself or hung: counted as lost, like a lease that ran out.
    """

    fence: Fence
    code: FailureCode
    message: str
    retry_after_seconds: float | None = None


class ReleaseRequest(Message):
    """A graceful stop: hand the job back without an attempt charged."""

    fence: Fence


class Acknowledged(Message):
    """The report is committed."""

    accepted: bool = True
