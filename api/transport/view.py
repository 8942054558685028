"""Our subclass of strawberry's ASGI view: GraphQL over HTTP as its specification has it, and over WebSockets."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.context import Context
from api.errors import visible
from api.transport.answers import Answered, Body, NotRunnable, Ready
from api.transport.asked import HttpRefusal, asked_of
from api.transport.events import EventStream, StreamEnds, left
from api.transport.json import encode_json
from api.transport.negotiation import Answer, negotiate
from api.transport.operations import Operations, refused
from api.transport.sockets import Conversation
from api.transport.visits import visit_of

METHODS = {"GET": (OperationType.QUERY,), "POST": tuple(OperationType)}


class LabGraphQL(GraphQL[Context, None]):
    """Reads strictly, answers every malformed request in JSON, and lets an operation die with its client.

    `stopping` is set when the server goes down, so that streams end before it waits for them.
    """

    def __init__(
        self, operations: Operations, *, stopping: asyncio.Event, origins: Sequence[str] = (), page: Response
    ) -> None:
        super().__init__(
            operations.schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            allowed_origins=origins,
        )
        self.operations = operations
        self.limits = operations.limits
        self.stopping = stopping
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.converse(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        try:
            response = await self.respond(request)
        except HttpRefusal as refusal:
            response = self.refuse(request, refusal.status, [refused(refusal)], headers=refusal.headers)
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """The context of a connection; every operation on it gets one of its own."""
        del response
        return self.operations.context(visit_of(request))

    async def converse(self, socket: WebSocket) -> None:
        """Hold one WebSocket, if its page's origin may and it speaks our protocol."""
        if not self._check_websocket_origin(socket):
            await self.reject_websocket(socket)
            return
        protocol = await self.pick_websocket_subprotocol(socket)
        await socket.accept(subprotocol=protocol)
        if protocol is None:
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await Conversation(socket, self.operations, visit_of(socket)).hold()

    async def respond(self, request: Request) -> Response:
        """Answer one HTTP request; raise HttpRefusal for what is no GraphQL request."""
        if request.method not in METHODS:
            raise HttpRefusal(405, "GraphQL is asked by GET or POST.", headers={"allow": "GET, POST"})
        if is_browser(request):
            return self.page
        answer = negotiate(request.headers.get("accept"))
        if answer is None:
            raise HttpRefusal(406, f"We answer in {', '.join(Answer)}.")
        asked = await asked_of(request, self.limits)
        try:
            ready = self.operations.prepare(asked, visit_of(request))
        except NotRunnable as why:
            return self.not_runnable(request, answer, why)
        return await self.run_ready(request, answer, ready)

    async def run_ready(self, request: Request, answer: Answer, ready: Ready) -> Response:
        if ready.kind not in METHODS[request.method]:
            raise HttpRefusal(405, "Only queries are asked by GET.", headers={"allow": "POST"})
        if answer is Answer.EVENTS:
            answers = self.operations.stream(ready) if is_subscription(ready) else self.once(ready)
            return self.events(answers, ready)
        if is_subscription(ready):
            raise HttpRefusal(
                406, f"A subscription is answered in {Answer.EVENTS}, or over {GRAPHQL_TRANSPORT_WS_PROTOCOL}."
            )
        answered = await self.unless_left(request, ready)
        return self.json(answer, answered.body, status_of(answer, answered))

    def not_runnable(self, request: Request, answer: Answer, why: NotRunnable) -> Response:
        """A document that does not parse, validate or fit the limits."""
        errors: Body = {"errors": visible(why.errors, request_id=visit_of(request).request_id)}
        answered = Answered(errors, is_request_error=True)
        return self.json(answer, answered.body, status_of(answer, answered))

    async def once(self, ready: Ready) -> AsyncGenerator[Answered]:
        """A query or a mutation as a stream of one answer."""
        yield await self.operations.execute(ready)

    def events(self, answers: AsyncGenerator[Answered], ready: Ready) -> Response:
        ends = StreamEnds(ready.context, self.operations.sessions, self.stopping)
        return EventStream(answers, ends, limits=self.limits)

    async def unless_left(self, request: Request, ready: Ready) -> Answered:
        """Execute, and cancel that when the client leaves meanwhile."""
        running = asyncio.ensure_future(self.operations.execute(ready))
        leaving = asyncio.ensure_future(left(request.receive))
        try:
            await asyncio.wait([running, leaving], return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                raise HttpRefusal(499, "The client has left.")
            return running.result()
        finally:
            leaving.cancel()
            running.cancel()
            await asyncio.gather(running, leaving, return_exceptions=True)

    def refuse(
        self, request: Request, status: int, errors: Sequence[GraphQLError], *, headers: Mapping[str, str]
    ) -> Response:
        answer = negotiate(request.headers.get("accept")) or Answer.JSON
        return self.json(answer, {"errors": visible(errors)}, status, headers=headers)

    def json(self, answer: Answer, body: Body, status: int, *, headers: Mapping[str, str] | None = None) -> Response:
        kind = Answer.GRAPHQL if answer is Answer.GRAPHQL else Answer.JSON
        return Response(encode_json(body), status, headers, media_type=f"{kind}; charset=utf-8")


def is_subscription(ready: Ready) -> bool:
    return ready.kind is OperationType.SUBSCRIPTION


def is_browser(request: Request) -> bool:
    """Whether a person has opened the address in a browser."""
    accept = request.headers.get("accept", "")
    return request.method == "GET" and "query" not in request.query_params and "text/html" in accept


def status_of(answer: Answer, answered: Answered) -> int:
    """The status that the GraphQL media type wants; plain JSON keeps to 200, for clients older than it."""
    if answered.is_late:
        return 503
    return 400 if answered.is_request_error and answer is not Answer.JSON else 200
