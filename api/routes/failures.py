"""The HTTP error route: the last answer to what falls through everything, which is always our bug."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import INTERNAL, hidden_message, report
from api.transport.json import encode_json


class Failures:
    """Answers a bug with its incident id, as far as the client still listens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as bug:  # noqa: BLE001 - nothing above could answer it
            incident = report(bug, request_id=scope.get("request_id", ""), path=scope["path"])
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1011, "reason": hidden_message(incident)})
            elif not started:
                await _answer(send, incident)


async def _answer(send: Send, incident: str) -> None:
    error = {"message": hidden_message(incident), "extensions": {"code": INTERNAL.code, "incident": incident}}
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": INTERNAL.status, "headers": headers})
    await send({"type": "http.response.body", "body": encode_json({"errors": [error]})})
