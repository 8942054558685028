"""The plain JSON of the domain against the messages that workers accept."""

import json
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from contracts.commands import AnimateShot, Command, MakeKeyframe
from domain.errors import Invalid
from domain.identifiers import ObjectId
from domain.jobs.models import JobInput
from domain.renders.planning import (
    adapter_inputs,
    clip_command,
    clip_inputs,
    cut_out_inputs,
    keyframe_command,
    keyframe_size,
)
from domain.renders.seeds import scene_seed, storyboard_seed, take_seed
from domain.renders.settings import Aspect, Detail, RenderSettings, frame_size
from domain.renders.shots import Picture
from domain.storyboards.models import (
    CameraMove,
    CastMember,
    Mood,
    Placement,
    Scenery,
    Setting,
    ShotSize,
    TimeOfDay,
    Transition,
    Weather,
)
from tests.builders_renders import (
    HARE,
    SMALL,
    STORYBOARD,
    TORTOISE,
    a_character,
    a_content,
    a_frozen_shot,
    a_render,
    a_snapshot,
    an_adapter,
    an_order,
)

COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


def test_a_keyframe_command_is_what_workers_accept() -> None:
    command = MakeKeyframe.model_validate_json(json.dumps(keyframe_command(an_order(), 1)))
    assert (command.width, command.height, command.engine) == (640, 360, "animatic")
    assert command.shot.cast[0].is_speaking
    assert command.shot.cast[0].cut_outs == [cut_out.name for cut_out in cut_out_inputs(an_order())]


def test_a_clip_command_is_what_workers_accept() -> None:
    slated = a_render(replace(SMALL, has_slate=True))
    order = an_order(a_content(narration="It was noon."), render=slated)
    command = AnimateShot.model_validate_json(json.dumps(clip_command(order, 2)))
    assert (command.frames, command.frames_per_second, len(command.captions)) == (48, 12, 2)
    assert command.slate is not None
    assert (command.slate.shot_number, command.slate.shots_total, command.slate.take_number) == (1, 3, 2)
    assert command.slate.frames == 12
    plain = [caption.start for caption in an_order(a_content(narration="It was noon.")).captions]
    assert [caption.start for caption in command.captions] == [pytest.approx(start + 1) for start in plain]


def test_an_engine_that_reads_words_and_loads_adapters_is_told_of_both_in_version_2() -> None:
    adapter = an_adapter()
    hare = replace(a_character(), appearance="a brown hare", adapter=adapter)
    order = an_order(a_content(prompt="A hare laughs at a tortoise."), render=a_render(snapshot=a_snapshot([hare])))
    for command in (keyframe_command(order, 1), clip_command(order, 1)):
        read = COMMAND.validate_python(command)
        assert isinstance(read, MakeKeyframe | AnimateShot)
        figure = read.shot.cast[0]
        assert figure.adapter is not None
        assert (read.version, read.shot.prompt, figure.appearance, figure.adapter.trigger) == (
            2,
            "A hare laughs at a tortoise.",
            "a brown hare",
            adapter.trigger,
        )
        assert adapter_inputs(order) == [JobInput(figure.adapter.weights, adapter.object_id)]


WORDS = [
    *({"size": size} for size in ShotSize),
    *({"move": move} for move in CameraMove),
    *({"transition": transition} for transition in Transition),
    *({"setting": Setting(scenery=scenery)} for scenery in Scenery),
    *({"setting": Setting(time_of_day=time)} for time in TimeOfDay),
    *({"setting": Setting(weather=weather)} for weather in Weather),
    *({"setting": Setting(mood=mood)} for mood in Mood),
    *({"cast": (CastMember(HARE, placement),)} for placement in Placement),
]


@pytest.mark.parametrize("changes", WORDS, ids=str)
def test_every_word_of_the_storyboard_is_one_that_workers_know(changes: dict[str, object]) -> None:
    order = an_order(replace(a_content(), **changes))  # pyright: ignore[reportArgumentType]
    for command in (keyframe_command(order, 1), clip_command(order, 1)):
        COMMAND.validate_python(command)


def test_a_clip_gets_cut_outs_keyframe_and_label_map_each_once() -> None:
    order = an_order(a_content(cast=(CastMember(HARE), CastMember(TORTOISE))))
    picture = Picture(ObjectId(STORYBOARD), ObjectId(STORYBOARD), "1")
    names = [each.name for each in clip_inputs(order, picture)]
    assert names[-2:] == ["keyframe.png", "figures.png"]
    assert len(names) == len(set(names)) == 4


@pytest.mark.parametrize("detail", list(Detail))
@pytest.mark.parametrize("aspect", list(Aspect))
def test_every_frame_is_even_and_of_its_shape(aspect: Aspect, detail: Detail) -> None:
    frame = frame_size(aspect, detail)
    across, down = (int(part) for part in aspect.value.split(":"))
    assert frame.width * down == frame.height * across
    assert frame.width % 2 == frame.height % 2 == 0


@pytest.mark.parametrize(
    "changes",
    [{"frames_per_second": 7}, {"frames_per_second": 61}, {"rerolls_max": 9}, {"rerolls_max": -1}, {"seed": 2**63}],
    ids=str,
)
def test_settings_out_of_range_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        RenderSettings(**changes)  # pyright: ignore[reportArgumentType]


def test_seeds_are_the_same_everywhere_and_fit_63_bits() -> None:
    shot_id = a_frozen_shot().id
    assert storyboard_seed(STORYBOARD) == 3496772904397893209
    assert take_seed(7, shot_id, 1) == take_seed(7, shot_id, 1) != take_seed(7, shot_id, 2)
    assert all(0 <= take_seed(7, shot_id, number) < 2**63 for number in range(1, 200))


def test_shots_of_one_place_share_its_seed() -> None:
    meadow = Setting("The  Meadow")
    assert scene_seed(7, meadow) == scene_seed(7, Setting("the meadow", time_of_day=TimeOfDay.NIGHT))
    assert scene_seed(7, meadow) != scene_seed(7, Setting("the road"))
    assert scene_seed(7, meadow) != scene_seed(8, meadow)


@pytest.mark.parametrize(
    ("size", "detail", "lines"),
    [
        (ShotSize.CLOSE_UP, Detail.P180, 360),
        (ShotSize.WIDE, Detail.P180, 540),
        (ShotSize.EXTREME_WIDE, Detail.P180, 720),
        (ShotSize.EXTREME_WIDE, Detail.P1080, 1080),
    ],
)
def test_a_keyframe_is_large_enough_for_the_gate(size: ShotSize, detail: Detail, lines: int) -> None:
    assert keyframe_size(frame_size(Aspect.WIDE, detail), size).height == lines
