"""Figures in the middle of white squares, as models that look at a square want them."""

from PIL import Image


def on_white_square(figure: Image.Image, side: int) -> Image.Image:
    """The RGBA figure in the middle of a white square of `side` pixels, RGB."""
    square = Image.new("RGBA", (side, side), "white")
    square.alpha_composite(figure, ((side - figure.width) // 2, (side - figure.height) // 2))
    return square.convert("RGB")
