"""What sets a worker up with the tiny models of a folder; nothing of torch is needed to know it."""

from collections.abc import Mapping
from pathlib import Path

SETTINGS_FILE = "worker.env"
# Of an IP-Adapter, in its folder.
FILE, ENCODER = "ip-adapter.safetensors", "image_encoder"


def worker_settings(folder: Path) -> Mapping[str, str]:
    """Answer environment variables: Stable Diffusion with its IP-Adapter, moved by AnimateDiff, in few steps."""
    return {
        "LAB_DIFFUSION_KEYFRAME_FAMILY": "stable_diffusion",
        "LAB_DIFFUSION_KEYFRAME_WEIGHTS": str(folder / "stable_diffusion"),
        "LAB_DIFFUSION_IMAGE_PROMPT_WEIGHTS": str(folder / "stable_diffusion_image_prompt"),
        "LAB_DIFFUSION_IMAGE_PROMPT_FILE": FILE,
        "LAB_DIFFUSION_IMAGE_PROMPT_ENCODER": ENCODER,
        "LAB_DIFFUSION_MOTION_FAMILY": "animatediff",
        "LAB_DIFFUSION_MOTION_ADAPTER_WEIGHTS": str(folder / "animatediff"),
        "LAB_DIFFUSION_STEPS": "12",
        "LAB_DIFFUSION_MOTION_STEPS": "6",
        "LAB_DIFFUSION_PREVIEW_STEPS": "3",
        "LAB_TRAINING_SCORER_WEIGHTS": str(folder / "clip"),
        # Threads wait for each other longer than such small models work.
        "OMP_NUM_THREADS": "1",
    }


def write_settings(folder: Path) -> None:
    """Write them as `NAME=VALUE` lines; the file is there only when the models are."""
    written = folder / f"{SETTINGS_FILE}.new"
    written.write_text("".join(f"{name}={value}\n" for name, value in worker_settings(folder).items()))
    written.replace(folder / SETTINGS_FILE)
