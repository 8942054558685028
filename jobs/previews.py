"""Previews that workers send along: only what is a small JPEG by its first and last bytes is handed on."""

import base64
import binascii

JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
PREVIEW_BYTES_MAX = 36_000


def checked_preview(preview: str | None) -> str | None:
    """Answer the preview as canonical base64; None for anything but a JPEG of at most 36,000 bytes.

    A preview that is not one costs nothing but itself: the heartbeat that brought it counts.
    """
    if preview is None:
        return None
    try:
        content = base64.b64decode(preview, validate=True)
    except (binascii.Error, ValueError):
        return None
    is_jpeg = content.startswith(JPEG_START) and content.endswith(JPEG_END)
    return base64.b64encode(content).decode() if is_jpeg and len(content) <= PREVIEW_BYTES_MAX else None
