"""The shapes of pictures that this folder speaks of, and reading them from bytes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import Invalid

# (height, width, 3) RGB or (height, width, 4) RGBA, eight bits a channel.
Picture = NDArray[np.uint8]
# (height, width), eight bits: alpha, or a label map where 0 is background and 1..n are figures.
Plane = NDArray[np.uint8]
# (n, dimensions) unit vectors.
Vectors = NDArray[np.float32]


def read_picture(content: bytes) -> Picture:
    """Decode PNG, JPEG or WebP bytes to RGB, or to RGBA where there is alpha; raises Invalid when they are neither."""
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) if content else None
    if decoded is None:
        raise Invalid("These bytes are not a picture that can be read.")
    eight_bits = (decoded // 257).astype(np.uint8) if decoded.dtype == np.uint16 else decoded.astype(np.uint8)
    if eight_bits.ndim == 2:
        return cv2.cvtColor(eight_bits, cv2.COLOR_GRAY2RGB).astype(np.uint8)
    way = cv2.COLOR_BGRA2RGBA if eight_bits.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return cv2.cvtColor(eight_bits, way).astype(np.uint8)


def read_labels(content: bytes) -> Plane:
    """Decode a grey PNG label map; raises Invalid when it is none."""
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) if content else None
    if decoded is None or decoded.ndim != 2 or decoded.dtype != np.uint8:
        raise Invalid("A label map is a grey PNG of eight bits.")
    return decoded.astype(np.uint8)


def write_png(picture: Picture) -> bytes:
    """Encode RGB or RGBA as PNG."""
    way = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return cv2.imencode(".png", cv2.cvtColor(picture, way))[1].tobytes()


def box_of(plane: Plane) -> tuple[int, int, int, int]:
    """Answer (top, bottom, left, right) of what is not 0, ends excluded; all 0 when nothing is."""
    rows, columns = np.flatnonzero(plane.max(axis=1)), np.flatnonzero(plane.max(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
