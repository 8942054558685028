"""What the worker is doing, for whoever watches it: `GET /health` on loopback."""

from collections.abc import Callable
from enum import StrEnum

import uvicorn
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


def health_server(read: Callable[[], Health], *, port: int) -> uvicorn.Server:
    """Serve the state; 200 while the worker can work, 503 while it cannot."""

    async def health(_request: Request) -> Response:
        state = read()
        return JSONResponse({"status": state}, 200 if state in {Health.READY, Health.BUSY} else 503)

    application = Starlette(routes=[Route("/health", health)])
    config = uvicorn.Config(application, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
    return uvicorn.Server(config)
