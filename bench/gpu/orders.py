"""The keyframe that workers are asked for: one character with one reference picture."""

from contracts.commands import CastFigure, MakeKeyframe, SettingPlan, ShotPlan

ENGINE = "gpu_worker.pipelines.diffusion.engine:DiffusionEngine"
REFERENCE = "fox.png"


def keyframe(seed: int, side: int) -> MakeKeyframe:
    """Each seed has a prompt of its own, too."""
    fox = CastFigure(character_id="fox", name="Fox", cut_outs=[REFERENCE])
    shot = ShotPlan(action=f"Fox walks past house {seed}.", setting=SettingPlan(), cast=[fox])
    return MakeKeyframe(engine="diffusion", seed=seed, width=side, height=side, shot=shot, scene_seed=1)
