"""Who is meant: names and their inflections, aliases, pronouns."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from adapters.screenplay.lexicon import Found, Lexicon
from adapters.screenplay.names import (
    WORD,
    Figure,
    GluedNames,
    Hit,
    Mention,
    Name,
    SpacedNames,
    is_glued,
    plain_word,
)
from domain.storyboards.ports import KnownCharacter

# Here a name without a capital is a common noun, unless an article makes it somebody ("the hare").
_CAPITALISING = frozenset({"en", "de", "fr", "nl", "es", "it", "pt", "sv", "da", "no"})
# Elsewhere fewer letters without a capital are too often another word: Маша is not in "машу рукой".
_SHARED_LETTERS_MIN = 4
# A film's people are fewer; the words of a script that makes a name of each would be looked for in all its lines.
_STRANGERS_MAX = 500


class Roster:
    """Everybody that the script may speak of: the known cast, and whoever turns out to speak.

    The `text` tells which names it writes with a capital: where it does, Вера is not вера.
    """

    def __init__(self, known: Sequence[KnownCharacter], lexicon: Lexicon, text: str = "") -> None:
        self._lexicon = lexicon
        self._spaced = SpacedNames(lexicon)
        self._glued = GluedNames(lexicon)
        self._cues: dict[str, Figure] = {}
        self._strangers = 0
        self._text = text
        figures = [(self._figure(person.name, person), person) for person in known]
        for figure, person in figures:
            self._learn(person.name, figure)
        for figure, person in figures:
            for alias in person.aliases:
                self._learn(alias, figure)
        self._learn_titles(figures)
        self._learn_parts(figures)

    def _figure(self, name: str, person: KnownCharacter | None = None) -> Figure:
        found = _gender(name, person.description if person else "", self._lexicon)
        return Figure(
            name=name.strip() if person else _display(name),
            id=person.id if person else None,
            gender=found.tag if found else "",
        )

    def _learn(self, name: str, figure: Figure, *, derived: bool = False) -> None:
        words = self._without_article(_words(name))
        plain = " ".join(words) if words else name.strip().casefold()
        if not plain:
            return
        self._cues.setdefault(plain, figure)
        if is_glued(plain):
            self._glued.learn(name.strip(), figure)
        elif words:
            self._spaced.learn(Name(tuple(words), figure, derived))

    def _learn_titles(self, figures: Sequence[tuple[Figure, KnownCharacter]]) -> None:
        """Let "Old Mrs. Rabbit" answer to "Mrs. Rabbit"."""
        for figure, person in figures:
            words = _words(person.name)
            at = next((index for index, word in enumerate(words) if is_title(self._lexicon, word)), 0)
            if 0 < at < len(words) - 1 and (shorter := " ".join(words[at:])) not in self._cues:
                self._learn(shorter, figure)

    def _learn_parts(self, figures: Sequence[tuple[Figure, KnownCharacter]]) -> None:
        """Let "Peter Rabbit" answer to "Peter", and 北山愚公 to 愚公, where nobody else does."""
        owners: dict[str, list[Figure]] = {}
        for figure, person in figures:
            for part in self._parts(person.name):
                owners.setdefault(part, []).append(figure)
        for part, owned in owners.items():
            if len(owned) == 1 and part not in self._cues:
                self._learn(part, owned[0], derived=True)

    def _parts(self, name: str) -> list[str]:
        words = [word for word in self._without_article(_words(name)) if word not in self._lexicon.abbreviations]
        if len(words) > 1 or (words and len(words) < len(_words(name))):
            return [word for word in (words[0], words[-1]) if len(word) >= 3 and not is_title(self._lexicon, word)]
        bare = name.strip()
        is_parted = self._lexicon.language == "zh" and len(bare) >= 4 and bare.lower() == bare.upper()
        return [bare[-2:], bare[:2]] if is_parted else []

    def _without_article(self, words: list[str]) -> list[str]:
        return words[1:] if len(words) > 1 and words[0] in self._lexicon.articles else words

    def mentions(self, text: str) -> list[Mention]:
        """Answer the names in a text in order, longest match first, without overlaps."""
        found = self._glued.find(text)
        taken = {position for mention in found for position in range(mention.start, mention.end)}
        end = 0
        for words, index, hits in self._spaced.find(text):
            if index < end or words[index].start() in taken:
                continue
            hit = next((hit for hit in hits if self._may_stand(hit, text, words, index)), None)
            if hit is not None:
                end = index + len(hit.name.words)
                found.append(Mention(words[index].start(), words[end - 1].end(), hit.name.figure))
        return sorted(found, key=lambda mention: mention.start)

    def _may_stand(self, hit: Hit, text: str, words: list[re.Match[str]], index: int) -> bool:
        name = hit.name
        tokens = [word.group() for word in words[index : index + len(name.words)]]
        before = words[index - 1].group() if index else ""
        follows_article = before.casefold() in self._lexicon.articles
        if not follows_article and all(token[:1].islower() for token in tokens) and not self._is_common(hit):
            return False
        gap = text[words[index - 1].end() : words[index].start()] if index else ""
        if not name.is_derived or not before or gap.strip(" .") or follows_article:
            return True
        return not self._is_another_name(name, before, is_abbreviated="." in gap)

    def _is_common(self, hit: Hit) -> bool:
        """Whether a word without a capital may be the name: only where the text does not write the name with one."""
        if self._lexicon.language in _CAPITALISING or (capitals := self._capitals[hit.name.figure.name]) > 0:
            return False
        return hit.is_exact or capitals < 0 or hit.shared >= _SHARED_LETTERS_MIN

    @cached_property
    def _capitals(self) -> Counter[str]:
        """By name: how much more often the whole text writes it with a capital within a sentence than without."""
        capitals: Counter[str] = Counter()
        for words, index, hits in self._spaced.find(self._text):
            word = words[index].group()
            is_capital = word[:1].isupper() and not word.isupper() and _goes_on(self._text, words[index].start() - 2)
            for hit in hits:
                capitals[hit.name.figure.name] += int(is_capital) - int(hit.is_exact and word.islower())
        return capitals

    def _is_another_name(self, name: Name, before: str, *, is_abbreviated: bool) -> bool:
        """Tell "Mrs. McGregor" from Mr. McGregor, and "Tom Rabbit" from Peter Rabbit."""
        full = _words(name.figure.name)
        plain = plain_word(before)
        if plain in full:
            return False
        return (is_abbreviated and plain in self._lexicon.abbreviations) or is_title(self._lexicon, plain)

    def named(self, words: str) -> Figure:
        """Answer the figure of a cue or a speaker's name, and learn a new one.

        A full stop behind it says that the name may be cut short, as the cues of plays are: "Ber." is Bernardo.
        """
        name = words.strip().rstrip(".:：")
        plain = " ".join(self._without_article(_words(name))) or name.casefold()
        if plain in self._cues:
            return self._cues[plain]
        if found := self.mentions(name):
            return found[0].figure
        if len(plain) >= 2 and words.rstrip().endswith("."):
            abbreviated = next((figure for cue, figure in self._cues.items() if cue.startswith(plain)), None)
            if abbreviated:
                return abbreviated
        figure = self._figure(name)
        if self._strangers < _STRANGERS_MAX:
            self._strangers += 1
            self._learn(name, figure)
        return figure


def is_possessive(clause: str, mention: Mention) -> bool:
    """Tell "Peter's" and 愚公之 from the figure acting himself."""
    is_english = clause[mention.start : mention.end].endswith(("'s", "’s"))
    return is_english or clause[mention.end :].startswith(("的", "之"))


def _display(name: str) -> str:
    return name.title().replace("’S", "’s").replace("'S", "'s") if name.isupper() and len(name) > 1 else name


def _words(name: str) -> list[str]:
    return [plain_word(word) for word in WORD.findall(name)]


def is_title(lexicon: Lexicon, word: str) -> bool:
    """Tell whether a word is a title such as Mrs or Herr, by which a language names the sexes."""
    found = lexicon.genders.first(word)
    return found is not None and found.word.casefold() == word


def _goes_on(text: str, at: int) -> bool:
    """Whether a sentence goes on over the blank behind a position, rather than begins."""
    return at >= 0 and text[at + 1] == " " and (text[at].isalnum() or text[at] in ",;")


def _gender(name: str, description: str, lexicon: Lexicon) -> Found | None:
    """Answer the word that tells the sex; 王 tells nothing where it is a surname.

    In unspaced writing a single character of a name tells it only where nothing else does.
    """
    found = lexicon.genders.find(name)
    clear = [each for each in found if lexicon.is_spaced or len(each.word) > 1]
    if clear or (told := lexicon.genders.first(description)) is None:
        is_surname = len(name.strip()) > 1 and name.strip()[0] in lexicon.surnames
        single = [each for each in found if not (is_surname and len(each.word) == 1 and not name[: each.start].strip())]
        return next(iter([*clear, *single]), None)
    return told
