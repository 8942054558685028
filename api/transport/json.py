"""JSON as it comes from strangers: strict, bounded, and refused with a reason; never a traceback."""

import json
from collections.abc import Sequence

import orjson

from domain.errors import Invalid
from domain.events import Json


class NotJson(Invalid):
    """The bytes are not JSON that we accept."""


def decode_json(raw: str | bytes, *, depth_max: int) -> Json:
    """Parse JSON; raise NotJson for bad UTF-8, NaN, doubled keys, huge numbers, lone surrogates and deep nests."""
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        value: Json = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except UnicodeDecodeError:
        raise NotJson("The body is not UTF-8.") from None
    except RecursionError:
        raise NotJson(f"The JSON nests deeper than {depth_max} levels.") from None
    except ValueError as error:
        raise NotJson(f"The body is not JSON: {error}.") from None
    _check_depth(value, depth_max)
    try:
        orjson.dumps(value)
    except TypeError as error:
        raise NotJson(f"The JSON has a value that cannot be taken: {error}.") from None
    return value


def encode_json(value: object) -> bytes:
    """Write JSON as UTF-8; integers of any size: PostgreSQL answers 1e300 as one of 301 digits."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has the same key twice")
    return found


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is out of range")
    return number


def _check_depth(value: Json, depth_max: int) -> None:
    layer: Sequence[Json] = [value]
    for _ in range(depth_max):
        layer = [inner for each in layer for inner in _inside(each)]
        if not layer:
            return
    raise NotJson(f"The JSON nests deeper than {depth_max} levels.")


def _inside(value: Json) -> Sequence[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()
