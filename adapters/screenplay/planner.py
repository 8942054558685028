"""The built-in writer: a storyboard from a script without any model."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Sequence

from adapters.screenplay.beats import Beat, BeatKind
from adapters.screenplay.casting import Roster
from adapters.screenplay.drafts import Draft, Drafter, Line
from adapters.screenplay.grammar import Camera, Director
from adapters.screenplay.lexicon import Lexicon, lexicon_of
from adapters.screenplay.names import Figure
from adapters.screenplay.pacing import scaled, shot_worthy
from adapters.screenplay.places import SettingReader
from adapters.screenplay.prose import read_prose
from adapters.screenplay.script import is_script, read_script, script_lines
from adapters.screenplay.sentences import has_letters, presentable, shortened
from adapters.screenplay.staging import Stage
from adapters.screenplay.strangers import discover_strangers
from domain.errors import Invalid, LimitExceeded
from domain.storyboards.models import (
    CAST_IN_SHOT_MAX,
    SCRIPT_CHARACTERS_MAX,
    SHOTS_MAX,
    CastMember,
    DialogueLine,
    ShotContent,
)
from domain.storyboards.ports import LanguageDetector, WritingOrder
from domain.storyboards.texts import SPEAKER_CHARACTERS_MAX, TEXT_CHARACTERS_MAX

_COMFORTS = (1.0, 1.6, 2.4)
_BLANKS = re.compile(r"[^\S\n\u3000]{2,}")
_LONG_RUN = re.compile(r"([^\w\n]{60})[^\w\n]+")


class ScreenplayPlanner:
    """Reads a script as a director does: who, where, when, then how near the camera stands."""

    name = "builtin"

    def __init__(self, languages: LanguageDetector) -> None:
        self._languages = languages

    async def plan(self, order: WritingOrder) -> AsyncIterator[ShotContent]:
        """Yield the shots in order; the same order always gives the same shots."""
        _refuse_unreadable(order.script)
        # A script of 200,000 characters takes over a second of pure computing: not on the event loop.
        for content in await asyncio.to_thread(self.plan_all, order):
            yield content

    def plan_all(self, order: WritingOrder) -> list[ShotContent]:
        """Answer all shots at once."""
        text = _readable(order.script)
        if not has_letters(text):
            raise Invalid("The script has no words to film.", field="script")
        lexicon = lexicon_of(order.language or self._languages.detect(text))
        roster = Roster(order.cast, lexicon, text)
        lines = script_lines(text)
        is_play = is_script(lines)
        if not is_play:
            discover_strangers(text, roster, lexicon)
        beats = read_script(lines, lexicon) if is_play else read_prose(text, roster, lexicon)
        for beat in beats:
            if beat.kind is BeatKind.SPEECH and is_play:
                roster.named(beat.speaker)
            elif beat.kind is BeatKind.ACTION:
                discover_strangers(beat.text, roster, lexicon)
        drafts = _fitting_drafts(beats, roster, lexicon)
        if not drafts:
            raise Invalid("The script has headings but nothing that happens.", field="script")
        return _shots(drafts, order.seconds_target)


def _fitting_drafts(beats: Sequence[Beat], roster: Roster, lexicon: Lexicon) -> list[Draft]:
    """Draft with ever longer shots until a storyboard holds them."""
    shots = 0
    for comfort in _COMFORTS:
        if comfort < min(shots / SHOTS_MAX, _COMFORTS[-1]):
            continue
        worthy = shot_worthy(beats, lexicon, comfort=comfort)
        shots = len(worthy)
        # Quick exchanges may halve the number, no more: a hopeless script is not staged first.
        if shots > 2 * SHOTS_MAX:
            continue
        drafts = Drafter(SettingReader(roster, lexicon), lexicon).draft(Stage(roster, lexicon).stage(worthy))
        shots = len(drafts)
        if shots <= SHOTS_MAX:
            return drafts
    raise Invalid(f"The script makes {shots} shots; a storyboard holds {SHOTS_MAX}. Split the script.", field="script")


def _refuse_unreadable(script: str) -> None:
    if len(script) > SCRIPT_CHARACTERS_MAX:
        raise LimitExceeded(
            f"The script has {len(script):,} characters; at most {SCRIPT_CHARACTERS_MAX:,} are read.", field="script"
        )
    if not script.strip():
        raise Invalid("The script is empty.", field="script")


def _readable(script: str) -> str:
    """One form for each letter and line end, without control characters (a stray NUL cannot be stored)."""
    text = unicodedata.normalize("NFC", script.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\t", " ")
    kept = "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs"))
    # Patterns that look for the end of a run of blanks or marks take quadratic time on runs of 100,000.
    return _LONG_RUN.sub(r"\1", _BLANKS.sub(" ", kept))


def _shots(drafts: Sequence[Draft], seconds_target: float | None) -> list[ShotContent]:
    cameras = Director().direct(drafts)
    seconds = scaled([draft.seconds for draft in drafts], seconds_target)
    return [_content(*parts) for parts in zip(drafts, cameras, seconds, strict=True)]


def _content(draft: Draft, camera: Camera, seconds: float) -> ShotContent:
    pairs = zip(camera.figures, camera.placements, strict=True)
    known = [CastMember(figure.id, placement) for figure, placement in pairs if figure.id is not None]
    cast = tuple(known[:CAST_IN_SHOT_MAX])
    return ShotContent(
        action=shortened(draft.action, TEXT_CHARACTERS_MAX),
        cast=cast,
        extras=draft.has_people or len(cast) < len(known) or any(figure.id is None for figure in draft.figures),
        setting=draft.setting,
        dialogue=tuple(_line(line) for line in draft.lines),
        narration=shortened(draft.narration, TEXT_CHARACTERS_MAX),
        size=camera.size,
        move=camera.move,
        transition=camera.transition,
        seconds=seconds,
    )


def _line(line: Line) -> DialogueLine:
    speaker: Figure | None = line.speaker
    name = presentable(speaker.name, SPEAKER_CHARACTERS_MAX) if speaker else ""
    return DialogueLine(shortened(line.text, TEXT_CHARACTERS_MAX), name, speaker.id if speaker else None)
