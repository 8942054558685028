"""The engine itself: from a command and its input files to a keyframe or a clip and the label maps."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from contracts.commands import (
    AnimateShot,
    CastFigure,
    ClipMade,
    Command,
    KeyframeMade,
    MakeKeyframe,
    OutputName,
    Result,
    Shooting,
)
from gpu_worker.pipelines.animatic.bodies import wardrobe_of
from gpu_worker.pipelines.animatic.camera import Camera
from gpu_worker.pipelines.animatic.composition import FEET, Place, Shape, compose, focus_of
from gpu_worker.pipelines.animatic.cutouts import CutOut, read_cut_out
from gpu_worker.pipelines.animatic.figures import Figure, Look, make_figure
from gpu_worker.pipelines.animatic.film import GlitteringLayer, Shot
from gpu_worker.pipelines.animatic.finish import Finish, vignette_of
from gpu_worker.pipelines.animatic.framing import Layer, framed, painting_size
from gpu_worker.pipelines.animatic.scene import Scene, SceneCache
from gpu_worker.pipelines.animatic.weather import Glitter, veils_for
from gpu_worker.pipelines.engine import EngineCapabilities, EngineUsage, Watch
from gpu_worker.pipelines.finishing.encoding import ClipWriter
from gpu_worker.pipelines.finishing.picture import rgb_of
from gpu_worker.pipelines.finishing.sampling import sampled_frames, write_png
from gpu_worker.pipelines.finishing.titles import titles_of
from gpu_worker.pipelines.finishing.transitions import Transition, transition_of

SCENES_BYTES = 192 * 1024 * 1024


class AnimaticEngine:
    """Films shots as an illustrated animatic, on a CPU, the same bytes for the same command and machine."""

    name = "animatic"
    version = "3"
    capabilities = EngineCapabilities(
        sizes=(),
        frames_per_second=(),
        frames_max=3600,
        references_max=8,
        has_previews=False,
        can_cancel=True,
        needs_gpu=False,
    )
    served_models = ()
    usage = EngineUsage()
    loaded_bytes = 0
    loaded_models = ()

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # one core a worker; more threads also make other sums
        self._scenes = SceneCache(SCENES_BYTES)

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        """Make the keyframe or the clip; see `Engine.run`."""
        match command:
            case MakeKeyframe():
                return self._keyframe(command, inputs, outputs, watch)
            case AnimateShot():
                return self._clip(command, inputs, outputs, watch)
            case _:
                raise ValueError(f"The animatic engine does not {command.kind.replace('_', ' ')}.")

    def _keyframe(self, command: MakeKeyframe, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> KeyframeMade:
        watch.moved(0.0)
        # The still is the middle of the move.
        shot = self._shot(command, inputs, frames=3, rate=1)
        shot.finish = replace(shot.finish, transition=Transition("cut", 0), flashes=())
        watch.moved(0.7)
        write_png(outputs / OutputName.KEYFRAME, rgb_of(shot.frame(1)))
        write_png(outputs / OutputName.FIGURES, shot.labels(1))
        watch.moved(1.0)
        return KeyframeMade(figures=len(shot.figures), engine_version=self.version, notes=_notes(shot))

    def _clip(self, command: AnimateShot, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> ClipMade:
        watch.moved(0.0)
        titles = titles_of(command)
        slate_frames = titles.clapper_frames
        shot = self._shot(command, inputs, frames=command.frames - slate_frames, rate=command.frames_per_second)
        shot.titles, shot.captions = titles, command.captions
        with ClipWriter(outputs / OutputName.CLIP, shot.size, command.frames_per_second) as writer:
            for number in range(command.frames):
                writer.write(shot.frame(number))
                watch.moved((number + 1) / (command.frames + 1))
        sampled = sampled_frames(command.frames, slate_frames + shot.finish.transition.frames, command.samples)
        write_png(outputs / OutputName.FIGURES, np.vstack([shot.labels(number) for number in sampled]))
        watch.moved(1.0)
        return ClipMade(frames=command.frames, sampled_frames=sampled, engine_version=self.version, notes=_notes(shot))

    def _shot(self, command: Shooting, inputs: Mapping[str, Path], *, frames: int, rate: int) -> Shot:
        plan, size = command.shot, (command.width, command.height)
        scene = self._scenes.scene(plan.setting, command.scene_seed, painting_size(size))
        looks = [look_of(member, inputs) for member in plan.cast]
        shapes = [_shape(member, look.cut_out) for member, look in zip(plan.cast, looks, strict=True)]
        rng = np.random.default_rng([command.seed, 5])
        lead = 1 if rng.uniform() < 0.5 else -1
        places = compose(shapes, plan.size, size, lead)
        camera = Camera(plan.move, frames, rate, plan.size, focus_of(places, shapes, size), command.seed)
        layers = framed(scene, plan.size, size, float(rng.uniform(-1, 1)))
        outside = not scene.is_interior
        setting = plan.setting
        return Shot(
            size=size,
            camera=camera,
            layers=layers,
            figures=_figures(command, looks, places, scene),
            veils=veils_for(setting, scene.light, size, command.scene_seed, _faces_to(places, size)) if outside else [],
            finish=Finish(
                vignette=vignette_of(size, scene.light.grade.vignette),
                transition=transition_of(plan.transition, frames, rate),
                flashes=_flashes(command.seed, frames, rate) if outside and setting.weather == "storm" else (),
                rate=rate,
            ),
            shows_feet=any(place.feet < size[1] for place in places),
            glitter=_glitter(scene, layers, plan.size, rng),
        )


def look_of(member: CastFigure, inputs: Mapping[str, Path]) -> Look:
    """The first of the character's cut-outs with the fewest flaws, whatever the shot; ValueError if one is missing.

    Heads and busts come before whole figures, whose faces are small. Nothing tells which expression a picture shows, so
    a shot's mood cannot choose one: a wink at random would be wrong more often than the face that its owner put first.
    """
    missing = [name for name in member.cut_outs if name not in inputs]
    if missing:
        raise ValueError(f"The cut-out {missing[0]} of {member.name} was not given.")
    read = [read_cut_out(inputs[name]) for name in member.cut_outs]
    shown = min(read, key=lambda cut_out: (cut_out.is_whole, cut_out.flaws))
    return Look(shown, wardrobe_of(shown, read, member.character_id))


def _shape(member: CastFigure, cut_out: CutOut) -> Shape:
    height = 1 / cut_out.head_share
    return Shape(height * cut_out.aspect, height, cut_out.facing, member.placement, member.is_speaking)


def _figures(command: Shooting, looks: list[Look], places: list[Place], scene: Scene) -> list[Figure]:
    made: list[Figure] = []
    for place in places:
        member, look = command.shot.cast[place.index], looks[place.index]
        figure = make_figure(
            look,
            place,
            scene.light,
            number=place.index + 1,
            voice=member.name if member.is_speaking else "",
            frame=(command.width, command.height),
        )
        made.append(figure)
    return made


def _faces_to(places: list[Place], size: tuple[int, int]) -> float:
    """The share of the frame's height below which no face or bust is."""
    return max((place.top + 1.28 * place.head for place in places), default=0.0) / size[1]


def _glitter(scene: Scene, layers: list[Layer], size: str, rng: np.random.Generator) -> GlitteringLayer | None:
    if scene.glitter is None or size not in FEET:
        return None
    top, bottom, depth = scene.glitter
    layer = next((one for one in layers if one.depth == depth), None)
    if layer is None:
        return None
    share = 1 / (1.3 - top)
    rows = layer.sprite.luma.shape[0]
    span = min(rows, round(rows * (bottom - top) * share * 1.4))
    width = layer.sprite.luma.shape[1]
    return GlitteringLayer(layer, Glitter((width, span), rng, scene.light), 0, span)


def _flashes(seed: int, frames: int, rate: int) -> tuple[int, ...]:
    """Lightning at most every five seconds: never a flicker."""
    first = int(np.random.default_rng([seed, 31]).integers(rate // 2, 2 * rate))
    return tuple(range(first, frames, 5 * rate))


def _notes(shot: Shot) -> dict[str, str | int | float]:
    mirrored = [str(figure.number) for figure in shot.figures if figure.place.is_mirrored]
    return {"mirrored": ",".join(mirrored), "layers": len(shot.layers), "move": shot.camera.move}
