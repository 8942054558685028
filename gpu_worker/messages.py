"""What parent and child say to each other: one JSON document a line."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from contracts.commands import Command, Message, Result
from contracts.protocol import PREVIEW_CHARACTERS_MAX, ServedModel
from gpu_worker.pipelines.engine import BatchSize, EngineUsage


class Run(Message):
    """Parent to child: do this; `inputs` are paths by name, `outputs` is an empty folder."""

    command: Command
    inputs: dict[str, str]
    outputs: str


class Runs(Message):
    """Parent to child: do these in one go; what is said of one of them has its place in `runs` as `number`."""

    runs: list[Run] = Field(min_length=1)


class Memory(Message):
    """What the child holds; `loaded_bytes` of it are models that the engines keep on purpose, wherever they lie.

    `loaded_models` are those by engine, the one used last at the end.
    """

    resident_bytes: int | None  # where the system tells it
    accelerator_bytes: int
    loaded_bytes: int
    loaded_models: dict[str, list[str]] = Field(default_factory=dict[str, list[str]])

    @property
    def unexplained_bytes(self) -> int | None:
        """What is neither told by the engines nor forgotten: libraries, caches and leaks."""
        if self.resident_bytes is None:
            return None
        return self.resident_bytes + self.accelerator_bytes - self.loaded_bytes


class Ready(Message):
    """Child to parent: the engines are set up; names, skills among them, and versions, and the models they were given.

    `batches` says of those that can do several commands in one go how many.
    """

    kind: Literal["ready"] = "ready"
    engines: dict[str, str]
    served_models: list[ServedModel] = Field(default_factory=list[ServedModel])
    batches: dict[str, BatchSize] = Field(default_factory=dict[str, BatchSize])
    memory: Memory


class SetupFailed(Message):
    """Child to parent: an engine could not be set up; the child ends."""

    kind: Literal["setup_failed"] = "setup_failed"
    message: str


class Stirring(Message):
    """Child to parent: nothing to show yet, but something is being read or written."""

    kind: Literal["stirring"] = "stirring"


class Moved(Message):
    """Child to parent: so far done, 0 to 1, and what it looks like by now as JPEG in base64, if there is news."""

    kind: Literal["moved"] = "moved"
    number: int = 0
    fraction: float = Field(ge=0, le=1)
    preview: str | None = Field(default=None, max_length=PREVIEW_CHARACTERS_MAX)


class Saved(Message):
    """Child to parent: this file is a checkpoint; it is not touched again."""

    kind: Literal["saved"] = "saved"
    number: int = 0
    path: str


class Report(Message):
    """What a command took of its engine, the first of a batch for all of it, and what the child holds after it."""

    usage: EngineUsage
    memory: Memory


class Done(Message):
    """Child to parent: the outputs lie in the folder."""

    kind: Literal["done"] = "done"
    number: int = 0
    result: Result
    report: Report


class Failed(Message):
    """Child to parent: the command failed; the child is fit for the next one unless `is_defunct`."""

    kind: Literal["failed"] = "failed"
    number: int = 0
    code: Literal["INVALID", "UNAVAILABLE", "INTERNAL"]
    message: str
    report: Report
    is_defunct: bool = False


class Halted(Message):
    """Child to parent: the command was ended as was asked; the child is fit for the next one."""

    kind: Literal["halted"] = "halted"
    number: int = 0
    report: Report


FromChild = Annotated[
    Ready | SetupFailed | Stirring | Moved | Saved | Done | Failed | Halted, Field(discriminator="kind")
]
FROM_CHILD: TypeAdapter[FromChild] = TypeAdapter(FromChild)
