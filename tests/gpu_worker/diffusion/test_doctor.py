"""What the worker's doctor says of settings that are well, and of those that are not."""

from gpu_worker.doctor import examine
from tests.gpu_worker.diffusion.conftest import MakeSettings


def test_a_worker_that_is_well_has_nothing_amiss(settings_of: MakeSettings) -> None:
    assert all(finding.is_well for finding in examine(settings_of()))


def test_each_setting_that_is_amiss_is_named_with_its_mend(settings_of: MakeSettings) -> None:
    settings = settings_of(
        keyframe_weights="/nowhere", keyframe_family="photography", detector_weights="/nor/here", device="cuda:99"
    )
    amiss = {finding.setting for finding in examine(settings) if not finding.is_well}
    assert amiss == {
        "LAB_DIFFUSION_DEVICE",
        "LAB_DIFFUSION_KEYFRAME_FAMILY",
        "LAB_DIFFUSION_KEYFRAME_WEIGHTS",
        "LAB_DIFFUSION_DETECTOR_WEIGHTS",
    }
