"""The explorer: our own page to write, run and watch operations in, served from our own files."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent.parent / "static"
# Scripts and styles of our own origin and nothing inline; files are put straight into the object storage.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self' {storage}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def explorer_page(*, storage_origin: str) -> Response:
    """The page itself; its files lie below it."""
    policy = POLICY.format(storage=storage_origin)
    headers = {"content-security-policy": policy, "cache-control": "no-cache", "vary": "accept"}
    return Response((FOLDER / "explorer.html").read_bytes(), headers=headers, media_type="text/html")


async def to_explorer(request: Request) -> Response:
    """Lead a browser that was given the bare address to the explorer; programs are told that nothing is here."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/graphql", headers={"vary": "accept"})
    raise HTTPException(404)


def explorer_files() -> Mount:
    return Mount("/graphql/static", StaticFiles(directory=FOLDER))
