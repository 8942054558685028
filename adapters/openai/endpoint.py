"""Calls to one OpenAI-compatible endpoint, with its timeouts and the retry policy."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import openai
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from openai.types.shared_params import ResponseFormatJSONSchema

from adapters.openai.answers import Piece, StreamBroken
from adapters.openai.retries import RetryPolicy, may_be_of_format, translated
from adapters.openai.shot_drafts import answer_schema
from domain.errors import Unavailable

CONNECT_SECONDS = 10.0
MODELS_LISTED_MAX = 5000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is; `timeout_seconds` is the longest silence within an answer. There is no default model."""

    base_url: str
    api_key: str = field(repr=False)
    model: str
    timeout_seconds: float = 120.0


class EndpointCalls:
    """The two calls that we make. A connection lives as long as one call: a storyboard makes a few in minutes."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        retries: RetryPolicy,
        pause: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
    ) -> None:
        self._endpoint = endpoint
        self._retries = retries
        self._pause = pause
        self._chance = chance
        # Not every endpoint knows structured output; one that answers only without it is not asked for it again.
        self._answer_format: ResponseFormatJSONSchema | openai.Omit = _shots_format()

    def _client(self) -> openai.AsyncOpenAI:
        timeout = openai.Timeout(self._endpoint.timeout_seconds, connect=CONNECT_SECONDS)
        # Retries are ours: the SDK's own would multiply with them.
        return openai.AsyncOpenAI(
            base_url=self._endpoint.base_url, api_key=self._endpoint.api_key, timeout=timeout, max_retries=0
        )

    async def check(self) -> None:
        """Raise Unavailable when the endpoint cannot be reached or does not list the model."""
        listed: set[str] = set()
        try:
            async with self._client() as client:
                async for model in client.models.list():
                    listed.add(model.id)
                    if model.id == self._endpoint.model or len(listed) > MODELS_LISTED_MAX:
                        break
        except openai.OpenAIError as error:
            raise translated(error) from error
        if self._endpoint.model not in listed:
            known = ", ".join(sorted(listed)[:10]) or "none"
            raise Unavailable(f"The endpoint does not list the model {self._endpoint.model!r}; it lists {known}.")

    async def stream(self, messages: Sequence[Mapping[str, str]]) -> AsyncGenerator[Piece]:
        """Ask for shots and give out the answer's pieces; failures before the first piece are retried.

        A stream that breaks later raises StreamBroken: whoever reads it knows what was read already.
        """
        failed = 0
        answer_format = self._answer_format
        while True:
            has_begun = False
            try:
                async with aclosing(self._ask(messages, answer_format)) as pieces:
                    async for piece in pieces:
                        has_begun = True
                        self._settle(answer_format)
                        yield piece
            except openai.OpenAIError as error:
                if has_begun:
                    raise StreamBroken from error
                if answer_format is not openai.omit and may_be_of_format(error):
                    answer_format = openai.omit
                    continue
                failed += 1
                pause = self._retries.pause_seconds(failed, error, chance=self._chance())
                if pause is None:
                    raise translated(error) from error
            else:
                return
            await self._pause(pause)

    def _settle(self, answer_format: ResponseFormatJSONSchema | openai.Omit) -> None:
        """Remember that calls without the schema succeed; those that failed without it too say nothing about it."""
        if answer_format is openai.omit:
            self._answer_format = openai.omit

    async def _ask(
        self, messages: Sequence[Mapping[str, str]], answer_format: ResponseFormatJSONSchema | openai.Omit
    ) -> AsyncGenerator[Piece]:
        asked: list[ChatCompletionMessageParam] = [_message(each) for each in messages]
        async with self._client() as client:
            stream = await client.chat.completions.create(
                model=self._endpoint.model,
                messages=asked,
                stream=True,
                response_format=answer_format,
            )
            try:
                async with stream:
                    async for chunk in stream:
                        yield _piece(chunk)
            except ValueError as error:
                # The SDK reads events that are no JSON, or no UTF-8, without a word for it of its own.
                raise openai.APIResponseValidationError(stream.response, body=None) from error


def _shots_format() -> ResponseFormatJSONSchema:
    return {
        "type": "json_schema",
        "json_schema": {"name": "storyboard", "strict": True, "schema": dict(answer_schema())},
    }


def _message(given: Mapping[str, str]) -> ChatCompletionMessageParam:
    if given["role"] == "system":
        return {"role": "system", "content": given["content"]}
    return {"role": "user", "content": given["content"]}


def _piece(chunk: ChatCompletionChunk) -> Piece:
    if not chunk.choices:
        return Piece()
    choice = chunk.choices[0]
    # Azure's asynchronous filter tells its verdicts in choices without a delta, which the SDK leaves None.
    delta = choice.delta or ChoiceDelta()
    return Piece(delta.content or "", choice.finish_reason or "", delta.refusal or "")
