"""Pictures, scenes and vectors for tests of identities."""

import math
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np

from adapters.identity.cut_out import cut_out
from adapters.identity.embedder import FigureEmbedder
from adapters.identity.pictures import Picture, Plane, read_picture, write_png
from domain.characters.gate import ExpectedCharacter
from domain.characters.identity import EmbeddingSpace, Identity, SpaceProfile, Vector, unit
from domain.characters.policies import identity_of
from domain.identifiers import CharacterId

CAST = Path(__file__).parent / "data" / "cast"
PLANE = EmbeddingSpace("plane", 1, 2)
PROFILE = SpaceProfile(PLANE, pair_mean=0.85, pair_deviation=0.08, other_high=0.6, copy_score=0.98)


def at_degrees(degrees: float) -> Vector:
    """A unit vector of the plane: the score of two is the cosine of the angle between them."""
    return unit([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


def identity_at(*degrees: float, threshold: float = 0.8) -> Identity:
    vectors = tuple(at_degrees(angle) for angle in degrees)
    return Identity(PLANE, at_degrees(sum(degrees) / len(degrees)), vectors, threshold)


def character_id(number: int) -> CharacterId:
    return CharacterId(UUID(int=number))


def expected_at(number: int, *degrees: float, threshold: float = 0.8) -> ExpectedCharacter:
    return ExpectedCharacter(character_id(number), identity_at(*degrees, threshold=threshold))


def cast_bytes(character: str, number: int) -> bytes:
    return (CAST / character / f"{number}.png").read_bytes()


def cast_picture(character: str, number: int) -> Picture:
    return read_picture(cast_bytes(character, number))


def cast_figures(character: str, numbers: Sequence[int] = range(8)) -> list[Picture]:
    return [cut_out(cast_picture(character, number)).rgba for number in numbers]


def cast_identity(embedder: FigureEmbedder, character: str, numbers: Sequence[int] = range(6)) -> Identity:
    vectors = embedder.embed(cast_figures(character, numbers))
    return identity_of([tuple(float(value) for value in row) for row in vectors], embedder.profile)


def relit(figure: Picture, *, seed: int) -> Picture:
    """A figure as a film shows it: mild colour cast, gamma 0.85 to 1.15, 150 to 600 pixels high, compressed."""
    random = np.random.default_rng(seed)
    colours = np.power(figure[..., :3].astype(np.float32) / 255, random.uniform(0.85, 1.15))
    lit = np.clip(colours * random.uniform(0.93, 1.07, 3) * 255, 0, 255)
    height = int(random.uniform(150, 600))
    size = (max(1, round(figure.shape[1] * height / figure.shape[0])), height)
    alpha = cv2.resize(figure[..., 3], size)
    share = alpha[..., None].astype(np.float32) / 255
    scene = cv2.resize(lit, size) * share + random.uniform(40, 220, 3) * (1 - share)
    packed = cv2.imencode(".jpg", scene.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    seen = read_picture(packed.tobytes())[..., ::-1]
    return np.dstack([seen, np.where(alpha > 127, 255, 0)]).astype(np.uint8)


def scene_of(figures: Sequence[Picture], *, width: int = 1280, height: int = 720) -> tuple[Picture, Plane]:
    """A frame with figures side by side on a painted ground, and its label map."""
    ramp = np.linspace(60, 200, height, dtype=np.float32)[:, None, None]
    frame = np.broadcast_to(ramp * np.array([0.8, 0.9, 1.0], np.float32), (height, width, 3)).copy()
    labels = np.zeros((height, width), np.uint8)
    for number, figure in enumerate(figures, start=1):
        side = min(width // len(figures), height) * 9 // 10
        small = cv2.resize(figure, (side, side))
        top, left = height - side, (number - 1) * width // len(figures)
        share = small[..., 3:].astype(np.float32) / 255
        place = frame[top : top + side, left : left + side]
        place[:] = small[..., :3] * share + place * (1 - share)
        labels[top : top + side, left : left + side][small[..., 3] > 127] = number
    return frame.astype(np.uint8), labels


def as_png(picture: Picture) -> bytes:
    return write_png(picture)


def labels_png(labels: Plane) -> bytes:
    return cv2.imencode(".png", labels)[1].tobytes()
