"""From the command for a clip to its file: frames of a motion family at the ordered pace, titles, label maps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike
from PIL import Image, UnidentifiedImageError

from contracts.commands import AnimateShot, ClipMade, OutputName, ShotPlan
from gpu_worker.pipelines.diffusion.cast import cast_of, heard_by
from gpu_worker.pipelines.diffusion.family import (
    CastInPicture,
    MotionFamily,
    MotionOrder,
    Prompt,
)
from gpu_worker.pipelines.diffusion.figures import FigureFinder
from gpu_worker.pipelines.diffusion.filming import Filming, Progress
from gpu_worker.pipelines.diffusion.following import Followed, Found, Looking
from gpu_worker.pipelines.diffusion.memory import Ladder
from gpu_worker.pipelines.diffusion.models import Model, Models
from gpu_worker.pipelines.diffusion.pace import fit, joined, pace_of, paced, retimed
from gpu_worker.pipelines.diffusion.prompts import prompt_of
from gpu_worker.pipelines.diffusion.record import Notes, adapter_notes, notes_of
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.pipelines.diffusion.sizes import family_size, motion_share
from gpu_worker.pipelines.engine import Watch
from gpu_worker.pipelines.finishing.encoding import ClipWriter
from gpu_worker.pipelines.finishing.picture import Frame, frame_of
from gpu_worker.pipelines.finishing.sampling import sampled_frames, write_png
from gpu_worker.pipelines.finishing.titles import Titles, titles_of
from gpu_worker.pipelines.finishing.transitions import Transition, transition_of

MOVES: Final = {
    "static": "static camera",
    "pan_left": "camera pans left",
    "pan_right": "camera pans right",
    "tilt_up": "camera tilts up",
    "tilt_down": "camera tilts down",
    "push_in": "camera slowly pushes in",
    "pull_out": "camera slowly pulls out",
    "handheld": "handheld camera",
    "parallax": "camera slides sideways",
}


@dataclass(frozen=True, slots=True)
class Shot:
    """What a clip starts from and what is laid over it; `left_out` says which adapters it does without, and why."""

    command: AnimateShot
    keyframe: Image.Image
    cast: tuple[CastInPicture, ...]
    titles: Titles
    transition: Transition
    left_out: Mapping[int, str]

    @property
    def size(self) -> tuple[int, int]:
        return self.command.width, self.command.height

    @property
    def sampled(self) -> list[int]:
        first = self.titles.clapper_frames + self.transition.frames
        return sampled_frames(self.command.frames, first, self.command.samples)


class ClipMaker:
    """Makes clips with the family that is set.

    Without a `finder` the keyframe's own label map is followed through the clip.
    """

    def __init__(
        self, settings: DiffusionSettings, models: Models, finder: FigureFinder | None, ladder: Ladder
    ) -> None:
        self._settings = settings
        self._models = models
        self._finder = finder
        self._ladder = ladder

    def make(
        self, command: AnimateShot, inputs: Mapping[str, Path], outputs: Path, watch: Watch, *, version: str
    ) -> ClipMade:
        """Write clip and label maps, both exactly as ordered; raises ValueError for what cannot be made."""
        watch.moved(0.0)
        model = self._models.motion()
        shot = shot_of(command, inputs, self._settings, model.family)
        look = self._looking(shot, inputs)
        filming = self._filming(shot, model, watch)
        pictures = retimed(
            joined(filming.segments(), filming.pace.shared),
            native=paced(model.family.capabilities, command.frames_per_second).frames_per_second,
            rate=command.frames_per_second,
            frames=command.frames - shot.titles.clapper_frames,
        )
        maps: list[MatLike] = []
        with ClipWriter(outputs / OutputName.CLIP, shot.size, command.frames_per_second) as writer:
            for number, picture in enumerate(with_slate(pictures, shot)):
                writer.write(finished(picture, shot, number))
                look.see(picture)
                if number in shot.sampled:
                    labels = look.labels()
                    shot.titles.hide(labels, number)
                    maps.append(labels)
                filming.progress.wrote(number + 1)
        write_png(outputs / OutputName.FIGURES, np.vstack(maps))
        watch.moved(1.0)
        return ClipMade(
            frames=command.frames,
            sampled_frames=shot.sampled,
            engine_version=version,
            notes=self._notes(shot, model, filming, look),
        )

    def _filming(self, shot: Shot, model: Model[MotionFamily], watch: Watch) -> Filming:
        command, can = shot.command, model.family.capabilities
        rate = command.frames_per_second
        pace = pace_of(command.frames - shot.titles.clapper_frames, rate, paced(can, rate))
        share = motion_share(self._settings.motion_pixels, can)
        width, height = family_size(shot.size, can, share=share)
        return Filming(
            family=model.family,
            order=MotionOrder(
                prompt=moving_prompt(command.shot, self._settings.negative),
                keyframe=shot.keyframe,
                frames=pace.frames,
                width=width,
                height=height,
                seed=command.seed,
                cast=shot.cast,
            ),
            pace=pace,
            settings=self._settings,
            device=self._models.device.name,
            ladder=self._ladder,
            progress=Progress(watch, pace.segments, command.frames),
            meter=self._models.denoising,
            share=share,
            frame=shot.size,
        )

    def _looking(self, shot: Shot, inputs: Mapping[str, Path]) -> Looking:
        if self._finder is not None:
            return Found(self._finder, shot.cast)
        return Followed(keyframe_labels(shot, inputs), fit(np.asarray(shot.keyframe), shot.size))

    def _notes(self, shot: Shot, model: Model[MotionFamily], filming: Filming, look: Looking) -> Notes:
        pace, order = filming.pace, filming.order
        device = self._settings.device_of(model.family.name)
        notes = notes_of(model.family.name, model.digest, filming.recipe, device, filming.rung)
        notes |= {"seed": shot.command.seed, "finder": look.name}
        notes |= {"made_size": f"{order.width}x{order.height}", "made_frames": pace.length, "segments": pace.segments}
        return notes | adapter_notes(order.cast, shot.left_out)


def shot_of(
    command: AnimateShot, inputs: Mapping[str, Path], settings: DiffusionSettings, family: MotionFamily
) -> Shot:
    """Raises ValueError for an input that is missing or cannot be read, and for a slate that leaves nothing."""
    heard = heard_by(command.shot, inputs, family.misfit)
    titles = titles_of(command)
    frames, rate = command.frames - titles.clapper_frames, command.frames_per_second
    size = (command.width, command.height)
    return Shot(
        command=command.model_copy(update={"shot": heard.plan}),
        keyframe=opened(inputs, command.keyframe).convert("RGB"),
        cast=cast_of(heard, inputs, size, reference_scale=settings.reference_scale),
        titles=titles,
        transition=transition_of(command.shot.transition, frames, rate),
        left_out=heard.left_out,
    )


def keyframe_labels(shot: Shot, inputs: Mapping[str, Path]) -> MatLike:
    """The label map of the keyframe, in the clip's size; raises ValueError as `opened`."""
    labels = np.asarray(opened(inputs, shot.command.keyframe_figures).convert("L"))
    return cv2.resize(labels, shot.size, interpolation=cv2.INTER_NEAREST)


def opened(inputs: Mapping[str, Path], name: str) -> Image.Image:
    """Raises ValueError for a picture that is missing or cannot be read."""
    if name not in inputs:
        raise ValueError(f"The input {name} was not given.")
    try:
        picture = Image.open(inputs[name])
        picture.load()
    except (UnidentifiedImageError, OSError) as broken:
        raise ValueError(f"The input {name} cannot be read ({broken}).") from broken
    return picture


def moving_prompt(plan: ShotPlan, negative: str) -> Prompt:
    """What the camera does, and the words for the still: what stands last may be more than a model reads."""
    still = prompt_of(plan, negative)
    return Prompt(f"{MOVES[plan.move]}, {still.text}", still.negative)


def with_slate(pictures: Iterator[MatLike], shot: Shot) -> Iterator[MatLike]:
    """The clip's pictures in the ordered size; the shot's first stands behind the slate."""
    for number, picture in enumerate(pictures):
        sized = fit(picture, shot.size)
        yield from [sized] * (shot.titles.clapper_frames + 1 if number == 0 else 1)


def finished(picture: MatLike, shot: Shot, number: int) -> Frame:
    """The clip's frame of that number as it is encoded."""
    frame = frame_of(picture)
    shot.transition.apply(frame, max(0, number - shot.titles.clapper_frames))
    shot.titles.draw(frame, number)
    return frame
