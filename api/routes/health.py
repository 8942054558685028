"""`/healthz`: the process is alive. `/readyz`: every dependency answers, each by its name."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.transport.json import encode_json

log = structlog.get_logger("api.health")
Check = Callable[[], Awaitable[object]]
CHECK_SECONDS_MAX = 3.0
HEADERS = {"cache-control": "no-store"}


async def alive(_request: Request) -> Response:
    return Response(encode_json({"status": "ok"}), headers=HEADERS, media_type="application/json")


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """Routes over checks that return when the dependency answers and raise when it does not."""

    async def ready(_request: Request) -> Response:
        results = await asyncio.gather(*(ask(name, check) for name, check in checks.items()))
        dependencies = dict(zip(checks, results, strict=True))
        is_ready = all(result["status"] == "ok" for result in results)
        body = {"status": "ok" if is_ready else "failing", "dependencies": dependencies}
        return Response(encode_json(body), 200 if is_ready else 503, HEADERS, media_type="application/json")

    return [Route("/healthz", alive, methods=["GET"]), Route("/readyz", ready, methods=["GET"])]


async def ask(name: str, check: Check) -> dict[str, object]:
    """Ask one dependency; the reason of a failure goes to the log, strangers learn its kind."""
    started = time.perf_counter()
    asking = asyncio.ensure_future(check())
    await asyncio.wait([asking], timeout=CHECK_SECONDS_MAX)
    if not asking.done():
        asking.cancel()
        return {"status": "failing", "reason": f"no answer within {CHECK_SECONDS_MAX:g} s"}
    if (failure := asking.exception()) is not None:
        log.warning("not ready", dependency=name, exc_info=failure)
        return {"status": "failing", "reason": type(failure).__name__}
    return {"status": "ok", "milliseconds": round((time.perf_counter() - started) * 1000, 1)}
