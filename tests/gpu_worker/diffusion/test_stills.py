"""The families of stills on tiny models: words, references in their regions, batches."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gpu_worker.pipelines.diffusion.family import CastInPicture, KeyframeOrder, Prompt, Recipe
from gpu_worker.pipelines.diffusion.models import Models
from gpu_worker.pipelines.diffusion.unet_stills import UNetStills
from tests.gpu_worker.diffusion.conftest import MakeSettings

LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)
FAMILIES = ("stable_diffusion", "stable_diffusion_xl")


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest, settings_of: MakeSettings) -> UNetStills:
    family = Models(settings_of(str(request.param))).keyframes().family
    assert isinstance(family, UNetStills)
    return family


def member(colour: str, region: tuple[float, float, float, float], scale: float = 0.8) -> CastInPicture:
    return CastInPicture(colour, (Image.new("RGB", (64, 64), colour),), region, scale)


def order(*cast: CastInPicture, words: str = "a fox") -> KeyframeOrder:
    return KeyframeOrder(Prompt(words, "blurry"), width=64, height=64, seed=1, cast=cast)


def made(family: UNetStills, *orders: KeyframeOrder) -> list[NDArray[np.int16]]:
    pictures = family.make(orders, Recipe(steps=2, guidance=5.0), lambda _step, _latents: None)
    return [np.asarray(picture, np.int16) for picture in pictures]


def difference(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    return float(np.abs(one - other).mean())


def test_words_and_references_change_the_picture(family: UNetStills) -> None:
    [plain] = made(family, order())
    [other_words] = made(family, order(words="a castle"))
    [red] = made(family, order(member("red", LEFT)))
    [unheeded] = made(family, order(member("red", LEFT, scale=0.0)))
    assert difference(plain, other_words) > 1
    assert difference(plain, red) > 1
    assert difference(plain, unheeded) < 0.01


def test_each_of_the_cast_speaks_in_its_own_region(family: UNetStills) -> None:
    [there] = made(family, order(member("red", LEFT), member("blue", RIGHT)))
    [exchanged] = made(family, order(member("blue", LEFT), member("red", RIGHT)))
    [first] = made(family, order(member("blue", RIGHT), member("red", LEFT)))
    assert difference(there, exchanged) > 0.5
    assert difference(there, first) < 0.01


def test_a_batch_of_different_casts_makes_what_each_makes_alone(family: UNetStills) -> None:
    orders = [order(), order(member("red", LEFT)), order(member("red", LEFT), member("blue", RIGHT))]
    together = made(family, *orders)
    alone = [made(family, each)[0] for each in orders]
    assert all(difference(one, other) < 0.5 for one, other in zip(together, alone, strict=True))


def test_words_and_pictures_are_read_once(family: UNetStills) -> None:
    made(family, order(member("red", LEFT)))
    hits = family.cache_hits
    made(family, order(member("red", LEFT)))
    assert family.cache_hits == hits + 2 + 1  # the words, the reference, the blank
