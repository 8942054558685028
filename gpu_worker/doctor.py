"""Say what is amiss with the models of a GPU worker, setting by setting, with the mend: `python -m gpu_worker.doctor`.

It runs in the worker's own environment: the lab has neither the weights nor the device.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from pydantic import ValidationError

from gpu_worker.pipelines.diffusion.families import KEYFRAMES, MOTION
from gpu_worker.pipelines.diffusion.models import WEIGHTS, chosen, find_weights
from gpu_worker.pipelines.diffusion.settings import PREFIX, DiffusionSettings, variable
from gpu_worker.weights.errors import WeightsRefused
from gpu_worker.weights.source import WeightsFinder


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one setting; `detail` is what it came to, or the complaint with its mend."""

    setting: str
    is_well: bool
    detail: str


def examine(settings: DiffusionSettings) -> Iterator[Finding]:
    """Look at the device, the families and all weights that are set; none that fails stops the others."""
    yield check_device(settings)
    for known, setting in ((KEYFRAMES, "keyframe_family"), (MOTION, "motion_family")):
        name: str = getattr(settings, setting)
        if name:
            try:
                chosen(known, name, setting)
                yield Finding(variable(setting), is_well=True, detail=name)
            except WeightsRefused as refused:
                yield Finding(refused.setting, is_well=False, detail=str(refused))
    finder = WeightsFinder(settings.cache_folder)
    for source in (settings.source(name) for name in WEIGHTS):
        if source is not None:
            try:
                found = finder.find(source)
                yield Finding(source.setting, is_well=True, detail=f"{found.path} ({found.digest[:12]})")
            except WeightsRefused as refused:
                yield Finding(refused.setting, is_well=False, detail=str(refused))
    try:
        find_weights(settings)
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
    try:
        settings = DiffusionSettings()
    except ValidationError as refused:
        for each in refused.errors(include_url=False, include_input=False):
            print(f"no   {PREFIX}{'_'.join(str(part) for part in each['loc']).upper()}: {each['msg']}")
        return 1
    findings = list(dict.fromkeys(examine(settings)))
    for finding in findings:
        print(f"{'yes' if finding.is_well else 'no '}  {finding.setting}: {finding.detail}")
    return 0 if all(finding.is_well for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
