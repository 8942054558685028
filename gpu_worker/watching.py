"""Watching an engine without a parent: for measuring and for tests of one engine alone."""

from collections.abc import Callable
from pathlib import Path


class Onlooker:
    """Keeps what it is told; `on_moved` may raise to stop the command."""

    def __init__(self, on_moved: Callable[[float], None] = lambda _fraction: None) -> None:
        self._on_moved = on_moved
        self.previews: list[bytes] = []
        self.checkpoints: list[Path] = []

    def moved(self, fraction: float) -> None:
        self._on_moved(fraction)

    def shown(self, jpeg: bytes) -> None:
        self.previews.append(jpeg)

    def saved(self, path: Path) -> None:
        self.checkpoints.append(path)
