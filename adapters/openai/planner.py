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
from adapters.openai.casting import cast_of
from adapters.openai.endpoint import Endpoint, EndpointCalls
from adapters.openai.prompts import cast_lines, continuation, insistence, opening, parts_of, repair, with_question
from adapters.openai.retries import PromptTooLong, RetryPolicy
from adapters.openai.shot_drafts import keys_of
from domain.errors import Invalid, LimitExceeded, Unavailable
from domain.storyboards.models import SCRIPT_CHARACTERS_MAX, ShotContent
from domain.storyboards.ports import KnownCharacter, WritingOrder

REPAIRS_MAX = 2
# A part of the script may take this many times the silence that is allowed within an answer.
PART_TIMEOUTS = 10
NOTHING = "The model answered nothing that can be filmed."

log = structlog.get_logger()


@dataclass
class _Part:
    """One part of the script on its way: what was asked, what is asked now, and which shots it has so far."""

    opening: Sequence[Mapping[str, str]]
    cast: Mapping[str, KnownCharacter]
    deadline: float
    messages: Sequence[Mapping[str, str]] = ()
    shots: list[ShotContent] = field(default_factory=list[ShotContent])
    # How many rounds in a row brought no new shot.
    barren: int = 0

    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def is_done(self, answer: Answer) -> bool:
        """Whether nothing more is asked: an answer that is whole, and an empty one only after some insisting."""
        return answer.is_whole and bool(self.shots or answer.refused or self.barren > REPAIRS_MAX)

    def next_question(self, answer: Answer) -> str:
        if answer.is_whole:
            return insistence()
        last = self.shots[-1] if self.shots else None
        return continuation(len(self.shots), (last.action or last.narration) if last else "")


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

        Raises Invalid for a script without words, one that is too long, or one that the model refuses, and for a cast
        that leaves the model no room; LimitExceeded when the endpoint wants to be left alone for a while; Unavailable
        when it fails for good, answers nothing usable, or stops before the end of the script.
        """
        _refuse_unreadable(order.script)
        cast = keys_of(cast_of(order))
        count = 0
        for number, text in enumerate(parts_of(order.script), 1):
            part = self._part(order, text, cast)
            try:
                async with aclosing(self._film(part)) as shots:
                    async for content in shots:
                        yield content
            except PromptTooLong as error:
                raise _too_long(error, cast, text) from error
            if not part.shots:
                log.warning("script_part_passed_over", model=self._endpoint.model, part=number)
            count += len(part.shots)
        if not count:
            raise Unavailable(NOTHING)

    def _part(self, order: WritingOrder, text: str, cast: Mapping[str, KnownCharacter]) -> _Part:
        seconds = None if order.seconds_target is None else order.seconds_target * len(text) / len(order.script)
        return _Part(
            opening=opening(order, text, cast=cast, seconds=seconds),
            cast=cast,
            deadline=time.monotonic() + PART_TIMEOUTS * self._endpoint.timeout_seconds,
        )

    async def _film(self, part: _Part) -> AsyncGenerator[ShotContent]:
        """One part: its answer, and further rounds for what is missing as long as they bring new shots."""
        part.messages = part.opening
        while True:
            answer = Answer()
            known = len(part.shots)
            repeated = 0
            async with aclosing(self._round(part, answer)) as shots:
                async for shot in shots:
                    # A model that begins again instead of going on tells first what is known already.
                    if len(part.shots) == known > repeated and shot == part.shots[repeated]:
                        repeated += 1
                    else:
                        part.shots.append(shot)
                        yield shot
            part.barren = 0 if len(part.shots) > known else part.barren + 1
            if part.is_done(answer):
                return
            if part.barren > REPAIRS_MAX:
                raise Unavailable(_stopped(part))
            part.messages = with_question(part.opening, part.next_question(answer))

    async def _round(self, part: _Part, answer: Answer) -> AsyncGenerator[ShotContent]:
        """One answer with its refused shots mended, as far as that goes."""
        held: list[ShotContent | Refused] = []
        async with aclosing(
            read_answer(self._calls.stream, part.messages, cast=part.cast, answer=answer, is_late=part.is_late)
        ) as found:
            async for shot in found:
                # Behind a refused shot the others wait, so that the mended one takes its place among them.
                if held or isinstance(shot, Refused):
                    held.append(shot)
                else:
                    yield shot
        if held:
            mended = await self._mended(part, answer.refused)
            for shot in _in_order(held, mended):
                yield shot

    async def _mended(self, part: _Part, refused: Sequence[Refused]) -> dict[int, ShotContent]:
        """Have refused shots written again; answer the readable ones by their index among the refused."""
        mended: dict[int, ShotContent] = {}
        waiting = dict(enumerate(refused))
        for _ in range(REPAIRS_MAX):
            problems = [(each.written, each.problem) for each in waiting.values()]
            messages = with_question(part.opening, repair(problems))
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


def _stopped(part: _Part) -> str:
    """Say why a part was given up."""
    if not part.shots:
        return NOTHING
    return f"The model stopped before the end of the script: {part.barren} answers in a row brought no new shot."


def _too_long(error: PromptTooLong, cast: Mapping[str, KnownCharacter], text: str) -> Invalid:
    """Say what there is too much of: most of what is asked is the cast, or a part of the script."""
    if not cast or len(cast_lines(cast)) <= len(text):
        return error
    told = "The cast is too long for the model. Choose fewer characters, or describe them in fewer words."
    return Invalid(told, field="cast")


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
