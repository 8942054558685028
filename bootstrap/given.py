"""Which of the operator's settings an embedded lab goes by: all of the lab's but those that its stack sets itself."""

from collections.abc import Mapping, Sequence

from bootstrap.settings import Settings

PREFIX = "LAB_"


def given_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Those of the lab in an environment; of workers and tests there are others that begin alike."""
    return {name: value for name, value in environment.items() if value and is_setting(name)}


def is_setting(name: str) -> bool:
    section = name.removeprefix(PREFIX).partition("__")[0].lower()
    return name.startswith(PREFIX) and (section in Settings.model_fields or section == "config")


def unused(given: Mapping[str, str], used: Mapping[str, str]) -> Sequence[str]:
    """Name the settings that were given and are not what a lab with the settings `used` goes by."""
    return sorted(name for name, value in given.items() if used.get(name) != value)
