"""The families that can be set, by name, each with what loads it."""

from collections.abc import Callable, Mapping

from gpu_worker.pipelines.diffusion.family import KeyframeFamily, MotionFamily
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.stable_diffusion import load_stable_diffusion
from gpu_worker.pipelines.diffusion.stable_diffusion_xl import load_stable_diffusion_xl

KEYFRAMES: Mapping[str, Callable[[Parts], KeyframeFamily]] = {
    "stable_diffusion": load_stable_diffusion,
    "stable_diffusion_xl": load_stable_diffusion_xl,
}
MOTION: Mapping[str, Callable[[Parts], MotionFamily]] = {}
