"""Decode chosen frames of a clip."""

import io
from collections.abc import Sequence

import av
import numpy as np
from av.error import FFmpegError

from adapters.identity.pictures import Picture
from domain.errors import Invalid


def read_frames(clip: bytes, numbers: Sequence[int]) -> list[Picture]:
    """Answer the frames of the first video stream by number, as RGB, in the order asked for.

    Raises Invalid when the clip cannot be decoded or has no such frame.
    """
    wanted, found = set(numbers), dict[int, Picture]()
    try:
        with av.open(io.BytesIO(clip), mode="r") as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number in wanted:
                    found[number] = frame.to_ndarray(format="rgb24").astype(np.uint8)
                if len(found) == len(wanted):
                    break
    except (FFmpegError, IndexError) as error:
        raise Invalid("The clip cannot be decoded.") from error
    if missing := sorted(wanted - found.keys()):
        raise Invalid(f"The clip has no frame {missing[0]}.")
    return [found[number] for number in numbers]
