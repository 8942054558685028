"""From a shot as it was written to the commands that an engine is given, as plain JSON.

The keys are those of `contracts.commands`, which the domain does not import; a test holds the two together. An input is
named by the SHA-256 of its bytes, so a command says all that shapes its result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.events import Json
from domain.identifiers import CharacterId
from domain.jobs.models import JobInput
from domain.renders.captions import Caption, shot_captions
from domain.renders.ladder import adapter_scale_of, reference_scale_of, references_of
from domain.renders.models import Render
from domain.renders.seeds import scene_seed, take_seed
from domain.renders.settings import FrameSize
from domain.renders.shots import Picture
from domain.renders.snapshot import CutOut, FrozenAdapter, FrozenCharacter, FrozenShot
from domain.renders.states import Rung
from domain.renders.views import wanted_view
from domain.storyboards.models import CastMember, ShotContent, ShotSize

KEYFRAME, CLIP, FIGURES = "keyframe.png", "clip.mp4", "figures.png"
CUT_OUTS_MAX = 4
CLIP_SAMPLES = 5
# The lines that a keyframe has at least, so that the identity gate can tell who it shows: measured on 24 characters,
# it refuses none whose head is 80 pixels large, and every second one of 35. The clip is made in the size ordered.
KEYFRAME_LINES_MIN = {ShotSize.EXTREME_WIDE: 720, ShotSize.WIDE: 540}
NEAR_LINES_MIN = 360

JsonObject = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Order:
    """One shot of one render, as planning and digests see it, and the rung of the take that is ordered."""

    render: Render
    shot: FrozenShot
    rung: Rung = Rung.FIRST_SEED

    def cut_outs_of(self, character: FrozenCharacter) -> Sequence[CutOut]:
        """The pictures of a cast member that the take heeds, the leading one first."""
        wanted = wanted_view(self.content, character.character_id)
        return references_of(self.rung, character.cut_outs, wanted=wanted, most=CUT_OUTS_MAX)

    @property
    def of_keyframe(self) -> "Order":
        """As the engine of the take's keyframe sees it; on the rung OTHER_ENGINE that is not the render's own."""
        other = self.render.snapshot.other_engine
        if self.rung is not Rung.OTHER_ENGINE or other is None:
            return self
        cast = tuple(
            replace(
                each,
                appearance=each.appearance if other.reads_words else "",
                adapter=each.adapter if other.takes_adapters else None,
            )
            for each in self.render.snapshot.cast
        )
        snapshot = replace(self.render.snapshot, cast=cast, engine_version=other.version)
        settings = replace(self.render.settings, engine=other.name)
        prompt = self.content.prompt if other.reads_words else ""
        shot = replace(self.shot, content=replace(self.content, prompt=prompt))
        return replace(self, render=replace(self.render, snapshot=snapshot, settings=settings), shot=shot)

    @property
    def content(self) -> ShotContent:
        return self.shot.content

    @property
    def cast(self) -> tuple[FrozenCharacter, ...]:
        return self.render.snapshot.cast_of(self.content)

    @property
    def frames(self) -> int:
        """The length of the clip: the slate, where there is one, and the shot."""
        settings = self.render.settings
        return settings.slate_frames + settings.frames_of(self.content.seconds)

    @property
    def captions(self) -> tuple[Caption, ...]:
        """The shot's captions in seconds of the clip: none is up while the slate is."""
        settings = self.render.settings
        return shot_captions(self.content, lead=settings.slate_frames / settings.frames_per_second)


def keyframe_command(order: Order, take_number: int) -> JsonObject:
    """The command `make_keyframe` for one take."""
    order = order.of_keyframe
    frame = keyframe_size(order.render.settings.frame, order.content.size)
    plan = {**_frame(order, take_number), "width": frame.width, "height": frame.height}
    return {"kind": "make_keyframe", "version": _version(order), **plan}


def clip_command(order: Order, take_number: int) -> JsonObject:
    """The command `animate_shot` for one take; its keyframe comes as an input."""
    settings = order.render.settings
    return {
        "kind": "animate_shot",
        "version": _version(order),
        **_frame(order, take_number),
        "frames_per_second": settings.frames_per_second,
        "frames": order.frames,
        "captions": [_caption(caption) for caption in order.captions],
        "are_captions_burnt_in": settings.are_captions_burnt_in,
        "slate": _slate(order, take_number) if settings.has_slate else None,
        "keyframe": KEYFRAME,
        "keyframe_figures": FIGURES,
        "samples": CLIP_SAMPLES,
    }


def embed_command(picture: Picture, *, space: str) -> JsonObject:
    """The command `embed_figures` for a keyframe, or for the sampled frames of a clip."""
    wanted: JsonObject = {"picture": KEYFRAME, "labels": FIGURES}
    if picture.sampled_frames:
        wanted = {"picture": CLIP, "labels": FIGURES, "frames": list(picture.sampled_frames)}
    return {"kind": "embed_figures", "version": 2, "engine": space, "pictures": [wanted]}


def embed_inputs(picture: Picture) -> list[JobInput]:
    """What `embed_figures` needs: the picture and its label map."""
    name = CLIP if picture.sampled_frames else KEYFRAME
    return [JobInput(name, picture.object_id), JobInput(FIGURES, picture.figures_id)]


def keyframe_inputs(order: Order) -> list[JobInput]:
    """What `make_keyframe` needs: the cut-outs and the adapters."""
    order = order.of_keyframe
    return [*cut_out_inputs(order), *adapter_inputs(order)]


def cut_out_inputs(order: Order) -> list[JobInput]:
    """The cut-outs that the rung's commands name, each once."""
    used = {_name(cut_out): cut_out for character in order.cast for cut_out in order.cut_outs_of(character)}
    return [JobInput(name, cut_out.object_id) for name, cut_out in used.items()]


def adapter_inputs(order: Order) -> list[JobInput]:
    """The weights of adapters that both commands name."""
    return [JobInput(_weights(each.adapter), each.adapter.object_id) for each in order.cast if each.adapter]


def clip_inputs(order: Order, keyframe: Picture) -> list[JobInput]:
    """What `animate_shot` needs: the cut-outs, the adapters, the keyframe and its label map."""
    return [
        *cut_out_inputs(order),
        *adapter_inputs(order),
        JobInput(KEYFRAME, keyframe.object_id),
        JobInput(FIGURES, keyframe.figures_id),
    ]


def keyframe_size(frame: FrameSize, size: ShotSize) -> FrameSize:
    """The frame, or the smallest whole multiple of it in which the cast is large enough to be judged."""
    lines = KEYFRAME_LINES_MIN.get(size, NEAR_LINES_MIN)
    times = max(1, -(-lines // min(frame.width, frame.height)))
    return FrameSize(frame.width * times, frame.height * times)


def _frame(order: Order, take_number: int) -> JsonObject:
    render, frame = order.render, order.render.settings.frame
    return {
        "engine": render.settings.engine,
        "seed": take_seed(render.seed, order.shot.id, take_number),
        "width": frame.width,
        "height": frame.height,
        "shot": _shot_plan(order),
        "scene_seed": scene_seed(render.seed, order.content.setting),
    }


def _shot_plan(order: Order) -> JsonObject:
    content, snapshot = order.content, order.render.snapshot
    speakers = {line.character_id for line in content.dialogue if line.character_id is not None}
    cast = zip(content.cast, order.cast, strict=True)
    words: JsonObject = {"prompt": content.prompt} if content.prompt else {}
    return {
        **words,
        "action": content.action,
        "setting": _setting(content),
        "cast": [_figure(order, member, character, speakers) for member, character in cast],
        "size": content.size.value,
        "move": content.move.value,
        "transition": content.transition.value,
        "language": snapshot.language or "und",
        "style": snapshot.style,
    }


def _setting(content: ShotContent) -> JsonObject:
    setting = content.setting
    return {
        "name": setting.name,
        "scenery": setting.scenery.value,
        "is_interior": setting.is_interior,
        "time_of_day": setting.time_of_day.value,
        "weather": setting.weather.value,
        "mood": setting.mood.value,
    }


def _figure(order: Order, member: CastMember, character: FrozenCharacter, speakers: set[CharacterId]) -> JsonObject:
    scale = reference_scale_of(order.rung)
    # Absent rather than null where the engine is left to choose: a digest is not to change for it.
    strength: JsonObject = {} if scale is None else {"reference_scale": scale}
    return {
        "character_id": str(character.character_id),
        "name": character.name,
        "cut_outs": [_name(cut_out) for cut_out in order.cut_outs_of(character)],
        "placement": member.placement.value,
        "is_speaking": character.character_id in speakers,
        **strength,
        **_looks(character, order.rung),
    }


def _looks(character: FrozenCharacter, rung: Rung) -> JsonObject:
    """What only engines that read words or load adapters are told; the snapshot has it for those alone."""
    looks: JsonObject = {"appearance": character.appearance} if character.appearance else {}
    if character.adapter is not None:
        scale = adapter_scale_of(rung)
        strength: JsonObject = {} if scale is None else {"scale": scale}
        looks["adapter"] = {
            "weights": _weights(character.adapter),
            "trigger": character.adapter.trigger,
            **strength,
        }
    return looks


def _version(order: Order) -> int:
    """The oldest version of the command that has all its fields, so that workers of that version can take it."""
    has_strength = bool(order.cast) and reference_scale_of(order.rung) is not None
    has_looks = any(_looks(character, order.rung) for character in order.cast)
    return 2 if order.content.prompt or has_strength or has_looks else 1


def _weights(adapter: FrozenAdapter) -> str:
    return f"{adapter.sha256}.safetensors"


def _name(cut_out: CutOut) -> str:
    return f"{cut_out.sha256}.png"


def _caption(caption: Caption) -> JsonObject:
    return {"text": caption.text, "speaker": caption.speaker, "start": caption.start, "end": caption.end}


def _slate(order: Order, take_number: int) -> JsonObject:
    return {
        "title": order.render.snapshot.title,
        "shot_number": order.shot.number,
        "shots_total": order.render.snapshot.shots_total,
        "take_number": take_number,
        "frames": order.render.settings.slate_frames,
    }
