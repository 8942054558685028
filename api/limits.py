"""How much one client may ask of the API at once; every number has a reason to exist and can be set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on heads, bodies, documents, operations and sockets."""

    head_bytes_max: int = 64 * 1024  # the request line and all headers
    head_seconds_max: float = 20.0  # from the connection or from its first byte
    body_bytes_max: int = 4 * 1024 * 1024  # a script of 1 MB with room for escapes
    body_seconds_max: float = 30.0  # for the whole of it to arrive
    body_depth_max: int = 64  # of JSON
    document_characters_max: int = 200_000  # long texts belong into variables
    tokens_max: int = 5_000
    fields_max: int = 1_000  # as written; validation compares fields pairwise
    repeats_max: int = 20  # of one response name in one selection, for the same reason
    levels_max: int = 60  # of nesting through fields, inline fragments and spreads
    depth_max: int = 20  # the introspection query of common clients is 15 deep
    aliases_max: int = 100
    directives_max: int = 100
    cost_max: int = 20_000
    introspections_max: int = 1  # of the whole schema, a tenth of a second each
    document_cache_characters: int = 512 * 1024  # of all texts kept; what is parsed takes some 200 times that
    operation_seconds_max: float = 30.0
    sessions_at_once: int = 8  # below the database pool, so that a burst of loaders cannot starve mutations

    socket_init_seconds_max: float = 10.0
    socket_message_bytes_max: int = 4 * 1024 * 1024
    socket_operations_max: int = 50
    socket_ping_seconds: float = 20.0
    socket_send_seconds_max: float = 10.0  # for a message to leave; a reader that takes longer is cut off
    session_check_seconds: float = 5.0  # who holds sockets and streams is asked for this often, all in one statement
    stream_heartbeat_seconds: float = 12.0
