"""The families that can be set, by name, each with what tells what it can do and what loads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from gpu_worker.pipelines.diffusion import (
    animatediff,
    flux2_klein,
    ltx,
    stable_diffusion,
    stable_diffusion_xl,
    stable_video,
    unet_stills,
    wan,
)
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, KeyframeFamily, MotionFamily
from gpu_worker.pipelines.diffusion.parts import Parts

Family = TypeVar("Family", covariant=True)


@dataclass(frozen=True, slots=True)
class FamilyKind(Generic[Family]):
    """A family before it is loaded: `capabilities_of` reads the configurations alone, `load` the weights, too.

    Both raise OSError, ValueError or KeyError for weights of another family.
    """

    capabilities_of: Callable[[Parts], FamilyCapabilities]
    load: Callable[[Parts], Family]


KEYFRAMES: Mapping[str, FamilyKind[KeyframeFamily]] = {
    stable_diffusion.NAME: FamilyKind(unet_stills.capabilities_of, stable_diffusion.load_stable_diffusion),
    stable_diffusion_xl.NAME: FamilyKind(unet_stills.capabilities_of, stable_diffusion_xl.load_stable_diffusion_xl),
    flux2_klein.NAME: FamilyKind(flux2_klein.capabilities_of, flux2_klein.load_flux2_klein),
}
MOTION: Mapping[str, FamilyKind[MotionFamily]] = {
    animatediff.NAME: FamilyKind(animatediff.capabilities_of, animatediff.load_animatediff),
    stable_video.NAME: FamilyKind(stable_video.capabilities_of, stable_video.load_stable_video),
    ltx.NAME: FamilyKind(ltx.capabilities_of, ltx.load_ltx),
    wan.NAME: FamilyKind(wan.capabilities_of, wan.load_wan),
}
