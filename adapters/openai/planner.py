"""A writer over any OpenAI-compatible endpoint: structured output, streamed shot by shot."""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog

from adapters.openai.answers import Answer, Refused, read_answer
from adapters.openai.endpoint import Endpoint, EndpointCalls
from adapters.openai.prompts import continuation, opening, parts_of, repair
from adapters.openai.retries import RetryPolicy
from adapters.openai.shot_drafts import keys_of
from domain.errors import Invalid, LimitExceeded, Unavailable
from domain.storyboards.models import SCRIPT_CHARACTERS_MAX, ShotContent
from domain.storyboards.ports import KnownCharacter, WritingOrder

REPAIRS_MAX = 2
# A part of the script may take this many times the silence that is allowed within an answer.
PART_TIMEOUTS = 10

log = structlog.get_logger()


@dataclass
class _Part:
    """One part of the script on its way: the talk so far, and how much of it is done."""

    messages: list[Mapping[str, str]]
    cast: Mapping[str, KnownCharacter]
    deadline: float
    accepted: int = 0
    last_action: str = ""
    written: list[ShotContent] = field(default_factory=list[ShotContent])

    def is_late(self) -> bool:
        return time.monotonic() > self.deadline


class OpenAIScriptPlanner:
    """Asks a language model for shots and believes nothing that does not fit the schema."""

    name = "openai"

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        retries: RetryPolicy | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._endpoint = endpoint
        self._calls = EndpointCalls(endpoint, retries=retries or RetryPolicy(), pause=pause, chance=chance)

    async def check(self) -> None:
        """Raise Unavailable when the endpoint cannot be reached or does not list the model."""
        await self._calls.check()

    async def plan(self, order: WritingOrder) -> AsyncIterator[ShotContent]:
        """Yield the shots in order, each as soon as the model has written it.

        Raises Invalid for a script without words, one that is too long, or one that the model refuses; Unavailable
        when the endpoint fails for good or answers nothing usable.
        """
        _refuse_unreadable(order.script)
        cast = keys_of(order.cast)
        parts = parts_of(order.script)
        for text in parts:
            seconds = None if order.seconds_target is None else order.seconds_target * len(text) / len(order.script)
            part = _Part(
                messages=list(opening(order, text, cast=cast, seconds=seconds)),
                cast=cast,
                deadline=time.monotonic() + PART_TIMEOUTS * self._endpoint.timeout_seconds,
            )
            async with aclosing(self._film(part)) as shots:
                async for content in shots:
                    yield content
            if not part.accepted:
                raise Unavailable("The model answered nothing that can be filmed.")

    async def _film(self, part: _Part) -> AsyncGenerator[ShotContent]:
        """One part: its answer, and up to two rounds of mending what is broken or missing."""
        for round_number in range(REPAIRS_MAX + 1):
            answer = Answer()
            held: list[ShotContent | Refused] = []
            async with aclosing(
                read_answer(self._calls.stream, part.messages, cast=part.cast, answer=answer, is_late=part.is_late)
            ) as found:
                async for shot in found:
                    # Behind a refused shot the others wait, so that the mended one takes its place among them.
                    if held or isinstance(shot, Refused):
                        held.append(shot)
                    else:
                        yield self._accepted(part, shot)
            if held:
                is_last = round_number == REPAIRS_MAX
                mended = {} if is_last else await self._mended(part, answer.refused)
                for shot in _in_order(held, mended):
                    yield self._accepted(part, shot)
            if answer.is_whole:
                return
            part.messages.append(continuation(part.accepted, part.last_action))
        log.warning("storyboard_unfinished", model=self._endpoint.model, shots=part.accepted)

    async def _mended(self, part: _Part, refused: Sequence[Refused]) -> dict[int, ShotContent]:
        """Have refused shots written again; answer the readable ones by their index among the refused."""
        mended: dict[int, ShotContent] = {}
        waiting = dict(enumerate(refused))
        for _ in range(REPAIRS_MAX):
            problems = [(each.written, each.problem) for each in waiting.values()]
            messages = [*part.messages, repair(problems)]
            places = list(waiting)
            answer = Answer()
            number = 0
            async with aclosing(
                read_answer(self._calls.stream, messages, cast=part.cast, answer=answer, is_late=part.is_late)
            ) as found:
                async for shot in found:
                    if number < len(places) and not isinstance(shot, Refused):
                        mended[places[number]] = shot
                        waiting.pop(places[number])
                    elif number < len(places) and isinstance(shot, Refused):
                        waiting[places[number]] = shot
                    number += 1
            if not waiting:
                break
        if waiting:
            problems = [each.problem for each in waiting.values()]
            log.warning("shots_dropped", model=self._endpoint.model, problems=json.dumps(problems[:5]))
        return mended

    def _accepted(self, part: _Part, shot: ShotContent) -> ShotContent:
        part.accepted += 1
        part.last_action = shot.action or shot.narration
        return shot


def _in_order(held: Sequence[ShotContent | Refused], mended: Mapping[int, ShotContent]) -> list[ShotContent]:
    """Put mended shots where the refused ones stood; what could not be mended is left out."""
    shots: list[ShotContent] = []
    refused = 0
    for shot in held:
        if isinstance(shot, Refused):
            if refused in mended:
                shots.append(mended[refused])
            refused += 1
        else:
            shots.append(shot)
    return shots


def _refuse_unreadable(script: str) -> None:
    if len(script) > SCRIPT_CHARACTERS_MAX:
        raise LimitExceeded(
            f"The script has {len(script):,} characters; at most {SCRIPT_CHARACTERS_MAX:,} are read.", field="script"
        )
    if not any(letter.isalnum() for letter in script):
        raise Invalid("The script has no words to film.", field="script")
