"""The engines that this product can order, as data."""

from domain.jobs.models import Queue
from domain.renders.engines import Capabilities, Engine, EngineCatalogue

# `version` is what the worker's engine of that name says of itself; a test holds the two together.
ANIMATIC = Engine(
    name="animatic",
    version="2",
    queue=Queue.CPU,
    description="Films the storyboard as an illustrated animatic: painted places, the cast's own cut-outs, real camera "
    "moves. Runs on a CPU, costs nothing, makes the same film every time.",
    capabilities=Capabilities(
        pastes_references=True,
        draws_captions=True,
        draws_slates=True,
        animates_from_keyframe=False,
        is_deterministic=True,
        cast_max=6,
    ),
    speed=0.8,
    keyframe_seconds=0.4,
)

ENGINES = EngineCatalogue.of([ANIMATIC])
