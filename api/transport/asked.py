"""What a client asks for: the four parameters of a GraphQL request, however they came."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from api.limits import Limits
from api.transport.json import decode_json
from domain.errors import Invalid
from domain.events import Json

PARAMETERS = ("query", "variables", "operationName", "extensions")


class HttpRefusal(Invalid):
    """A request that is refused before GraphQL, with the status that says so."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation as it was asked for."""

    query: str
    variables: Mapping[str, Json]
    operation_name: str | None


def read_asked(given: Json) -> Asked:
    """Read the parameters out of a decoded body; raise Invalid where one has the wrong shape."""
    if not isinstance(given, dict):
        raise Invalid("A GraphQL request is a JSON object with a `query`; batches are not taken.")
    query, variables, name, extensions = (given.get(each) for each in PARAMETERS)
    if not isinstance(query, str) or not query.strip():
        raise Invalid("`query` is a GraphQL document, as a string.", field="query")
    if not isinstance(variables, dict | None):
        raise Invalid("`variables` is an object, or left out.", field="variables")
    if not isinstance(name, str | None):
        raise Invalid("`operationName` is a string, or left out.", field="operationName")
    if not isinstance(extensions, dict | None):
        raise Invalid("`extensions` is an object, or left out.", field="extensions")
    return Asked(query, variables or {}, name)


async def asked_of(request: Request, limits: Limits) -> Asked:
    """Read an operation off an HTTP request; raise HttpRefusal with the status that fits."""
    try:
        if request.method == "GET":
            return read_asked(_of_address(request, limits))
        _check_content_type(request.headers.get("content-type", ""))
        return read_asked(decode_json(await _body(request, limits), depth_max=limits.body_depth_max))
    except HttpRefusal:
        raise
    except Invalid as refusal:
        raise HttpRefusal(400, refusal.message) from None


def _of_address(request: Request, limits: Limits) -> Json:
    given: dict[str, Json] = {}
    for name in PARAMETERS:
        values = request.query_params.getlist(name)
        if len(values) > 1:
            raise Invalid(f"`{name}` stands twice in the address.", field=name)
        if values:
            is_json = name in ("variables", "extensions") and values[0]
            given[name] = decode_json(values[0], depth_max=limits.body_depth_max) if is_json else values[0] or None
    return given


def _check_content_type(header: str) -> None:
    """Only JSON is taken: a form or plain text could be sent by a page of a stranger without a preflight."""
    kind, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")]
    if kind != "application/json" or any(charset not in ("utf-8", "utf8") for charset in charsets):
        raise HttpRefusal(415, "Send the request as `content-type: application/json`, in UTF-8.")


async def _body(request: Request, limits: Limits) -> bytes:
    closing = {"connection": "close"}  # the rest of the body is not worth reading
    try:
        async with asyncio.timeout(limits.body_seconds_max):
            return await _bounded(request, limits.body_bytes_max, headers=closing)
    except TimeoutError:
        raise HttpRefusal(408, f"The body took longer than {limits.body_seconds_max:g} s.", headers=closing) from None
    except ClientDisconnect:
        raise HttpRefusal(400, "The body broke off.") from None


async def _bounded(request: Request, bytes_max: int, *, headers: Mapping[str, str]) -> bytes:
    refusal = HttpRefusal(413, f"The body is larger than {bytes_max} bytes.", headers=headers)
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > bytes_max):
        raise refusal
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise refusal
    return bytes(body)
