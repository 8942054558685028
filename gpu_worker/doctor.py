"""Say what is amiss with the models of a GPU worker, setting by setting, with the mend: `python -m gpu_worker.doctor`.

It runs in the worker's own environment: the lab has neither the weights nor the device.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from pydantic import ValidationError

from gpu_worker.embedding.families import loader_of
from gpu_worker.embedding.settings import FAMILY as SPACE_FAMILY
from gpu_worker.embedding.settings import PREFIX as SPACE_PREFIX
from gpu_worker.embedding.settings import WEIGHTS as SPACE_WEIGHTS
from gpu_worker.embedding.settings import EmbeddingSettings
from gpu_worker.pipelines.diffusion.families import KEYFRAMES, MOTION
from gpu_worker.pipelines.diffusion.models import Models, chosen, sources_of
from gpu_worker.pipelines.diffusion.served import served_models
from gpu_worker.pipelines.diffusion.settings import PREFIX, DiffusionSettings, variable
from gpu_worker.training.settings import PREFIX as TRAINING_PREFIX
from gpu_worker.training.settings import SCORER_SETTING, TrainingSettings
from gpu_worker.weights.errors import WeightsRefused
from gpu_worker.weights.source import WeightsFinder, WeightsSource


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one setting; `detail` is what it came to, or the complaint with its mend."""

    setting: str
    is_well: bool
    detail: str


def examine(settings: DiffusionSettings, training: TrainingSettings, embedding: EmbeddingSettings) -> Iterator[Finding]:
    """Look at the device, the families and all weights that are set; none that fails stops the others."""
    if makes_pictures(settings) or not embedding.weights:
        yield from examine_engine(settings)
    else:
        told = "not set: this worker makes no pictures"
        yield Finding(variable("keyframe_weights"), is_well=True, detail=told)
    if training.scorer is None:
        yield Finding(SCORER_SETTING, is_well=True, detail="not set: this worker films, but cannot train adapters")
    yield from examine_weights(training.sources, WeightsFinder(training.cache_folder))
    yield from examine_space(embedding)


def makes_pictures(settings: DiffusionSettings) -> bool:
    return bool(settings.keyframe_weights or settings.motion_weights)


def examine_space(embedding: EmbeddingSettings) -> Iterator[Finding]:
    if not embedding.weights:
        yield Finding(SPACE_WEIGHTS, is_well=True, detail="not set: this worker serves no embedding space")
        return
    try:
        loader_of(embedding.family)
        yield Finding(SPACE_FAMILY, is_well=True, detail=f"{embedding.family} as {embedding.own_space}")
    except WeightsRefused as refused:
        yield Finding(refused.setting, is_well=False, detail=str(refused))
    yield from examine_weights([embedding.source], WeightsFinder(embedding.cache_folder))


def examine_engine(settings: DiffusionSettings) -> Iterator[Finding]:
    yield check_device(settings)
    for known, setting in ((KEYFRAMES, "keyframe_family"), (MOTION, "motion_family")):
        name: str = getattr(settings, setting)
        if name:
            try:
                chosen(known, name, setting)
                yield Finding(variable(setting), is_well=True, detail=name)
            except WeightsRefused as refused:
                yield Finding(refused.setting, is_well=False, detail=str(refused))
    yield from examine_weights(sources_of(settings).values(), WeightsFinder(settings.cache_folder))
    yield from examine_looking(settings)
    yield from examine_models(settings)


def examine_looking(settings: DiffusionSettings) -> Iterator[Finding]:
    """What the identity gate gets to see where the models that look for figures are not set."""
    if not settings.detector_weights:
        told = "not set: figures are taken to stand where they were ordered, and the identity gate sees their regions"
        yield Finding(variable("detector_weights"), is_well=True, detail=told)
    elif not settings.segmenter_weights:
        told = "not set: figures are boxes, and what is seen around them lowers their scores"
        yield Finding(variable("segmenter_weights"), is_well=True, detail=told)


def examine_models(settings: DiffusionSettings) -> Iterator[Finding]:
    """Read of every model what it can do, without loading it: weights of another family cannot be read so."""
    try:
        for model in served_models("diffusion", Models(settings), settings):
            setting = "keyframe_family" if model.makes == "keyframe" else "motion_family"
            sizes = ", ".join(f"{size.width}x{size.height}" for size in model.sizes)
            yield Finding(variable(setting), is_well=True, detail=f"{model.family} makes {sizes}")
    except WeightsRefused as refused:
        yield Finding(refused.setting, is_well=False, detail=str(refused))


def examine_weights(sources: Iterable[WeightsSource], finder: WeightsFinder) -> Iterator[Finding]:
    for source in sources:
        try:
            found = finder.find(source)
            yield Finding(source.setting, is_well=True, detail=f"{found.path} ({found.digest[:12]})")
        except WeightsRefused as refused:
            yield Finding(refused.setting, is_well=False, detail=str(refused))


def check_device(settings: DiffusionSettings) -> Finding:
    """Whether a tensor can be made there."""
    device = settings.chosen_device()
    try:
        torch.zeros(1, dtype=device.dtype, device=device.name)
    except (RuntimeError, AssertionError) as refused:
        mend = "Set it to cpu, or give the worker an accelerator and a build of torch for it."
        return Finding(variable("device"), is_well=False, detail=f"{refused} {mend}")
    return Finding(variable("device"), is_well=True, detail=f"{device.name}, {device.dtype}")


def main() -> int:
    prefix = PREFIX
    try:
        settings = DiffusionSettings()
        prefix = TRAINING_PREFIX
        training = TrainingSettings()
        prefix = SPACE_PREFIX
        embedding = EmbeddingSettings()
    except ValidationError as refused:
        for each in refused.errors(include_url=False, include_input=False):
            print(f"no   {prefix}{'_'.join(str(part) for part in each['loc']).upper()}: {each['msg']}")
        return 1
    findings = list(dict.fromkeys(examine(settings, training, embedding)))
    for finding in findings:
        print(f"{'yes' if finding.is_well else 'no '}  {finding.setting}: {finding.detail}")
    return 0 if all(finding.is_well for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
