"""One answer of the model as it streams in: shots read one by one, and how the answer ended."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from adapters.openai.shot_drafts import Problem, read_shot
from adapters.openai.shot_stream import ShotStream
from domain.errors import Invalid, Unavailable
from domain.storyboards.models import ShotContent
from domain.storyboards.ports import KnownCharacter

ANSWER_CHARACTERS_MAX = 2_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the stream: text, or why it ended."""

    text: str = ""
    finish: str = ""
    refusal: str = ""


class StreamBroken(Exception):
    """The connection was lost within an answer; what had arrived is known to whoever read it."""


class Caller(Protocol):
    """Asks the model and streams its answer."""

    def __call__(self, messages: Sequence[Mapping[str, str]]) -> AsyncGenerator[Piece]: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A shot that could not be read, with what is wrong with it."""

    written: str
    problem: Problem


@dataclass
class Answer:
    """What came of one call, known when its shots have been read to the end."""

    refused: list[Refused] = field(default_factory=list[Refused])
    is_whole: bool = False


async def read_answer(
    call: Caller,
    messages: Sequence[Mapping[str, str]],
    *,
    cast: Mapping[str, KnownCharacter],
    answer: Answer,
    is_late: Callable[[], bool],
) -> AsyncGenerator[ShotContent | Refused]:
    """Give out each shot as soon as it is complete, readable or not; `answer` tells afterwards how it ended.

    A stream that breaks after its first piece ends the answer unfinished; nothing is lost of what arrived.
    Raises Invalid when the model refuses, Unavailable when it takes too long.
    """
    stream = ShotStream()
    received = 0
    try:
        async with aclosing(call(messages)) as pieces:
            async for piece in pieces:
                if is_late():
                    raise Unavailable("The model took too long to write the storyboard.")
                _require_willing(piece)
                received += len(piece.text)
                for written in stream.feed(piece.text):
                    read = read_shot(written, cast)
                    if isinstance(read, str):
                        answer.refused.append(Refused(written, read))
                        yield answer.refused[-1]
                    else:
                        yield read
                if stream.is_complete or stream.is_overlong or received > ANSWER_CHARACTERS_MAX:
                    break
    except StreamBroken:
        # Broken off in the middle: what is missing is asked for in another round.
        return
    answer.is_whole = stream.is_complete


def _require_willing(piece: Piece) -> None:
    if piece.refusal or piece.finish == "content_filter":
        raise Invalid("The model refuses to work on this script.", field="script")
