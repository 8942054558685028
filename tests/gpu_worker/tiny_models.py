"""The tiny models, each built at its first use in a run; nothing of torch is imported before."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

WITH_IMAGE_PROMPT = frozenset({"stable_diffusion", "stable_diffusion_xl"})


class TinyModels:
    """Folders of tiny models by the name of their module in `gpu_worker.tiny`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def folder(self, name: str) -> Path:
        """Answer the model's folder."""
        folder = self._folder / name
        if not folder.exists():
            build: Callable[[Path], Path] = getattr(import_module(f"gpu_worker.tiny.{name}"), f"build_{name}")
            build(folder)
        return folder

    def image_prompt(self, name: str) -> Path:
        """Answer the folder of an IP-Adapter for that model."""
        folder = self._folder / f"{name}_image_prompt"
        if not folder.exists():
            build: Callable[[Path, Path], Path] = import_module("gpu_worker.tiny.image_prompt").build_image_prompt
            build(folder, self.folder(name))
        return folder

    def diffusion_environment(self, name: str = "stable_diffusion") -> dict[str, str]:
        """What sets the engine `diffusion` up with that model and, where it has a U-Net, its IP-Adapter."""
        return {
            "LAB_DIFFUSION_KEYFRAME_FAMILY": name,
            "LAB_DIFFUSION_KEYFRAME_WEIGHTS": str(self.folder(name)),
            **self._image_prompt_environment(name),
            "LAB_DIFFUSION_DEVICE": "cpu",
            "LAB_DIFFUSION_STEPS": "3",
            "LAB_DIFFUSION_PREVIEW_STEPS": "1",
            "LAB_DIFFUSION_CACHE_FOLDER": str(self._folder / "cache"),
        }

    def _image_prompt_environment(self, name: str) -> dict[str, str]:
        if name not in WITH_IMAGE_PROMPT:
            return {}
        return {
            "LAB_DIFFUSION_IMAGE_PROMPT_WEIGHTS": str(self.image_prompt(name)),
            "LAB_DIFFUSION_IMAGE_PROMPT_FILE": "ip-adapter.safetensors",
            "LAB_DIFFUSION_IMAGE_PROMPT_ENCODER": "image_encoder",
        }
