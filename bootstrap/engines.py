"""The engines that this product can order, as data."""

from dataclasses import replace

from bootstrap.settings import EngineSettings
from domain.jobs.models import Queue
from domain.renders.engines import Capabilities, Engine, EngineCatalogue
from domain.renders.states import Rung

# `version` is what the worker's engine of that name says of itself; a test holds the two together. That of `diffusion`
# is ordered with the operator's revision behind it, which no worker is asked about.
ANIMATIC = Engine(
    name="animatic",
    version="3",
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

DIFFUSION = Engine(
    name="diffusion",
    version="1",
    queue=Queue.GPU,
    description="Makes pictures by denoising, on workers with a GPU: the cast by references in their regions and by "
    "adapters trained on them, prompts in English whatever the script's language. Needs weights of the operator's "
    "choice.",
    capabilities=Capabilities(
        draws_captions=True,
        draws_slates=True,
        cast_max=6,
        references_max=4,
        reads_words=True,
        takes_adapters=True,
        shows_previews=True,
        stops_at_a_step=True,
        rungs=(
            Rung.FIRST_SEED,
            Rung.NEW_SEED,
            Rung.OTHER_REFERENCES,
            Rung.STRONGER_REFERENCES,
            Rung.STRONGER_ADAPTER,
            Rung.OTHER_ENGINE,
        ),
    ),
    speed=20.0,
    keyframe_seconds=6.0,
)

# What a worker tells of beside the engine that can train adapters for it.
TRAINER = f"{DIFFUSION.name}.training"

# What jobs may ask for: a film that was ordered is finished, whatever can be ordered by now.
ENGINES = EngineCatalogue.of([ANIMATIC, DIFFUSION])


def orderable(settings: EngineSettings) -> EngineCatalogue:
    """The engines that there are workers for; nobody is offered what nobody makes."""
    if not settings.diffusion:
        return EngineCatalogue.of([ANIMATIC])
    return replace(EngineCatalogue.of([ANIMATIC, revised(settings.diffusion_revision)]), trainer=TRAINER)


def revised(revision: str) -> Engine:
    """The engine `diffusion` with these models: what other ones made has other digests, and is stale."""
    return replace(DIFFUSION, version=f"{DIFFUSION.version} {revision}") if revision else DIFFUSION
