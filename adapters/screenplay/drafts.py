"""Drafts of shots: beats with their people become pictures with a place, words and a length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from adapters.screenplay.beats import BeatKind
from adapters.screenplay.lexicon import Lexicon
from adapters.screenplay.names import WORD, Figure
from adapters.screenplay.pacing import READING_SECONDS_MIN, reading_seconds
from adapters.screenplay.places import SettingReader
from adapters.screenplay.staging import StagedBeat
from domain.storyboards.models import Mood, Setting, TimeOfDay

_ESTABLISHING_SECONDS = 3.0
_LOOK_AHEAD_BEATS = 8
_EXCHANGED_SECONDS_MAX = 2.2
_SPEAKS = {"en": "{name} speaks.", "zh": "{name}说话。"}
_SPEAKS_TO = {"en": "{name} speaks to {listener}.", "zh": "{name}对{listener}说话。"}
_MOOD_SHOTS_MAX = 2
_DARK = frozenset({TimeOfDay.DUSK, TimeOfDay.NIGHT})


@dataclass(frozen=True, slots=True)
class Line:
    """Words that somebody says, by the name that the audience knows them by."""

    text: str
    speaker: Figure | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A shot before the camera is placed."""

    kind: BeatKind
    action: str
    narration: str
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...]
    listener: Figure | None
    setting: Setting
    cues: frozenset[str]
    scene: int
    seconds: float
    opens_scene: bool = False
    has_people: bool = False


class Drafter:
    """Walks through the staged beats, keeping the scene."""

    def __init__(self, places: SettingReader, lexicon: Lexicon) -> None:
        self._places = places
        self._lexicon = lexicon
        self._setting = Setting()
        self._scene = 0
        self._has_place = False
        self._opens = True
        self._drafts: list[Draft] = []

    def draft(self, beats: Sequence[StagedBeat]) -> list[Draft]:
        for index, staged in enumerate(beats):
            if staged.beat.kind is BeatKind.SCENE:
                self._open_scene(staged, beats[index + 1 :])
            elif staged.beat.kind is BeatKind.BREAK:
                self._break()
                self._setting = replace(self._setting, weather=Setting().weather)
            else:
                self._look_around(staged, beats[index : index + _LOOK_AHEAD_BEATS])
                self._add(staged)
        return _with_moods(_exchanged(self._drafts, self._lexicon), self._places)

    def _break(self) -> None:
        if self._drafts and not self._opens:
            self._scene += 1
            self._opens = True
        self._has_place = False

    def _open_scene(self, opening: StagedBeat, following: Sequence[StagedBeat]) -> None:
        self._break()
        heading = opening.beat.text
        self._has_place = True
        scene = list(_until_scene(following))
        setting = self._places.heading(heading, self._setting)
        told = [staged.beat.text for staged in scene if staged.beat.kind is BeatKind.ACTION]
        if self._lexicon.time.first(heading) is None and not any(map(self._lexicon.time.is_in, told)):
            hint = self._places.hinted_time([s.beat.text for s in scene if s.beat.kind is BeatKind.SPEECH])
            setting = replace(setting, time_of_day=hint or setting.time_of_day)
        self._setting = setting
        text = setting.name or heading
        self._append(
            Draft(
                kind=BeatKind.SCENE,
                action=text,
                narration=text,
                lines=(),
                figures=(),
                listener=None,
                setting=setting,
                cues=self._cues(text),
                scene=self._scene,
                seconds=max(_ESTABLISHING_SECONDS, reading_seconds(text, self._lexicon)),
                has_people=opening.has_people,
            )
        )

    def _look_around(self, staged: StagedBeat, ahead: Sequence[StagedBeat]) -> None:
        """Follow the story to another place or hour; the first place may be named a little later."""
        is_told = staged.beat.kind is BeatKind.ACTION
        text = staged.beat.text if is_told else staged.beat.manner
        before = self._setting
        after = self._places.place(text, before) if is_told else before
        if self._opens and not self._has_place and after is before:
            after = self._foreseen(ahead, before)
        moved = after is not before
        timed = self._places.time(text, after)
        if self._has_place and (moved or timed.time_of_day is not after.time_of_day):
            self._break()
        self._has_place = self._has_place or moved
        # A storm lasts until the story says otherwise, or a new day begins.
        is_new_day = before.time_of_day in _DARK and timed.time_of_day not in _DARK
        weather = Setting().weather if is_new_day else before.weather
        self._setting = self._places.weather(text, replace(timed, weather=weather))

    def _foreseen(self, ahead: Sequence[StagedBeat], before: Setting) -> Setting:
        told = (staged.beat.text for staged in ahead if staged.beat.kind is BeatKind.ACTION)
        return next((place for text in told if (place := self._places.place(text, before)) is not before), before)

    def _add(self, staged: StagedBeat) -> None:
        beat = staged.beat
        if beat.kind is BeatKind.SPEECH:
            self._append(self._speech(staged))
            return
        self._append(
            Draft(
                kind=BeatKind.ACTION,
                action=beat.text,
                narration=beat.text,
                lines=(),
                figures=staged.figures,
                listener=None,
                setting=self._setting,
                cues=self._cues(beat.text),
                scene=self._scene,
                seconds=reading_seconds(beat.text, self._lexicon),
                has_people=staged.has_people,
            )
        )

    def _speech(self, staged: StagedBeat) -> Draft:
        beat = staged.beat
        return Draft(
            kind=BeatKind.SPEECH,
            action=self._spoken_action(staged),
            narration="",
            lines=(Line(beat.text, staged.speaker),),
            figures=staged.figures,
            listener=staged.listener,
            setting=self._setting,
            cues=self._cues(f"{beat.manner} {beat.text}") | self._loud(beat.text),
            scene=self._scene,
            seconds=reading_seconds(beat.text, self._lexicon),
            has_people=staged.has_people,
        )

    def _spoken_action(self, staged: StagedBeat) -> str:
        manner = staged.beat.manner
        if len(manner) > 3 and not (staged.speaker and self._only_says(manner)):
            return manner
        if self._lexicon.language == "en" and staged.speaker and (felt := self._felt(manner)):
            return f"{staged.speaker.name} {felt}."
        name = staged.speaker.name if staged.speaker else staged.beat.speaker.rstrip(".")
        listener = staged.listener.name if staged.listener else ""
        pattern = (_SPEAKS_TO if listener else _SPEAKS).get(
            self._lexicon.language, (_SPEAKS_TO if listener else _SPEAKS)["en"]
        )
        return pattern.format(name=name, listener=listener) if name else staged.beat.text

    def _only_says(self, manner: str) -> bool:
        """Tell "he said" and "asked Tom" from a manner that can be seen."""
        rest = self._places.without_names(manner)
        for words in (self._lexicon.said, self._lexicon.pronouns):
            for found in reversed(words.find(rest)):
                rest = rest[: found.start] + " " + rest[found.end :]
        return all(word.casefold() in self._lexicon.articles for word in WORD.findall(rest))

    def _felt(self, manner: str) -> str:
        """Answer the verb that says how it is said: whispered, laughed; empty for "said"."""
        says = self._lexicon.said.first(manner)
        is_felt = bool(self._cues(manner)) or self._places.mood(manner) is not None
        return says.word.lower() if says and is_felt else ""

    def _cues(self, text: str) -> frozenset[str]:
        return self._lexicon.cues(text)

    def _loud(self, text: str) -> frozenset[str]:
        return frozenset({"loud"}) if text.rstrip("\"'”’」』 ").endswith(("!", "！")) else frozenset()

    def _append(self, draft: Draft) -> None:
        self._drafts.append(replace(draft, opens_scene=self._opens))
        self._opens = False


def _until_scene(beats: Iterable[StagedBeat]) -> Iterable[StagedBeat]:
    for staged in beats:
        if staged.beat.kind in (BeatKind.SCENE, BeatKind.BREAK):
            return
        yield staged


def _exchanged(drafts: Sequence[Draft], lexicon: Lexicon) -> list[Draft]:
    """Put a quick question and its answer into one picture of both."""
    kept: list[Draft] = []
    for draft in drafts:
        if kept and _is_quick(kept[-1]) and _is_quick(draft) and _may_share(kept[-1], draft):
            seconds = READING_SECONDS_MIN + reading_seconds(draft.lines[0].text, lexicon) - 0.5
            kept[-1] = replace(
                kept[-1],
                lines=kept[-1].lines + draft.lines,
                figures=tuple(dict.fromkeys((*kept[-1].figures, *draft.figures))),
                cues=kept[-1].cues | draft.cues,
                seconds=seconds,
                has_people=kept[-1].has_people or draft.has_people,
            )
        else:
            kept.append(draft)
    return kept


def _is_quick(draft: Draft) -> bool:
    words = draft.lines[0].text if len(draft.lines) == 1 else ""
    return bool(words) and len(words.split()) <= 2 and len(words) <= 14 and draft.seconds <= _EXCHANGED_SECONDS_MAX


def _may_share(one: Draft, other: Draft) -> bool:
    return one.scene == other.scene and one.figures != other.figures and len(one.figures) == len(other.figures) == 1


def _with_moods(drafts: Sequence[Draft], places: SettingReader) -> list[Draft]:
    """Colour each shot by its own words, else by the shot before it in the same scene."""
    coloured: list[Draft] = []
    mood, shots_left = Mood.NEUTRAL, 0
    for draft in drafts:
        own = places.mood(" ".join([draft.action, *(line.text for line in draft.lines)]))
        is_carried = own is None and shots_left > 0 and bool(coloured) and coloured[-1].scene == draft.scene
        shots_left = _MOOD_SHOTS_MAX if own else shots_left - 1
        mood = own or (mood if is_carried else Mood.NEUTRAL)
        coloured.append(replace(draft, setting=replace(draft.setting, mood=mood)))
    return coloured
