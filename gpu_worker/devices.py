"""Which device models live on."""

import torch


def device_named(wanted: str) -> str:
    """What is wanted; for "auto" the first accelerator, or else the CPU."""
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"
