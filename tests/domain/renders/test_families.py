"""What is scaled, by the sizes that models make."""

from dataclasses import replace

from domain.renders.families import AdapterSupport, FrameCounts, ModelFamily, ModelMakes, scaled_from
from domain.renders.settings import FrameSize

WAN = ModelFamily(
    engine="diffusion",
    name="wan",
    makes=ModelMakes.CLIP,
    sizes=(FrameSize(848, 480), FrameSize(480, 848), FrameSize(640, 640)),
    frames=FrameCounts(5, 81, 4, 16),
    references_max=0,
    pictures_max=None,
    cast_max=6,
    adapters=AdapterSupport.NONE,
    has_regions=False,
    has_first_frame=True,
    has_last_frame=True,
    shows_previews=True,
    stops_at_a_step=True,
)


def test_a_frame_is_scaled_from_the_size_of_its_shape() -> None:
    assert scaled_from([WAN], FrameSize(1280, 720)) == [FrameSize(848, 480)]
    assert scaled_from([WAN], FrameSize(720, 1280)) == [FrameSize(480, 848)]
    assert scaled_from([WAN], FrameSize(540, 540)) == [FrameSize(640, 640)]


def test_a_frame_that_is_made_as_it_is_is_not_scaled() -> None:
    assert scaled_from([WAN], FrameSize(640, 640)) == []


def test_models_that_differ_are_told_smallest_first_and_each_size_once() -> None:
    large = replace(WAN, sizes=(FrameSize(1280, 704),))
    sizes = [FrameSize(848, 480), FrameSize(1280, 704)]
    assert scaled_from([large, WAN, replace(WAN, name="ltx")], FrameSize(1920, 1080)) == sizes


def test_only_models_that_make_clips_count() -> None:
    still = replace(WAN, makes=ModelMakes.KEYFRAME)
    assert scaled_from([still, replace(WAN, sizes=())], FrameSize(1280, 720)) == []
