"""Write the tiny models into a folder: `python -m gpu_worker.tiny FOLDER`.

`FOLDER/worker.env` has the settings of a worker that uses them, one `NAME=VALUE` a line.
"""

import sys
from pathlib import Path

from gpu_worker.tiny.animatediff import build_animatediff
from gpu_worker.tiny.clip import build_clip
from gpu_worker.tiny.flux2_klein import build_flux2_klein
from gpu_worker.tiny.image_prompt import build_image_prompt
from gpu_worker.tiny.ltx import build_ltx
from gpu_worker.tiny.stable_diffusion import build_stable_diffusion
from gpu_worker.tiny.stable_diffusion_xl import build_stable_diffusion_xl
from gpu_worker.tiny.stable_video import build_stable_video
from gpu_worker.tiny.vision import build_clip_vision, build_dinov2
from gpu_worker.tiny.wan import build_wan
from gpu_worker.tiny.worker import write_settings

ALONE = {
    "flux2_klein": build_flux2_klein,
    "animatediff": build_animatediff,
    "stable_video": build_stable_video,
    "ltx": build_ltx,
    "wan": build_wan,
}
BUILDERS = {"stable_diffusion": build_stable_diffusion, "stable_diffusion_xl": build_stable_diffusion_xl}


def main(folder: Path) -> None:
    for name, build in BUILDERS.items():
        model = build(folder / name)
        build_image_prompt(folder / f"{name}_image_prompt", model)
    for name, build in ALONE.items():
        build(folder / name)
    build_clip(folder / "clip")
    build_clip_vision(folder / "clip_vision")
    build_dinov2(folder / "dinov2")
    write_settings(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
