"""A small server that speaks the wire format of OpenAI's chat completions, for the real client to talk to."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn import Config, Server

from tests.serving import has_started

MODEL = "storyteller-1"


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer: a status, or text streamed in pieces, perhaps broken off after them.

    `raw` is sent behind the text as it stands.
    """

    text: str = ""
    status: int = 200
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    finish: str = "stop"
    refusal: str = ""
    raw: str | bytes = ""
    piece_characters: int = 17
    breaks_off: bool = False
    hangs: bool = False


class FakeModel:
    """Answers what the test scripted, in order, and remembers what was asked.

    As the chat templates of Mistral and Gemma it refuses roles that do not alternate.
    """

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[dict[str, Any]] = []
        self.url = ""

    def said(self, index: int) -> str:
        """All words of the nth call."""
        return "\n".join(message["content"] for message in self.asked[index]["messages"])

    async def complete(self, request: Request) -> Response:
        self.asked.append(await request.json())
        if not _alternate(self.asked[-1]["messages"]):
            message = "Conversation roles must alternate user/assistant/user/assistant/..."
            error = {"message": message, "type": "BadRequestError", "param": None, "code": 400}
            return JSONResponse({"error": error}, status_code=400)
        reply = self.replies.pop(0)
        if reply.status != 200:
            error = {"error": {"message": "no", "type": "error", "code": reply.code or None}}
            return JSONResponse(error, status_code=reply.status, headers=dict(reply.headers))
        return StreamingResponse(self._stream(reply), media_type="text/event-stream")

    async def models(self, _: Request) -> Response:
        listed = [{"id": MODEL, "object": "model", "created": 0, "owned_by": "tests"}]
        return JSONResponse({"object": "list", "data": listed})

    async def _stream(self, reply: Reply) -> AsyncIterator[str | bytes]:
        if reply.hangs:
            await asyncio.Event().wait()
        step = reply.piece_characters
        for start in range(0, len(reply.text), step):
            yield _event({"content": reply.text[start : start + step]})
        if reply.raw:
            yield reply.raw
        if reply.breaks_off:
            # Without the last chunk the client sees an incomplete body, as from a server that died.
            raise ConnectionResetError
        if reply.refusal:
            yield _event({"refusal": reply.refusal})
        yield _event({}, finish=reply.finish)
        yield "data: [DONE]\n\n"


def _alternate(messages: Sequence[Mapping[str, str]]) -> bool:
    roles = [message["role"] for message in messages]
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    return len(spoken) % 2 == 1 and spoken == ["user", "assistant"] * (len(spoken) // 2) + ["user"]


def filter_event(finish: str | None = None) -> str:
    """A chunk of Azure's asynchronous content filter: a verdict on what was said before, and no delta."""
    verdict = {"hate": {"filtered": finish is not None, "severity": "safe"}}
    choice = {"index": 0, "finish_reason": finish, "content_filter_results": verdict}
    return f"data: {json.dumps({'id': '', 'object': '', 'created': 0, 'model': '', 'choices': [choice]})}\n\n"


def _event(delta: Mapping[str, str], *, finish: str | None = None) -> str:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk)}\n\n"


@asynccontextmanager
async def serving(model: FakeModel) -> AsyncGenerator[FakeModel]:
    """Serve on a free port of the loopback while the block runs."""
    routes = [
        Route("/v1/chat/completions", model.complete, methods=["POST"]),
        Route("/v1/models", model.models),
    ]
    server = Server(Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    await has_started(server, task)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    model.url = f"http://{host}:{port}/v1"
    try:
        yield model
    finally:
        server.should_exit = True
        server.force_exit = True
        await task


def shot_json(action: str = "A hare runs.", **changes: object) -> dict[str, object]:
    """A shot as a well-behaved model writes it."""
    setting = {
        "name": "meadow",
        "scenery": "field",
        "is_interior": False,
        "time_of_day": "day",
        "weather": "clear",
        "mood": "joyful",
    }
    return {
        "action": action,
        "narration": "",
        "prompt": "A rabbit runs through a garden.",
        "cast": [],
        "extras": False,
        "setting": setting,
        "dialogue": [],
        "size": "wide",
        "move": "static",
        "transition": "cut",
        "seconds": 4.0,
        **changes,
    }


def answer(shots: Sequence[Mapping[str, object]]) -> str:
    return json.dumps({"shots": list(shots)}, ensure_ascii=False)
