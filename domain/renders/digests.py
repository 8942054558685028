"""The digest of a step: SHA-256 over everything that shapes its result, so that equal digests mean equal work.

A digest is known before anything is made (it names the keyframe by the keyframe's own digest), so a quote can tell what
is fresh. A shot's number, the title and its neighbours enter only where a slate shows them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.events import Json
from domain.renders.planning import Order, clip_command, keyframe_command
from domain.renders.snapshot import FrozenCharacter

# Raise when the rule of the gate changes what it would say of the same picture.
GATE_VERSION = 2
JOIN_VERSION = 2


def digest_of(document: Json) -> str:
    """SHA-256 of the canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def keyframe_digest(order: Order, take_number: int) -> str:
    order = order.of_keyframe
    return digest_of({"step": "keyframe", "engine": _engine(order), "command": keyframe_command(order, take_number)})


def clip_digest(order: Order, take_number: int, *, keyframe: str) -> str:
    """The digest of animating what the step `keyframe` made."""
    command = clip_command(order, take_number)
    return digest_of({"step": "clip", "engine": _engine(order), "command": command, "keyframe": keyframe})


def judgement_digest(order: Order, picture_digest: str) -> str:
    """The digest of judging what the step `picture_digest` made against the cast as it was frozen."""
    judged: dict[str, Json] = {
        "step": "judgement",
        "gate": GATE_VERSION,
        "picture": picture_digest,
        "cast": [_identity(character) for character in order.cast],
    }
    return digest_of(judged | {"extras": True} if order.content.extras else judged)


def figures_digest(picture_digest: str, *, space: str) -> str:
    """The digest of embedding the figures of what the step `picture_digest` made in a worker's space."""
    return digest_of({"step": "figures", "space": space, "picture": picture_digest})


def film_digest(clips: Sequence[str], *, captions: str) -> str:
    """The digest of joining the clips that the steps `clips` made, in this order, with these captions."""
    return digest_of({"step": "film", "join": JOIN_VERSION, "clips": list(clips), "captions": captions})


@dataclass(frozen=True, slots=True)
class TakeDigests:
    """The digests of all steps of one take."""

    keyframe: str
    keyframe_judgement: str
    clip: str
    clip_judgement: str

    @classmethod
    def of(cls, order: Order, take_number: int) -> "TakeDigests":
        keyframe = keyframe_digest(order, take_number)
        clip = clip_digest(order, take_number, keyframe=keyframe)
        return cls(keyframe, judgement_digest(order, keyframe), clip, judgement_digest(order, clip))

    @property
    def all(self) -> tuple[str, str, str, str]:
        return (self.keyframe, self.keyframe_judgement, self.clip, self.clip_judgement)


def _engine(order: Order) -> Json:
    return {"name": order.render.settings.engine, "version": order.render.snapshot.engine_version}


def _identity(character: FrozenCharacter) -> Json:
    identity = character.identity
    if identity is None:
        return {"character": str(character.character_id)}
    return {
        "character": str(character.character_id),
        "space": identity.space,
        "threshold": round(identity.threshold, 9),
        "images": [str(image_id) for image_id in identity.image_ids],
    }
