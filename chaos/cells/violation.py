"""What a cell answers when something that must hold does not."""


class Violation(AssertionError):
    """Something that must hold does not."""


def require(is_so: bool, what: str) -> None:  # noqa: FBT001 - it is the question itself
    """Raise Violation, naming what is wrong, unless it is so."""
    if not is_so:
        raise Violation(what)
