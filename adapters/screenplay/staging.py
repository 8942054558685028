"""Who is in the picture: names, pronouns and partners in talk, resolved beat by beat."""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapters.screenplay.beats import Beat, BeatKind
from adapters.screenplay.casting import Roster, is_possessive
from adapters.screenplay.lexicon import Found, Lexicon
from adapters.screenplay.names import Figure, Mention

_MEMORY_BEATS = 6
# Languages that leave the subject out when it stays the same.
_PRO_DROP = frozenset({"ja", "ko", "es", "it", "pt", "ro", "el"})
_CHINESE_SEQUEL = re.compile(r"^(?:遂|乃|便|就|又|于是|於是|然后|然後|接着|接著|终于|終於|从此|從此)")
_TALK_BEATS = 4


@dataclass(frozen=True, slots=True)
class StagedBeat:
    """A beat with the people in it: `figures` with the subject first, `listener` who is spoken to; `has_people` when
    it tells of a crowd besides.
    """

    beat: Beat
    figures: tuple[Figure, ...] = ()
    speaker: Figure | None = None
    listener: Figure | None = None
    has_people: bool = False


class Stage:
    """Remembers who was there, as a reader does."""

    def __init__(self, roster: Roster, lexicon: Lexicon) -> None:
        self._roster = roster
        self._lexicon = lexicon
        self._recent: deque[tuple[Figure, ...]] = deque(maxlen=_MEMORY_BEATS)
        # Who was there before the scene changed: "they" may still mean them, but nobody speaks to them.
        self._earlier: list[tuple[Figure, ...]] = []
        self._talk: list[Figure] = []
        self._beats_since_talk = 0
        self._paragraph = -1
        self._subject: Figure | None = None
        self._topic: Figure | None = None

    def stage(self, beats: Iterable[Beat]) -> list[StagedBeat]:
        return [self._staged(beat) for beat in beats]

    def _staged(self, beat: Beat) -> StagedBeat:
        if beat.kind is BeatKind.SPEECH:
            staged = self._speech(beat)
        elif beat.kind is BeatKind.ACTION:
            staged = self._action(beat)
        else:
            self._earlier = [*self._recent, *self._earlier][:_MEMORY_BEATS]
            self._recent.clear()
            self._talk.clear()
            return StagedBeat(beat, has_people=self._tells_of_people(beat.text))
        self._remember(staged)
        return staged

    def _tells_of_people(self, seen: str) -> bool:
        """Whether words for a crowd stand in what is seen; within a name they are somebody's own ("King of Men")."""
        found = self._lexicon.people.find(seen)
        names = self._roster.mentions(seen) if found else []
        return any(not any(name.start <= word.start < name.end for name in names) for word in found)

    def _remember(self, staged: StagedBeat) -> None:
        beat, first = staged.beat, staged.figures[0] if staged.figures else None
        if beat.paragraph != self._paragraph:
            self._topic = None
        self._topic = self._topic or first
        if not beat.goes_on:
            self._subject = first
        if staged.figures:
            self._recent.appendleft(staged.figures)
        self._beats_since_talk = 0 if beat.kind is BeatKind.SPEECH else self._beats_since_talk + 1
        if self._beats_since_talk > _TALK_BEATS:
            self._talk.clear()
        self._paragraph = beat.paragraph

    def _action(self, beat: Beat) -> StagedBeat:
        pronouns = self._lexicon.pronouns.find(beat.text)
        mentions = self._present(beat.text, has_pronoun=bool(pronouns))
        figures = [figure for found in pronouns for figure in self._meant(found, mentions, is_sequel=beat.goes_on)]
        named = [mention.figure for mention in mentions]
        leads = bool(pronouns) and (not mentions or pronouns[0].start < mentions[0].start)
        together = [*figures, *named] if leads else [*named, *figures]
        understood = self._understood(beat, mentions, pronouns)
        seen = _distinct([understood, *together] if understood else together)
        return StagedBeat(beat, seen, has_people=self._tells_of_people(beat.text))

    def _present(self, text: str, *, has_pronoun: bool) -> list[Mention]:
        """Answer the names of those who are there: Mr. McGregor's garden may be without him."""
        mentions = self._roster.mentions(text)
        owners = [mention for mention in mentions if is_possessive(text, mention)]
        others = [mention for mention in mentions if mention not in owners]
        if others or has_pronoun:
            return others
        return [owner for owner in owners if not self._lexicon.scenery.is_in(text[owner.end : owner.end + 16])]

    def _understood(self, beat: Beat, mentions: Sequence[Mention], pronouns: Sequence[Found]) -> Figure | None:
        """Answer the subject that goes without saying: "The Hare ran, | and passed the Tortoise"."""
        if beat.goes_on:
            first = min([found.start for found in pronouns] + [mention.start for mention in mentions], default=99)
            return self._subject if first > len(beat.text) // 8 else None
        if mentions or pronouns or beat.paragraph != self._paragraph:
            return None
        if _CHINESE_SEQUEL.match(beat.text):
            return self._topic
        return self._subject if self._lexicon.language in _PRO_DROP else None

    def _meant(self, pronoun: Found, mentions: Sequence[Mention], *, is_sequel: bool) -> tuple[Figure, ...]:
        """Answer whom a pronoun means, nobody when somebody named before it in the sentence fits."""
        if pronoun.tag == "plural":
            return () if len(mentions) > 1 else self._company()
        if any(mention.start < pronoun.start and _fits(mention.figure, pronoun.tag) for mention in mentions):
            return ()
        if is_sequel and self._subject and _fits(self._subject, pronoun.tag):
            return (self._subject,)
        fitting = self._fitting(pronoun.tag, [mention.figure for mention in mentions])
        return (fitting,) if fitting else ()

    def _fitting(self, gender: str, named: Sequence[Figure] = ()) -> Figure | None:
        """Answer the nearest figure that a pronoun fits; whoever the sentence names besides is somebody else."""
        for figures in [*self._recent, *self._earlier]:
            fitting = [figure for figure in figures if _fits(figure, gender) and figure not in named]
            if fitting:
                return next((figure for figure in fitting if figure.gender == gender), fitting[0])
        return None

    def _company(self) -> tuple[Figure, ...]:
        remembered = [*self._recent, *self._earlier]
        together = next((figures for figures in remembered if len(figures) > 1), ())
        return together or _distinct(figures[0] for figures in remembered[:2])

    def _speech(self, beat: Beat) -> StagedBeat:
        speaker = self._speaker(beat)
        has_people = self._tells_of_people(beat.manner)
        if speaker is None:
            return StagedBeat(beat, has_people=has_people)
        listener = self._listener(speaker)
        if speaker in self._talk:
            self._talk.remove(speaker)
        self._talk.append(speaker)
        return StagedBeat(beat, (speaker,), speaker, listener, has_people)

    def _speaker(self, beat: Beat) -> Figure | None:
        words = beat.speaker.strip()
        pronoun = self._lexicon.pronouns.first(words)
        if words and not (pronoun and pronoun.word == words.rstrip(".")):
            return self._roster.named(words)
        if pronoun:
            company = self._company() if pronoun.tag == "plural" else ()
            return company[0] if company else self._fitting(pronoun.tag)
        if beat.paragraph == self._paragraph or beat.manner:
            return self._recent[0][0] if self._recent else None
        return self._next_in_talk()

    def _next_in_talk(self) -> Figure | None:
        """In a talk without names the two take turns."""
        if len(self._talk) >= 2:
            return self._talk[-2]
        others = [figure for figures in self._recent for figure in figures if figure not in self._talk]
        return others[0] if others else (self._talk[-1] if self._talk else None)

    def _listener(self, speaker: Figure) -> Figure | None:
        partners = [figure for figure in reversed(self._talk) if figure != speaker]
        around = [figure for figures in self._recent for figure in figures if figure != speaker]
        return next(iter([*partners[:1], *around]), None)


def _fits(figure: Figure, gender: str) -> bool:
    return gender in ("", "neuter") or figure.gender in ("", gender)


def _distinct(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple(dict.fromkeys(figures))
