"""The models that settings name: found and checked at start, loaded at first use, kept within a budget of bytes."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from gpu_worker.pipelines.diffusion.families import KEYFRAMES, MOTION, FamilyKind
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, KeyframeFamily, MotionFamily
from gpu_worker.pipelines.diffusion.memory import free_memory
from gpu_worker.pipelines.diffusion.meter import StepMeter
from gpu_worker.pipelines.diffusion.parts import ImagePrompt, Parts
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings, variable
from gpu_worker.pipelines.engine import EngineUsage
from gpu_worker.weights.errors import WeightsCorrupt, WeightsMissing, WeightsRefused
from gpu_worker.weights.shelf import Shelf
from gpu_worker.weights.source import FoundWeights, WeightsFinder, WeightsSource

WEIGHTS = (
    "keyframe_weights",
    "image_prompt_weights",
    "motion_weights",
    "motion_adapter_weights",
    "detector_weights",
    "segmenter_weights",
)
Family = TypeVar("Family", covariant=True)
Kind = TypeVar("Kind")
Made = Literal["keyframe", "clip"]


@dataclass(frozen=True, slots=True)
class Model(Generic[Family]):
    """A loaded family and the SHA-256 of its weights."""

    family: Family
    digest: str


@dataclass(frozen=True, slots=True)
class Choice(Generic[Family]):
    """A family that is set, and its weights, which `setting` names."""

    family: str
    kind: FamilyKind[Family]
    found: FoundWeights
    setting: str


@contextmanager
def refusing(choice: Choice[object]) -> Generator[None]:
    """Turn what reading or loading may raise into WeightsCorrupt, which names the setting."""
    try:
        yield
    except (OSError, ValueError, KeyError) as broken:
        raise WeightsCorrupt(variable(choice.setting), f"{choice.found.path} cannot be loaded ({broken}).") from broken


class Models:
    """Owns what is loaded and counts its steps; one thread uses it.

    Raises WeightsRefused at once if anything that is set is not there.
    """

    def __init__(self, settings: DiffusionSettings) -> None:
        self._settings = settings
        self.device = settings.chosen_device()
        self.found = find_weights(settings)
        self._shelf = Shelf[KeyframeFamily | MotionFamily](bytes_max=settings.model_bytes_max, on_put_away=free_memory)
        self.load_seconds = 0.0
        self.denoising, self.training = StepMeter(), StepMeter()
        self._keyframe_kind = chosen(KEYFRAMES, settings.keyframe_family, "keyframe_family")
        motion = settings.motion_family
        self._motion_kind = chosen(MOTION, motion, "motion_family") if motion else None

    @property
    def size_bytes(self) -> int:
        return self._shelf.size_bytes

    @property
    def loaded(self) -> Sequence[str]:
        """What is loaded, the one used last at the end."""
        return self._shelf.keys

    @property
    def usage(self) -> EngineUsage:
        return EngineUsage(
            denoising_steps=self.denoising.steps,
            denoising_seconds=self.denoising.seconds,
            training_steps=self.training.steps,
            training_seconds=self.training.seconds,
            model_loads=self._shelf.loads,
            model_load_seconds=self.load_seconds,
            model_hits=self._shelf.hits,
        )

    def keyframes(self) -> Model[KeyframeFamily]:
        """Answer the model that makes keyframes; raises WeightsRefused where none is set or it cannot be loaded."""
        choice = self._keyframes()
        loaded = self._shelf.get(f"keyframes {choice.family} {choice.found.digest}", self._loading(choice))
        return Model(loaded, choice.found.digest)  # pyright: ignore[reportReturnType] - the key says which

    def motion(self) -> Model[MotionFamily]:
        """Answer the model that moves keyframes; raises WeightsRefused where none is set or it cannot be loaded."""
        choice = self._motion()
        loaded = self._shelf.get(f"motion {choice.family} {choice.found.digest}", self._loading(choice))
        return Model(loaded, choice.found.digest)  # pyright: ignore[reportReturnType] - the key says which

    def can_make(self) -> Mapping[Made, tuple[str, FamilyCapabilities]]:
        """What the models that are set make, each with its family and what it can do, without loading one.

        Raises WeightsRefused for weights of another family.
        """
        can: dict[Made, tuple[str, FamilyCapabilities]] = {}
        if "keyframe_weights" in self.found:
            choice = self._keyframes()
            can["keyframe"] = choice.family, self._described(choice)
        if self._motion_kind is not None:
            moving = self._motion()
            can["clip"] = moving.family, self._described(moving)
        return can

    def put_away(self, *, but_the_last: bool = False) -> bool:
        """Let go of all that is loaded, or of all but the model asked for last; answer whether there was any.

        It is loaded again at its next use.
        """
        return self._shelf.put_away(but_the_last=but_the_last)

    def need(self, name: str) -> FoundWeights:
        """Answer the weights of that setting; raises WeightsMissing where it is empty."""
        if name not in self.found:
            raise WeightsMissing(variable(name), "no weights are set.")
        return self.found[name]

    def _keyframes(self) -> Choice[KeyframeFamily]:
        found = self.need("keyframe_weights")
        return Choice(self._settings.keyframe_family, self._keyframe_kind, found, "keyframe_weights")

    def _motion(self) -> Choice[MotionFamily]:
        if self._motion_kind is None:
            raise WeightsMissing(variable("motion_family"), "no family is set that moves keyframes.")
        # AnimateDiff moves the model of the keyframes.
        name = "motion_weights" if "motion_weights" in self.found else "keyframe_weights"
        return Choice(self._settings.motion_family, self._motion_kind, self.need(name), name)

    def _described(self, choice: Choice[KeyframeFamily | MotionFamily]) -> FamilyCapabilities:
        with refusing(choice):
            return choice.kind.capabilities_of(self._parts(choice))

    def _loading(self, choice: Choice[Family]) -> Callable[[], Family]:
        def loaded() -> Family:
            started = time.monotonic()
            try:
                with refusing(choice):
                    return choice.kind.load(self._parts(choice))
            finally:
                self.load_seconds += time.monotonic() - started

        return loaded

    def _parts(self, choice: Choice[Family]) -> Parts:
        settings, motion_adapter = self._settings, self.found.get("motion_adapter_weights")
        return Parts(
            folder=choice.found.path,
            device=settings.device_of(choice.family),
            image_prompt=self._image_prompt(),
            motion_adapter=motion_adapter.path if motion_adapter else None,
            adapters_resident_max=settings.adapters_resident_max,
            adapter_rank_max=settings.adapter_rank_max,
        )

    def _image_prompt(self) -> ImagePrompt | None:
        found = self.found.get("image_prompt_weights")
        if found is None:
            return None
        return ImagePrompt(found.path, self._settings.image_prompt_file, self._settings.image_prompt_encoder)


def find_weights(settings: DiffusionSettings) -> Mapping[str, FoundWeights]:
    """Find and check all weights that are set; raises WeightsRefused."""
    finder = WeightsFinder(settings.cache_folder)
    found = {name: finder.find(source) for name, source in sources_of(settings).items()}
    if not found.keys() & {"keyframe_weights", "motion_weights"}:
        raise WeightsMissing(variable("keyframe_weights"), "no weights are set; name a folder or OWNER/NAME@REVISION.")
    prompt = found.get("image_prompt_weights")
    if prompt is not None:
        _need_part(prompt.path / settings.image_prompt_file, "image_prompt_file")
        _need_part(prompt.path / settings.image_prompt_encoder, "image_prompt_encoder")
    return found


def sources_of(settings: DiffusionSettings) -> Mapping[str, WeightsSource]:
    """Where all weights that are set come from, by the settings' names."""
    return {name: source for name in WEIGHTS if (source := settings.source(name)) is not None}


def _need_part(path: Path, name: str) -> None:
    if not path.exists():
        raise WeightsMissing(variable(name), f"there is no {path}.")


def chosen(known: Mapping[str, Kind], name: str, setting: str) -> Kind:
    """Answer what is known by that name; raises WeightsRefused naming the setting."""
    if name not in known:
        raise WeightsRefused(variable(setting), f"there is no family {name}; there is: {', '.join(known) or 'none'}.")
    return known[name]
