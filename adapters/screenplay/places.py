"""Where and when: scenery, time of day, weather and mood, as the words of the script tell."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from adapters.screenplay.casting import Roster
from adapters.screenplay.lexicon import Found, Lexicon
from adapters.screenplay.names import is_glued
from adapters.screenplay.sentences import presentable
from domain.storyboards.models import Mood, Scenery, Setting, TimeOfDay, Weather
from domain.storyboards.texts import PLACE_CHARACTERS_MAX

_INTERIORS = frozenset({Scenery.ROOM, Scenery.HALL, Scenery.CAVE})
_BEHIND_DOORS = {Scenery.CASTLE: Scenery.HALL, Scenery.MOUNTAINS: Scenery.CAVE}
_PREFIX = re.compile(
    r"^(?P<where>INT\.?/EXT|I/E|INT|EXT|(?-i:EST))[. ]+\s*|^(?P<cjk>[内內外])景[：:.。，、·—–\s-]*", re.IGNORECASE
)
_HEADING_TIME = re.compile(
    r"\s+[-–—]+\s*(?P<time>[^-–—]+)$|(?:\s+|\s*[-–—，,·.]\s*)(?P<cjk>[日夜晨昏早晚][^，,。]{0,2})$", re.IGNORECASE
)
_TIMES = {
    "日": TimeOfDay.DAY,
    "夜": TimeOfDay.NIGHT,
    "晚": TimeOfDay.NIGHT,
    "晨": TimeOfDay.DAWN,
    "早": TimeOfDay.DAWN,
    "昏": TimeOfDay.DUSK,
}
_OWNED = re.compile(r"((?:[^\W\d_a-z][\w]*\.?\s+)*[^\W\d_a-z][\w-]*['’]s?\s+)$")


class SettingReader:
    """Follows the script from place to place; a place lasts until the script names another one."""

    def __init__(self, roster: Roster, lexicon: Lexicon) -> None:
        self._roster = roster
        self._lexicon = lexicon
        self._outside = Setting()

    def heading(self, text: str, before: Setting) -> Setting:
        """Read a scene heading: "INT. HOUSE - NIGHT", "Elsinore. A platform before the castle."."""
        prefix = _PREFIX.match(text)
        body = text[prefix.end() :] if prefix else text
        time = self._heading_time(body)
        name = _HEADING_TIME.sub("", body).strip(" .。") if time or prefix else body.strip(" .。")
        found = self._lexicon.scenery.find(name)
        inside = self._is_inside(prefix)
        goes_on = "CONTINUOUS" in text.upper()
        scenery = Scenery(found[-1].tag) if found else (Scenery.ROOM if inside else Scenery.FIELD)
        setting = Setting(
            name=_within_limits(_in_sentence_case(name)),
            scenery=scenery,
            is_interior=scenery in _INTERIORS if inside is None else inside,
            time_of_day=time or (before.time_of_day if goes_on else TimeOfDay.DAY),
            weather=before.weather if goes_on else Setting().weather,
        )
        return self.weather(text, setting)

    def _heading_time(self, body: str) -> TimeOfDay | None:
        end = _HEADING_TIME.search(body)
        if end and (mark := end.group("cjk")):
            return _TIMES[mark[0]]
        words = self._lexicon.time.find(end.group("time") if end else body)
        return TimeOfDay(words[0].tag) if words else None

    def _is_inside(self, prefix: re.Match[str] | None) -> bool | None:
        if prefix is None:
            return None
        where = (prefix.group("where") or "").upper()
        return prefix.group("cjk") in ("内", "內") or (where.startswith("INT") and "EXT" not in where)

    def place(self, text: str, before: Setting) -> Setting:
        """Answer the setting after a sentence of narration; names of figures are not places."""
        seen = self.without_names(text)
        found = self._lexicon.scenery.first(seen)
        if found is None:
            return self._through_a_door(seen, before)
        scenery = Scenery(found.tag)
        if scenery is before.scenery and before.name:
            return before
        return replace(
            before, name=_within_limits(_place_name(text, found)), scenery=scenery, is_interior=scenery in _INTERIORS
        )

    def _through_a_door(self, text: str, before: Setting) -> Setting:
        """Follow "she ran inside", and "he went outside" back to where the story was under the sky."""
        door = self._lexicon.doors.first(text)
        goes = door is not None and (door.start == 0 or "motion" in self._lexicon.cues(text))
        rest = text[door.end :].split() if door else []
        if door is None or not goes or (rest and rest[0].casefold() in self._lexicon.articles):
            return before
        if door.tag == "outside":
            outside = replace(self._outside, time_of_day=before.time_of_day, weather=before.weather)
            return outside if before.is_interior else before
        if before.is_interior:
            return before
        self._outside = before
        return replace(before, scenery=_BEHIND_DOORS.get(before.scenery, Scenery.ROOM), is_interior=True)

    def without_names(self, text: str) -> str:
        """Blank out names, so that 愚公 of 北山 or Mr. Field is not taken for a place."""
        for mention in self._roster.mentions(text):
            start = mention.start
            # 河曲智叟: what stands right before a Chinese name belongs to it.
            is_touched = is_glued(text[mention.start : mention.end]) and not self._lexicon.is_spaced
            while is_touched and start > max(0, mention.start - 2) and text[start - 1].isalnum():
                start -= 1
            text = text[:start] + "\u2003" * (mention.end - start) + text[mention.end :]
        return text

    def time(self, text: str, before: Setting) -> Setting:
        found = self._lexicon.time.first(text)
        return replace(before, time_of_day=TimeOfDay(found.tag)) if found else before

    def weather(self, text: str, before: Setting) -> Setting:
        found = self._lexicon.weather.first(self.without_names(text))
        return replace(before, weather=Weather(found.tag)) if found else before

    def hinted_time(self, speeches: Sequence[str]) -> TimeOfDay | None:
        """Guess the light from what people say ("'Tis now struck twelve", "good night"), where nothing else tells."""
        votes = Counter(found.tag for speech in speeches for found in self._lexicon.time.find(speech))
        return TimeOfDay(votes.most_common(1)[0][0]) if votes else None

    def mood(self, text: str) -> Mood | None:
        """Answer the feeling that most words of a text point to; None when none does."""
        votes = Counter(found.tag for found in self._lexicon.mood.find(text))
        return Mood(votes.most_common(1)[0][0]) if votes else None


def _place_name(text: str, found: Found) -> str:
    owner = _OWNED.search(text[: found.start])
    return f"{owner.group(1)}{found.word}" if owner else found.word


def _within_limits(name: str) -> str:
    """Cut the name of a place to what a user may write: a longer one would refuse every later edit of its shot."""
    return presentable(name, PLACE_CHARACTERS_MAX)


def _in_sentence_case(name: str) -> str:
    return name.capitalize() if name.isupper() and len(name) > 3 else name
