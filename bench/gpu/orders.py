"""The keyframes that workers are asked for: one character with one reference picture, or by words alone."""

from contracts.commands import CastFigure, MakeKeyframe, SettingPlan, ShotPlan

ENGINE = "gpu_worker.pipelines.diffusion.engine:DiffusionEngine"
REFERENCE = "fox.png"


def keyframe(seed: int, side: int, *, has_reference: bool = True) -> MakeKeyframe:
    """Each seed has a prompt of its own, too."""
    cast = [CastFigure(character_id="fox", name="Fox", cut_outs=[REFERENCE])] if has_reference else []
    shot = ShotPlan(action=f"Fox walks past house {seed}.", setting=SettingPlan(), cast=cast)
    return MakeKeyframe(engine="diffusion", seed=seed, width=side, height=side, shot=shot, scene_seed=1)
