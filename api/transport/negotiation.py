"""Which media type answers: `application/graphql-response+json`, `application/json` or an event stream."""

from enum import StrEnum


class Answer(StrEnum):
    """The media types that we speak, the one that a client gets without asking first."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    EVENTS = "text/event-stream"


def negotiate(accept: str | None) -> Answer | None:
    """Answer the client's favourite among ours; None when it wants none of them.

    Wildcards mean JSON, for clients older than the GraphQL media type; at equal weight what stands first wins.
    """
    if not accept:
        return Answer.JSON
    wanted = sorted((_weighed(part) for part in accept.split(",")), key=lambda each: -each[1])
    for kind, weight in wanted:
        if weight > 0 and (found := _ours(kind)):
            return found
    return None


def _ours(kind: str) -> Answer | None:
    if kind in ("*/*", "application/*"):
        return Answer.JSON
    return Answer(kind) if kind in list(Answer) else None


def _weighed(part: str) -> tuple[str, float]:
    kind, *parameters = (each.strip().lower() for each in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return kind, float(value)
            except ValueError:
                return kind, 0.0
    return kind, 1.0
