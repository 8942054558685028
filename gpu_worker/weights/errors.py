"""What can be wrong with weights; each sentence names the setting to mend.

WeightsRefused
├── WeightsMissing    nothing lies there, or the hub does not have it here
├── WeightsUnsafe     a pickle, which is a program, not data
├── WeightsCorrupt    torn or no safetensors
└── WeightsChanged    another digest than the one that was set
"""


class WeightsRefused(Exception):
    """These weights are not used; `setting` is the environment variable that names them."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(f"{setting}: {reason}")
        self.setting = setting


class WeightsMissing(WeightsRefused):
    """Nothing lies there, or the hub does not have it here."""


class WeightsUnsafe(WeightsRefused):
    """A pickle, which is a program, not data."""


class WeightsCorrupt(WeightsRefused):
    """Torn, or no safetensors."""


class WeightsChanged(WeightsRefused):
    """Another digest than the one that was set."""
