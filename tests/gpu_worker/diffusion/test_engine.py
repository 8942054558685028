"""The engine as its caller sees it: files, sizes, label maps, records, previews, halting."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bootstrap.engines import DIFFUSION
from contracts.commands import EmbedFigures, KeyframeMade, MakeKeyframe, PictureToEmbed
from gpu_worker.child import Halt
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.watching import Onlooker
from gpu_worker.weights.errors import WeightsCorrupt, WeightsMissing, WeightsRefused
from tests.builders_pictures import NAMES, inputs_of, keyframe_of, plan_of
from tests.gpu_worker.diffusion.conftest import MakeSettings

TWO = keyframe_of(plan_of(*NAMES[:2], size="full"), engine="diffusion", width=192, height=108)


def run(engine: DiffusionEngine, command: MakeKeyframe, folder: Path, watch: Onlooker | None = None) -> KeyframeMade:
    folder.mkdir(exist_ok=True)
    made = engine.run(command, inputs_of(command.shot), folder, watch or Onlooker())
    assert isinstance(made, KeyframeMade)
    return made


def test_a_keyframe_has_the_ordered_size_and_a_label_for_each_of_the_cast(
    engine: DiffusionEngine, tmp_path: Path
) -> None:
    made = run(engine, TWO, tmp_path)
    with Image.open(tmp_path / "keyframe.png") as picture, Image.open(tmp_path / "figures.png") as labels:
        assert (picture.size, labels.size) == ((192, 108), (192, 108))
        assert np.unique(np.asarray(labels)).tolist() == [0, 1, 2]
    assert made.figures == 2


def test_a_take_records_how_it_was_made(engine: DiffusionEngine, tmp_path: Path) -> None:
    notes = run(engine, TWO, tmp_path).notes
    assert (notes["seed"], notes["steps"], notes["guidance"], notes["family"]) == (7, 3, 6.5, "stable_diffusion")
    assert (notes["finder"], notes["rung"], notes["device"]) == ("ordered_regions", "plain", "cpu")
    assert notes["model_sha256"] == engine.models.found["keyframe_weights"].digest
    assert (notes["references_1"], notes["references_2"]) == (1, 1)
    assert {"torch", "diffusers", "transformers", "peft"} <= set(notes)


def test_the_catalogues_diffusion_is_the_workers() -> None:
    assert (DIFFUSION.name, DIFFUSION.version) == (DiffusionEngine.name, DiffusionEngine.version)
    assert DIFFUSION.queue.value == ("gpu" if DiffusionEngine.capabilities.needs_gpu else "cpu")
    assert DIFFUSION.capabilities.references_max == DiffusionEngine.capabilities.references_max
    assert DIFFUSION.capabilities.shows_previews is DiffusionEngine.capabilities.has_previews


def test_the_seed_makes_the_picture(engine: DiffusionEngine, tmp_path: Path) -> None:
    pictures: list[bytes] = []
    for number, seed in enumerate((7, 7, 8)):
        run(engine, TWO.model_copy(update={"seed": seed}), tmp_path / str(number))
        pictures.append((tmp_path / str(number) / "keyframe.png").read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_previews_are_small_jpegs(engine: DiffusionEngine, tmp_path: Path) -> None:
    watch = Onlooker()
    run(engine, TWO, tmp_path, watch)
    assert len(watch.previews) == 2
    with Image.open(io.BytesIO(watch.previews[0])) as preview:
        assert (preview.format, max(preview.size)) == ("JPEG", 160)


def test_a_halt_ends_within_a_step_and_leaves_the_model_whole(engine: DiffusionEngine, tmp_path: Path) -> None:
    told: list[float] = []

    def halt_at_the_first_step(fraction: float) -> None:
        told.append(fraction)
        if fraction > 0:
            raise Halt

    run(engine, TWO, tmp_path / "before")
    with pytest.raises(Halt):
        run(engine, TWO, tmp_path / "halted", Onlooker(halt_at_the_first_step))
    assert told == [0.0, 0.25]
    run(engine, TWO, tmp_path / "after")
    before, after = (tmp_path / name / "keyframe.png" for name in ("before", "after"))
    assert before.read_bytes() == after.read_bytes()


def test_what_the_engine_does_not_do_is_refused_with_a_sentence(engine: DiffusionEngine, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="was not given"):
        engine.run(TWO, {}, tmp_path, Onlooker())
    with pytest.raises(ValueError, match="embed figures"):
        engine.run(EmbedFigures(engine="diffusion", pictures=[PictureToEmbed(picture="a")]), {}, tmp_path, Onlooker())


def test_an_engine_without_weights_or_of_no_family_says_which_setting_to_mend(settings_of: MakeSettings) -> None:
    with pytest.raises(WeightsMissing, match="LAB_DIFFUSION_KEYFRAME_WEIGHTS"):
        DiffusionEngine(settings_of(keyframe_weights=""))
    with pytest.raises(WeightsMissing, match="LAB_DIFFUSION_IMAGE_PROMPT_FILE"):
        DiffusionEngine(settings_of(image_prompt_file="other.safetensors"))
    with pytest.raises(WeightsRefused, match="LAB_DIFFUSION_KEYFRAME_FAMILY"):
        DiffusionEngine(settings_of(keyframe_family="photography"))


def test_weights_of_another_family_are_refused_by_their_setting_at_the_start(settings_of: MakeSettings) -> None:
    with pytest.raises(WeightsCorrupt, match="LAB_DIFFUSION_KEYFRAME_WEIGHTS"):
        DiffusionEngine(settings_of(keyframe_weights=str(settings_of().image_prompt_weights)))
