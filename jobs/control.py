"""The HTTP side of the worker protocol, for workers that have neither database nor bucket credentials.

A stale fence is answered 409 and the worker drops the work; a report is answered after its commit, so a worker repeats
it until then. Served on an internal port, behind the workers' token.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import structlog
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bootstrap.container import Container
from bootstrap.metrics import JobMetrics, QueueGauges
from bootstrap.scraping import PATH
from contracts import protocol
from contracts.commands import Message
from domain.errors import Invalid, LabError
from domain.identifiers import JobId
from domain.jobs.errors import FenceLost
from domain.jobs.models import Fence
from jobs.desk import WorkerDesk
from jobs.outcomes import http_status

BODY_BYTES_MAX = 1_000_000
OPEN_PATHS = frozenset({"/healthz", PATH})

Asked = TypeVar("Asked", bound=Message)
log = structlog.get_logger()


class TokenRequired:
    """Lets only those in who carry the workers' token; health is open, and the metrics have a lock of their own."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, self._expected):
                await problem("UNAUTHENTICATED", "The worker's token is needed.", 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def problem(code: str, message: str, status: int) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status)


def refuser(metrics: JobMetrics) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answer one of the lab's errors with its code and status, and count the calls that came too late."""

    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, FenceLost):
            metrics.dropped(request.url.path.rsplit("/", 1)[-1])
        return refusal_of(error)

    return refuse


def refusal_of(error: Exception) -> Response:
    if not isinstance(error, LabError):
        raise error
    return problem(error.code, error.message, http_status(error))


async def read(request: Request, message: type[Asked]) -> Asked:
    """Read the body as the message; raises Invalid."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise Invalid("The message is too long.")
    except ClientDisconnect:
        raise Invalid("The caller has gone.") from None
    try:
        return message.model_validate_json(bytes(body))
    except ValidationError as wrong:
        places = ", ".join(".".join(map(str, each["loc"])) or each["type"] for each in wrong.errors())
        raise Invalid(f"The message does not fit the protocol: {places}.") from None


def fence_of(request: Request, fence: protocol.Fence) -> Fence:
    try:
        return Fence(JobId(UUID(request.path_params["job_id"])), fence.epoch, UUID(fence.claim_id))
    except ValueError:
        raise Invalid("The job or the claim is not a UUID.") from None


def answer(message: Message) -> Response:
    return Response(message.model_dump_json(), media_type="application/json")


class Control:
    """The handlers, one for each call of the protocol."""

    def __init__(self, desk: WorkerDesk) -> None:
        self._desk = desk

    async def claim(self, request: Request) -> Response:
        asked = await read(request, protocol.ClaimRequest)
        return answer(await self._desk.claim(asked, is_gone=request.is_disconnected))

    async def heartbeat(self, request: Request) -> Response:
        asked = await read(request, protocol.HeartbeatRequest)
        return answer(await self._desk.beat(fence_of(request, asked.fence), asked))

    async def output(self, request: Request) -> Response:
        asked = await read(request, protocol.OutputRequest)
        return answer(await self._desk.output(fence_of(request, asked.fence), asked))

    async def checkpoint(self, request: Request) -> Response:
        asked = await read(request, protocol.CheckpointRequest)
        await self._desk.checkpoint(fence_of(request, asked.fence), asked)
        return answer(protocol.Acknowledged())

    async def finish(self, request: Request) -> Response:
        asked = await read(request, protocol.FinishRequest)
        await self._desk.finish(fence_of(request, asked.fence), asked)
        return answer(protocol.Acknowledged())

    async def fail(self, request: Request) -> Response:
        asked = await read(request, protocol.FailRequest)
        await self._desk.fail(fence_of(request, asked.fence), asked)
        return answer(protocol.Acknowledged())

    async def release(self, request: Request) -> Response:
        asked = await read(request, protocol.ReleaseRequest)
        await self._desk.release(fence_of(request, asked.fence))
        return answer(protocol.Acknowledged())


async def health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def metrics_page(services: Container) -> Route:
    """What this process counted, and what the queues hold."""
    metrics, settings = services.metrics, services.settings.metrics
    gauges = QueueGauges(
        services.queue_loads.look, target_seconds=settings.target_wait_seconds, registry=metrics.registry
    )
    return services.scraping.route(metrics.registry, is_internal=True, refresh=gauges.refresh)


def control_application(desk: WorkerDesk, *, token: str) -> Starlette:
    control = Control(desk)
    calls: dict[str, Callable[[Request], Awaitable[Response]]] = {
        protocol.CLAIM_PATH: control.claim,
        protocol.HEARTBEAT_PATH: control.heartbeat,
        protocol.OUTPUT_PATH: control.output,
        protocol.CHECKPOINT_PATH: control.checkpoint,
        protocol.FINISH_PATH: control.finish,
        protocol.FAIL_PATH: control.fail,
        protocol.RELEASE_PATH: control.release,
    }
    routes = [Route(path, call, methods=["POST"]) for path, call in calls.items()]
    return Starlette(
        routes=[*routes, Route("/healthz", health), metrics_page(desk.services)],
        middleware=[Middleware(TokenRequired, token=token)],
        exception_handlers={LabError: refuser(desk.services.metrics)},
    )
