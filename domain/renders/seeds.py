"""Seeds, derived and never drawn: the same order gives the same seeds on every machine."""

import hashlib
import unicodedata
from uuid import UUID

from domain.identifiers import ShotId, StoryboardId
from domain.storyboards.models import Setting


def _seed(*parts: str) -> int:
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    # 63 bits: what a bigint and the engines' generators both hold.
    return int.from_bytes(digest[:8], "big") >> 1


def storyboard_seed(storyboard_id: StoryboardId | UUID) -> int:
    """The seed of a render that was given none; the same for every render of the storyboard."""
    return _seed("storyboard", str(storyboard_id))


def take_seed(render_seed: int, shot_id: ShotId, take_number: int) -> int:
    """The seed of one take of one shot; other shots and their order do not touch it."""
    return _seed("take", str(render_seed), str(shot_id), str(take_number))


def scene_seed(render_seed: int, setting: Setting) -> int:
    """The seed of a place: shots of one place share it at every hour and in every weather."""
    name = " ".join(unicodedata.normalize("NFKC", setting.name).casefold().split())
    return _seed("scene", str(render_seed), name, setting.scenery.value, str(setting.is_interior))
