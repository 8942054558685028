"""What the worker is doing, for whoever watches it: `GET /health` and `/metrics`, on loopback unless told otherwise."""

from collections.abc import Callable
from enum import StrEnum

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Health(StrEnum):
    """The worker's own state."""

    STARTING = "STARTING"
    READY = "READY"
    BUSY = "BUSY"
    SETUP_FAILED = "SETUP_FAILED"
    DEFUNCT = "DEFUNCT"


def health_server(read: Callable[[], Health], registry: CollectorRegistry, *, host: str, port: int) -> uvicorn.Server:
    """Serve the state; 200 while the worker can work, 503 while it cannot."""

    async def health(_request: Request) -> Response:
        state = read()
        return JSONResponse({"status": state}, 200 if state in {Health.READY, Health.BUSY} else 503)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    application = Starlette(routes=[Route("/health", health), Route("/metrics", metrics)])
    config = uvicorn.Config(application, host=host, port=port, log_config=None, access_log=False, lifespan="off")
    return uvicorn.Server(config)
