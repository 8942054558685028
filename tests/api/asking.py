"""Asking an application over HTTP in a test, as clients do."""

from typing import Any

import httpx


async def ask(http: httpx.AsyncClient, document: str, /, **variables: object) -> dict[str, Any]:
    """Send a document as nobody; answer `data` and `errors` as the client sees them."""
    return await ask_as(http, "", document, **variables)


async def ask_as(http: httpx.AsyncClient, token: str, document: str, /, **variables: object) -> dict[str, Any]:
    """Send a document with an access token; answer `data` and `errors` as the client sees them."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    response = await http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    result: dict[str, Any] = response.json()
    return {name: result[name] for name in ("data", "errors") if name in result}
