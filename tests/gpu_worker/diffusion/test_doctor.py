"""What the worker's doctor says of settings that are well, and of those that are not."""

from pathlib import Path

from gpu_worker.doctor import examine, examine_space
from gpu_worker.embedding.settings import EmbeddingSettings
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.tiny.vision import build_clip_vision
from gpu_worker.training.settings import TrainingSettings
from tests.gpu_worker.diffusion.conftest import MakeSettings
from tests.gpu_worker.tiny_models import TinyModels


def test_a_worker_that_is_well_has_nothing_amiss(settings_of: MakeSettings, tiny_models: TinyModels) -> None:
    training = TrainingSettings(scorer_weights=str(tiny_models.folder("clip")))
    told = {finding.setting: finding for finding in examine(settings_of(), training, EmbeddingSettings())}
    assert all(finding.is_well for finding in told.values())
    assert told["LAB_DIFFUSION_KEYFRAME_FAMILY"].detail == "stable_diffusion makes 176x96, 96x176, 128x128"
    assert str(tiny_models.folder("clip")) in told["LAB_TRAINING_SCORER_WEIGHTS"].detail


def test_a_worker_without_a_scorer_is_well_but_told_that_it_cannot_train(settings_of: MakeSettings) -> None:
    told = {finding.setting: finding for finding in examine(settings_of(), TrainingSettings(), EmbeddingSettings())}
    scorer = told["LAB_TRAINING_SCORER_WEIGHTS"]
    assert (scorer.is_well, "cannot train" in scorer.detail) == (True, True)


def test_weights_of_another_family_are_told_before_a_worker_starts(settings_of: MakeSettings) -> None:
    settings = settings_of(keyframe_weights=str(settings_of().image_prompt_weights))
    amiss = {
        finding.setting for finding in examine(settings, TrainingSettings(), EmbeddingSettings()) if not finding.is_well
    }
    assert amiss == {"LAB_DIFFUSION_KEYFRAME_WEIGHTS"}


def test_each_setting_that_is_amiss_is_named_with_its_mend(settings_of: MakeSettings) -> None:
    settings = settings_of(
        keyframe_weights="/nowhere", keyframe_family="photography", detector_weights="/nor/here", device="cuda:99"
    )
    training = TrainingSettings(scorer_weights="/nowhere", identity_weights="/nor/here")
    embedding = EmbeddingSettings(family="masks", weights="/nowhere")
    amiss = {finding.setting for finding in examine(settings, training, embedding) if not finding.is_well}
    assert amiss == {
        "LAB_DIFFUSION_DEVICE",
        "LAB_DIFFUSION_KEYFRAME_FAMILY",
        "LAB_DIFFUSION_KEYFRAME_WEIGHTS",
        "LAB_DIFFUSION_DETECTOR_WEIGHTS",
        "LAB_TRAINING_SCORER_WEIGHTS",
        "LAB_TRAINING_IDENTITY_WEIGHTS",
        "LAB_EMBEDDING_FAMILY",
        "LAB_EMBEDDING_WEIGHTS",
    }


def test_another_family_needs_a_space_of_its_own() -> None:
    embedding = EmbeddingSettings(family="dinov2", weights="/nowhere")
    amiss = {finding.setting: finding.detail for finding in examine_space(embedding) if not finding.is_well}
    assert "name one of dinov2's" in amiss["LAB_EMBEDDING_SPACE"]


def test_a_worker_of_a_space_alone_is_well(tmp_path: Path) -> None:
    embedding = EmbeddingSettings(weights=str(build_clip_vision(tmp_path / "clip")), cache_folder=tmp_path)
    told = {finding.setting: finding for finding in examine(DiffusionSettings(), TrainingSettings(), embedding)}
    assert all(finding.is_well for finding in told.values())
    assert told["LAB_DIFFUSION_KEYFRAME_WEIGHTS"].detail == "not set: this worker makes no pictures"


def test_an_image_prompt_of_another_model_is_told_before_a_worker_starts(
    settings_of: MakeSettings, tiny_models: TinyModels
) -> None:
    settings = settings_of(image_prompt_weights=str(tiny_models.image_prompt("stable_diffusion_xl")))
    amiss = [each for each in examine(settings, TrainingSettings(), EmbeddingSettings()) if not each.is_well]
    assert [each.setting for each in amiss] == ["LAB_DIFFUSION_IMAGE_PROMPT_FILE"]
    assert "width" in amiss[0].detail


def test_the_image_prompt_is_by_default_the_familys() -> None:
    files = {name: DiffusionSettings(keyframe_family=name).image_prompt_file for name in ("stable_diffusion_xl", "any")}
    usual, own = "models/ip-adapter_sd15.safetensors", "sdxl_models/ip-adapter_sdxl.safetensors"
    assert files == {"stable_diffusion_xl": own, "any": usual}
    assert DiffusionSettings(image_prompt_file="mine.safetensors").image_prompt_file == "mine.safetensors"
