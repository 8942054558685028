"""Display-referred RGB, 0 to 1."""

Colour = tuple[float, float, float]


def hexed(code: str) -> Colour:
    """The colour of six hexadecimal digits."""
    return (int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255)
