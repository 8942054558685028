"""The ASGI application: GraphQL, health and the explorer behind one edge."""

import asyncio
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from api.context import Services
from api.limits import Limits
from api.routes.edge import Edge
from api.routes.failures import Failures
from api.routes.health import Check, health_routes
from api.routes.page import explorer_files, explorer_page, to_explorer
from api.schema import LabSchema, lab_schema
from api.transport.operations import Operations
from api.transport.view import LabGraphQL

CORS_HEADERS = ("authorization", "content-type", "last-event-id", "x-request-id")


def create_app(
    services: Services,
    *,
    checks: Mapping[str, Check] | None = None,
    cors_origins: Sequence[str] = (),
    limits: Limits | None = None,
    schema: LabSchema | None = None,
    stopping: asyncio.Event | None = None,
) -> ASGIApp:
    """Put the application together over what it depends on; `stopping`, once set, ends its streams."""
    operations = Operations(schema or lab_schema(), services, limits or Limits())
    page = explorer_page(storage_origin=services.storage_origin)
    graphql = LabGraphQL(operations, stopping=stopping or asyncio.Event(), origins=cors_origins, page=page)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(cors_origins),
        allow_methods=["GET", "POST"],
        allow_headers=list(CORS_HEADERS),
        expose_headers=["x-request-id"],
    )
    routes = [
        *health_routes(checks or {}),
        Route("/", to_explorer),
        explorer_files(),
        services.scraping.route(operations.metrics.registry, is_internal=False),
        Route("/graphql", graphql),
        WebSocketRoute("/graphql", graphql),
    ]
    return Edge(Failures(Starlette(routes=routes, middleware=[cors] if cors_origins else [])))
