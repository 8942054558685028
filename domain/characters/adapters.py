"""A character's adapter, version by version: how it was to be trained, what came of it, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.characters.errors import AdapterNotTraining
from domain.identifiers import AdapterId, CharacterId, ImageId, JobId, ObjectId, WorkspaceId

ADAPTERS_MAX = 100


class AdapterState(StrEnum):
    """TRAINING until its job ends; then READY, or REJECTED by its scores, FAILED, or CANCELED."""

    TRAINING = "training"
    READY = "ready"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self is not AdapterState.TRAINING


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How a version is trained; `pictures` teach it, and `held_out` only judge it: so many, and which.

    Which they are is not known of versions that were ordered before it was written down.
    """

    engine: str
    seed: int
    rank: int
    steps_max: int
    learning_rate: float
    checkpoint_steps: int
    pictures: int
    held_out: int
    taught_by: tuple[ImageId, ...] = ()
    judged_by: tuple[ImageId, ...] = ()


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One moment of a training: the loss over fixed noise, and identity on held-out pictures where it was measured."""

    step: int
    loss: float
    identity: float | None = None


@dataclass(frozen=True, slots=True)
class AdapterScores:
    """What the fixed suite shows, each 0 to 1, higher is better; see `contracts.commands.SuiteScores`."""

    identity: float
    prompt: float
    purity: float


@dataclass(frozen=True, slots=True)
class Learned:
    """What a training came to; `base` is the digest of the model that the weights belong to."""

    steps: int
    is_stopped_early: bool
    curve: tuple[CurvePoint, ...]
    scores: AdapterScores
    base: str
    engine_version: str
    present_scores: AdapterScores | None = None


@dataclass(frozen=True, slots=True)
class AdapterFiles:
    """The weights, in the format of diffusers, and the pictures that tell people of the training."""

    weights_id: ObjectId
    plot_id: ObjectId | None = None
    samples_id: ObjectId | None = None

    @property
    def object_ids(self) -> tuple[ObjectId, ...]:
        optional = (self.plot_id, self.samples_id)
        return (self.weights_id, *(each for each in optional if each is not None))


@dataclass(frozen=True, slots=True)
class AdapterVersion:
    """One version; `trigger` calls the character, `present_id` is the version in use when the training began.

    Which version is in use is not said here but by `Character.adapter_ids`.
    """

    id: AdapterId
    workspace_id: WorkspaceId
    character_id: CharacterId
    number: int
    trigger: str
    plan: TrainingPlan
    job_id: JobId
    created_at: datetime
    present_id: AdapterId | None = None
    state: AdapterState = AdapterState.TRAINING
    learned: Learned | None = None
    files: AdapterFiles | None = None
    refusal: str = ""
    ended_at: datetime | None = None

    @property
    def object_ids(self) -> tuple[ObjectId, ...]:
        """The objects that this version holds on to."""
        return () if self.files is None else self.files.object_ids

    def trained(self, learned: Learned, files: AdapterFiles, *, refusal: str, now: datetime) -> "AdapterVersion":
        """Answer the version as learned: REJECTED where there is a refusal; raises AdapterNotTraining."""
        self._require_training()
        state = AdapterState.REJECTED if refusal else AdapterState.READY
        return replace(self, state=state, learned=learned, files=files, refusal=refusal, ended_at=now)

    def failed(self, reason: str, *, now: datetime) -> "AdapterVersion":
        """Answer the version that could not be trained; raises AdapterNotTraining."""
        self._require_training()
        return replace(self, state=AdapterState.FAILED, refusal=reason, ended_at=now)

    def canceled(self, *, now: datetime) -> "AdapterVersion":
        """Answer the version that nobody wants any more; raises AdapterNotTraining."""
        self._require_training()
        return replace(self, state=AdapterState.CANCELED, ended_at=now)

    def accepted_nevertheless(self) -> "AdapterVersion":
        """Answer the version as ready, whatever its scores; why it was rejected stays to be read."""
        return replace(self, state=AdapterState.READY)

    def _require_training(self) -> None:
        if self.state is not AdapterState.TRAINING:
            raise AdapterNotTraining(f"Version {self.number} is {self.state.value} already.")


def version_in_training(versions: Sequence[AdapterVersion]) -> AdapterVersion | None:
    """Answer the version that is being trained; there is at most one."""
    return next((each for each in versions if each.state is AdapterState.TRAINING), None)
