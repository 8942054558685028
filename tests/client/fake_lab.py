"""A small server that speaks GraphQL over HTTP and WebSocket as a lab does; what it says is up to the test."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from api.limits import Limits
from api.server import LabServer
from client.transport import LabTransport
from tests.serving import listening


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation's name, what it was given, and the token that it came with."""

    name: str
    variables: Mapping[str, Any]
    token: str


class FakeLab:
    """Has `answer` say what each operation over HTTP comes to; every subscription tells the same events."""

    def __init__(self, answer: Callable[[Asked], Awaitable[Response]], *told: Mapping[str, object]) -> None:
        self._answer = answer
        self._told = told

    async def post(self, request: Request) -> Response:
        body = await request.json()
        name = str(body["query"]).split()[1].partition("(")[0]
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return await self._answer(Asked(name, body["variables"], token))

    async def listen(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="graphql-transport-ws")
        await socket.receive_json()
        await socket.send_json({"type": "connection_ack"})
        asked = await socket.receive_json()
        for data in self._told:
            await socket.send_json({"id": asked["id"], "type": "next", "payload": {"data": data}})
        # The client goes when it has heard enough.
        await socket.receive()


@asynccontextmanager
async def serving(lab: FakeLab) -> AsyncGenerator[LabTransport]:
    """A client of the lab, which listens on a free port of the loopback while the block runs."""
    routes = [Route("/graphql", lab.post, methods=["POST"]), WebSocketRoute("/graphql", lab.listen)]
    app, stopping = Starlette(routes=routes), asyncio.Event()
    server = LabServer(app, host="127.0.0.1", port=0, limits=Limits(), stopping=stopping)
    async with listening(server), LabTransport(f"http://127.0.0.1:{server.port}") as transport:
        yield transport


def in_turn(*answers: Response) -> Callable[[Asked], Awaitable[Response]]:
    """Give these answers, one after another, whatever is asked."""
    left = list(reversed(answers))

    async def answer(_asked: Asked) -> Response:
        return left.pop()

    return answer


def data(**told: object) -> Response:
    return JSONResponse({"data": told})


def refusal(code: str) -> Response:
    return JSONResponse({"errors": [{"message": "No.", "extensions": {"code": code}}]})
