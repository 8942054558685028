"""What parent and child say to each other: one JSON document a line."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from contracts.commands import Command, Message, Result


class Run(Message):
    """Parent to child: do this; `inputs` are paths by name, `outputs` is an empty folder."""

    command: Command
    inputs: dict[str, str]
    outputs: str


class Ready(Message):
    """Child to parent: the engines are set up; names and versions."""

    kind: Literal["ready"] = "ready"
    engines: dict[str, str]


class SetupFailed(Message):
    """Child to parent: an engine could not be set up; the child ends."""

    kind: Literal["setup_failed"] = "setup_failed"
    message: str


class Moved(Message):
    """Child to parent: so far done, 0 to 1."""

    kind: Literal["moved"] = "moved"
    fraction: float = Field(ge=0, le=1)


class Done(Message):
    """Child to parent: the outputs lie in the folder."""

    kind: Literal["done"] = "done"
    result: Result


class Failed(Message):
    """Child to parent: the command failed; the child is fit for the next one unless `is_defunct`."""

    kind: Literal["failed"] = "failed"
    code: Literal["INVALID", "UNAVAILABLE", "INTERNAL"]
    message: str
    is_defunct: bool = False


FromChild = Annotated[Ready | SetupFailed | Moved | Done | Failed, Field(discriminator="kind")]
FROM_CHILD: TypeAdapter[FromChild] = TypeAdapter(FromChild)
