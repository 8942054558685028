import numpy as np
from PIL import Image, ImageDraw

from gpu_worker.training.dataset import Crop, samples_of, varied
from tests.builders_training import figure, training


def test_the_same_command_has_the_same_samples_and_another_seed_others() -> None:
    def pixels(seed: int) -> bytes:
        samples = samples_of(training(pictures=1, seed=seed), [figure()], side=64, variants=3)
        return b"".join(sample.picture.tobytes() for sample in samples)

    assert pixels(1) == pixels(1) != pixels(2)


def test_captions_name_trigger_class_picture_crop_and_background() -> None:
    command = training(pictures=1, held_out=0)
    told = command.model_copy(update={"pictures": [command.pictures[0].model_copy(update={"caption": "smiling"})]})
    captions = [sample.caption for sample in samples_of(told, [figure()], side=32, variants=24)]
    assert all(caption.startswith("mirax knight, smiling, ") for caption in captions)
    assert {caption.split(", ")[2] for caption in captions} == set(Crop)
    assert all(" background" in caption for caption in captions)
    assert len({caption.split(", ")[3].split()[0] for caption in captions}) == 4


def test_a_figure_of_one_colour_has_samples() -> None:
    samples = samples_of(training(pictures=1), [Image.new("RGBA", (3, 90), "#123456")], side=32, variants=6)
    assert {sample.picture.size for sample in samples} == {(32, 32)}


def test_only_a_symmetric_character_is_mirrored() -> None:
    picture = Image.new("RGBA", (40, 20))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 40, 20), fill="#00ff00")
    pen.rectangle((0, 0, 8, 20), fill="#ff0000")

    def is_mirrored(seed: int, *, can_flip: bool) -> bool:
        made, _ = varied(picture, side=64, can_flip=can_flip, chance=np.random.default_rng(seed))
        seen = np.asarray(made).astype(int)
        red = np.flatnonzero(((seen[..., 0] > 240) & (seen[..., 1:].max(axis=2) < 15)).any(axis=0))
        green = np.flatnonzero(((seen[..., 1] > 240) & (seen[..., ::2].max(axis=2) < 15)).any(axis=0))
        return bool(red.mean() > green.mean())

    assert not any(is_mirrored(seed, can_flip=False) for seed in range(12))
    assert {is_mirrored(seed, can_flip=True) for seed in range(12)} == {False, True}
