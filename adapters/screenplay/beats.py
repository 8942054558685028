"""Beats: what a script is made of once it is read, before anybody thinks of shots."""

from dataclasses import dataclass
from enum import StrEnum


class BeatKind(StrEnum):
    """SCENE opens a new place, ACTION tells what is seen, SPEECH is said by somebody, BREAK ends a scene."""

    SCENE = "scene"
    ACTION = "action"
    SPEECH = "speech"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that the script says; `speaker` in the script's own words (a name, a pronoun or nothing);
    `goes_on` when it is the rest of the beat before.
    """

    kind: BeatKind
    text: str
    speaker: str = ""
    manner: str = ""
    paragraph: int = 0
    goes_on: bool = False
