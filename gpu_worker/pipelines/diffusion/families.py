"""The families that can be set, by name, each with what loads it."""

from collections.abc import Callable, Mapping

from gpu_worker.pipelines.diffusion.animatediff import load_animatediff
from gpu_worker.pipelines.diffusion.family import KeyframeFamily, MotionFamily
from gpu_worker.pipelines.diffusion.flux2_klein import load_flux2_klein
from gpu_worker.pipelines.diffusion.ltx import load_ltx
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.stable_diffusion import load_stable_diffusion
from gpu_worker.pipelines.diffusion.stable_diffusion_xl import load_stable_diffusion_xl
from gpu_worker.pipelines.diffusion.stable_video import load_stable_video
from gpu_worker.pipelines.diffusion.wan import load_wan

KEYFRAMES: Mapping[str, Callable[[Parts], KeyframeFamily]] = {
    "stable_diffusion": load_stable_diffusion,
    "stable_diffusion_xl": load_stable_diffusion_xl,
    "flux2_klein": load_flux2_klein,
}
MOTION: Mapping[str, Callable[[Parts], MotionFamily]] = {
    "animatediff": load_animatediff,
    "stable_video": load_stable_video,
    "ltx": load_ltx,
    "wan": load_wan,
}
