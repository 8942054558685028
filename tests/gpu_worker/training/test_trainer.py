from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from bootstrap.engines import TRAINER
from contracts.commands import Adapter, AdapterTrained, OutputName
from gpu_worker.child import Halt
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.training.settings import TrainingSettings
from gpu_worker.training.trainer import Trainer
from gpu_worker.watching import Onlooker
from gpu_worker.weights.errors import WeightsMissing
from tests.builders_training import figure, saved, training
from tests.gpu_worker.tiny_models import TinyModels
from tests.gpu_worker.training.conftest import School, Schooling


def test_the_loss_over_fixed_noise_falls(schooled: tuple[Schooling, AdapterTrained]) -> None:
    _, trained = schooled
    assert [point.step for point in trained.curve] == [0, 20, 40]
    assert trained.curve[0].loss > trained.curve[1].loss > 0


def test_scores_lie_between_0_and_1(schooled: tuple[Schooling, AdapterTrained]) -> None:
    _, trained = schooled
    scores = [*trained.scores.model_dump().values(), *(point.identity or -1 for point in trained.curve)]
    assert all(0 <= score <= 1 for score in scores)
    assert trained.scores.identity > 0
    assert trained.scores.purity < 1


def test_each_evaluation_shows_a_small_picture(schooled: tuple[Schooling, AdapterTrained]) -> None:
    schooling, trained = schooled
    assert len(schooling.watch.previews) == len(trained.curve)
    assert all(jpeg.startswith(b"\xff\xd8") and len(jpeg) < 20_000 for jpeg in schooling.watch.previews)


def test_the_larger_model_learns_as_well(school: School, tiny_models: TinyModels, tmp_path: Path) -> None:
    model = tiny_models.folder("stable_diffusion_xl")
    base = replace(school.base, folder=model, digest="another digest", family="stable_diffusion_xl")
    schooling = Schooling(replace(school, base=base), tmp_path, training(steps_max=8, held_out=0))
    trained = schooling.run()
    assert trained.curve[-1].loss < trained.curve[0].loss
    pipeline = StableDiffusionXLPipeline.from_pretrained(model, local_files_only=True)
    pipeline.load_lora_weights(str(tmp_path), weight_name=OutputName.ADAPTER, adapter_name="mirax")
    assert pipeline.get_active_adapters() == ["mirax"]


def test_outputs_are_the_adapter_and_two_pictures(schooled: tuple[Schooling, AdapterTrained]) -> None:
    schooling, trained = schooled
    files = {path.name for path in schooling.folder.iterdir() if path.is_file()}
    assert files == {OutputName.ADAPTER, OutputName.CURVES, OutputName.SAMPLES}
    with safe_open(schooling.folder / OutputName.ADAPTER, "pt") as file:
        assert file.metadata()["base"] == trained.base == "the base's digest"
    with Image.open(schooling.folder / OutputName.SAMPLES) as sheet:
        assert sheet.height > 4 * 192  # a row a prompt


def test_the_adapter_changes_pictures_and_is_the_base_at_scale_0(
    schooled: tuple[Schooling, AdapterTrained],
) -> None:
    schooling, _ = schooled
    pipeline = StableDiffusionPipeline.from_pretrained(schooling.school.base.folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)

    def picture() -> np.ndarray:
        chance = torch.Generator().manual_seed(3)
        made = pipeline("mirax knight", num_inference_steps=2, height=64, width=64, generator=chance)
        return np.asarray(made.images[0])  # pyright: ignore[reportAttributeAccessIssue]

    before = picture()
    pipeline.load_lora_weights(str(schooling.folder), weight_name=OutputName.ADAPTER, adapter_name="mirax")
    changed = picture()
    pipeline.set_adapters(["mirax"], [0.0])
    assert not np.array_equal(before, changed)
    assert np.array_equal(before, picture())


def killed_after_a_checkpoint(schooling: Schooling) -> Path:
    def moved(_fraction: float) -> None:
        if schooling.watch.checkpoints:
            raise Halt

    schooling.watch = Onlooker(moved)
    with pytest.raises(Halt):
        schooling.run()
    [checkpoint] = schooling.watch.checkpoints
    return checkpoint


def test_a_killed_training_goes_on_to_the_same_adapter(school: School, tmp_path: Path) -> None:
    command = training(steps_max=6, checkpoint_steps=4)
    whole = Schooling(school, tmp_path / "whole", command)
    uninterrupted = whole.run()
    checkpoint = killed_after_a_checkpoint(Schooling(school, tmp_path / "killed", command))
    again = Schooling(school, tmp_path / "again", command)
    resumed = again.run(checkpoint=checkpoint)
    assert resumed.notes["resumed_at"] == 4
    assert resumed.curve == uninterrupted.curve
    assert resumed.scores == uninterrupted.scores
    wanted, got = (load_file(each.folder / OutputName.ADAPTER) for each in (whole, again))
    assert wanted.keys() == got.keys()
    assert all(torch.equal(wanted[name], got[name]) for name in wanted)


@pytest.mark.parametrize("calls", [2, 10])
def test_a_training_halts_within_a_step(school: School, tmp_path: Path, calls: int) -> None:
    told: list[float] = []

    def moved(fraction: float) -> None:
        told.append(fraction)
        if len(told) == calls:
            raise Halt

    schooling = Schooling(school, tmp_path, training(steps_max=6), watch=Onlooker(moved))
    with pytest.raises(Halt):
        schooling.run()
    assert len(told) == calls
    assert told == sorted(told)


def test_one_picture_that_shows_nothing_is_enough(school: School, tmp_path: Path) -> None:
    command = training(pictures=1, held_out=0, steps_max=1)
    trained = Schooling(school, tmp_path, command, pictures=[Image.new("RGBA", (40, 40))]).run()
    assert (trained.steps, trained.curve[-1].identity) == (1, None)
    assert trained.notes["references"] == "the training pictures"


def test_the_present_adapter_is_scored_beside(
    school: School, schooled: tuple[Schooling, AdapterTrained], tmp_path: Path
) -> None:
    present = Adapter(weights="present.safetensors", trigger="mirax")
    schooling = Schooling(school, tmp_path, training(steps_max=1, checkpoint_steps=9, held_out=1, present=present))
    trained = schooling.run(**{"present.safetensors": schooled[0].folder / OutputName.ADAPTER})
    assert trained.present_scores == schooled[1].scores


@pytest.mark.parametrize(("factor", "is_scored"), [(1, True), (2, False)])
def test_the_present_adapter_is_scored_if_the_model_hears_it_whatever_model_it_names(
    school: School, schooled: tuple[Schooling, AdapterTrained], tmp_path: Path, factor: int, *, is_scored: bool
) -> None:
    tensors = load_file(schooled[0].folder / OutputName.ADAPTER)
    other = tmp_path / "other.safetensors"
    save_file({name: tensor.repeat(factor, factor) for name, tensor in tensors.items()}, other, {"base": "another"})
    present = Adapter(weights="present.safetensors", trigger="mirax")
    schooling = Schooling(school, tmp_path, training(steps_max=1, checkpoint_steps=9, held_out=0, present=present))
    trained = schooling.run(**{"present.safetensors": other})
    assert (trained.present_scores is not None) is is_scored
    assert trained.notes["present_base"] == "another"


def test_the_engine_trains_on_the_model_of_its_keyframes(
    tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"SCORER_WEIGHTS": str(tiny_models.folder("clip")), "SIDE": "32", "VARIANTS": "1", "CLASS_PICTURES": "0"}
    for name, value in {**few, "RENDER_STEPS": "2", "CACHE_FOLDER": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(f"LAB_TRAINING_{name}", value)
    weights = str(tiny_models.folder("stable_diffusion"))
    engine = DiffusionEngine(DiffusionSettings(keyframe_weights=weights, device="cpu", cache_folder=tmp_path / "cache"))
    assert engine.skills == (TRAINER,)
    command = training(pictures=1, held_out=0, steps_max=1, engine=TRAINER)
    trained = engine.run(command, saved(tmp_path, [figure()]), tmp_path, Onlooker())
    assert isinstance(trained, AdapterTrained)
    assert trained.base == engine.models.need("keyframe_weights").digest


def test_who_has_no_judge_does_not_offer_to_train(tiny_models: TinyModels, tmp_path: Path) -> None:
    weights = str(tiny_models.folder("stable_diffusion"))
    engine = DiffusionEngine(DiffusionSettings(keyframe_weights=weights, device="cpu", cache_folder=tmp_path / "cache"))
    assert engine.skills == ()


def test_without_a_scorer_the_setting_is_named(school: School, tmp_path: Path) -> None:
    trainer = Trainer(school.base, TrainingSettings(cache_folder=tmp_path), engine_version="1")
    with pytest.raises(WeightsMissing, match="LAB_TRAINING_SCORER_WEIGHTS"):
        trainer.run(training(), {}, tmp_path, Onlooker())


def test_a_picture_that_cannot_be_read_is_named(school: School, tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG torn")
    with pytest.raises(ValueError, match=r"picture-0\.png"):
        Trainer(school.base, school.settings, engine_version="1").run(
            training(pictures=1, held_out=0), {"picture-0.png": tmp_path / "torn.png"}, tmp_path, Onlooker()
        )
