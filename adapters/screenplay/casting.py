"""Who is meant: names and their inflections, aliases, pronouns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.screenplay.lexicon import Lexicon
from domain.identifiers import CharacterId
from domain.storyboards.ports import KnownCharacter

WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
POSSESSIVE = re.compile(r"['’](?:s|S)?$")
_ENDING_LETTERS_MAX = 3
# Here a name without a capital is a common noun, unless an article makes it somebody ("the hare").
_CAPITALISING = frozenset({"en", "de", "fr", "nl", "es", "it", "pt", "sv", "da", "no"})
_VOWELS = frozenset("aeiouyäöüåéèêàáíóúýаеёиоуыэюяйь")
_SLAVIC_FLEETING = re.compile(r"^(\w+)([еоёя])([бвгджзклмнпрстфхцчшщ])$")


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody in the script; `id` only when it is a known character."""

    name: str
    id: CharacterId | None = None
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text."""

    start: int
    end: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to call a figure; derived names (a part of the full name) give way to titles and other first names."""

    words: tuple[str, ...]
    figure: Figure
    is_derived: bool = False


class Roster:
    """Everybody that the script may speak of: the known cast, and whoever turns out to speak."""

    def __init__(self, known: Sequence[KnownCharacter], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._names: dict[str, list[_Name]] = {}
        self._glued: dict[str, Figure] = {}
        self._cues: dict[str, Figure] = {}
        self._glued_pattern: re.Pattern[str] | None = None
        figures = [(self._figure(person), person) for person in known]
        for figure, person in figures:
            for name in (person.name, *person.aliases):
                self._learn(name, figure)
        self._learn_titles(figures)
        self._learn_parts(figures)

    def _figure(self, person: KnownCharacter) -> Figure:
        found = self._lexicon.genders.first(person.name) or self._lexicon.genders.first(person.description)
        return Figure(name=person.name.strip(), id=person.id, gender=found.tag if found else "")

    def _learn(self, name: str, figure: Figure, *, derived: bool = False) -> None:
        words = self._without_article(_words(name))
        plain = " ".join(words) if words else name.strip().casefold()
        if not plain:
            return
        self._cues.setdefault(plain, figure)
        if not _has_case(plain):
            self._glued.setdefault(name.strip(), figure)
            self._glued_pattern = None
        elif words:
            bucket = self._names.setdefault(words[0][:2], [])
            bucket.append(_Name(tuple(words), figure, derived))
            bucket.sort(key=lambda each: -len(each.words))

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
        return (
            [bare[-2:], bare[:2]] if not _has_case(bare) and len(bare) >= 4 and self._lexicon.language == "zh" else []
        )

    def _without_article(self, words: list[str]) -> list[str]:
        return words[1:] if len(words) > 1 and words[0] in self._lexicon.articles else words

    def mentions(self, text: str) -> list[Mention]:
        """Answer the names in a text in order, longest match first, without overlaps."""
        found = self._glued_mentions(text)
        words = list(WORD.finditer(text))
        index = 0
        while index < len(words):
            hit = self._hit(text, words, index)
            if hit is None:
                index += 1
                continue
            name, last = hit
            found.append(Mention(words[index].start(), words[last].end(), name.figure))
            index = last + 1
        return sorted(found, key=lambda mention: mention.start)

    def _glued_mentions(self, text: str) -> list[Mention]:
        if not self._glued:
            return []
        if self._glued_pattern is None:
            longest = sorted(self._glued, key=len, reverse=True)
            self._glued_pattern = re.compile("|".join(map(re.escape, longest)))
        return [
            Mention(match.start(), match.end(), self._glued[match.group()])
            for match in self._glued_pattern.finditer(text)
        ]

    def _hit(self, text: str, words: list[re.Match[str]], index: int) -> tuple[_Name, int] | None:
        token = plain_word(words[index].group())
        for name in self._names.get(token[:2], ()):
            last = index + len(name.words) - 1
            if last < len(words) and self._fits(name, words[index : last + 1]):
                return (name, last) if self._may_stand(name, text, words, index) else None
        return None

    def _fits(self, name: _Name, words: list[re.Match[str]]) -> bool:
        return all(self._is_form(plain_word(word.group()), part) for word, part in zip(words, name.words, strict=True))

    def _is_form(self, token: str, name: str) -> bool:
        if token == name:
            return True
        if self._lexicon.language == "en":
            return token in (name + "s", name + "es") or token + "s" == name
        return any(
            token.startswith(stem) and len(token) - len(stem) <= _ENDING_LETTERS_MAX
            for stem in _stems(name, self._lexicon.language)
        )

    def _may_stand(self, name: _Name, text: str, words: list[re.Match[str]], index: int) -> bool:
        tokens = [word.group() for word in words[index : index + len(name.words)]]
        before = words[index - 1].group() if index else ""
        follows_article = before.casefold() in self._lexicon.articles
        is_lower = all(token[:1].islower() for token in tokens)
        if is_lower and not follows_article and self._lexicon.language in _CAPITALISING:
            return False
        gap = text[words[index - 1].end() : words[index].start()] if index else ""
        if not name.is_derived or not before or gap.strip(" .") or follows_article:
            return True
        return not self._is_another_name(name, before, is_abbreviated="." in gap)

    def _is_another_name(self, name: _Name, before: str, *, is_abbreviated: bool) -> bool:
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
        found = self.mentions(name)
        if found:
            return found[0].figure
        plain = " ".join(self._without_article(_words(name))) or name.casefold()
        if plain in self._cues:
            return self._cues[plain]
        if len(plain) >= 2 and words.rstrip().endswith("."):
            abbreviated = next((figure for cue, figure in self._cues.items() if cue.startswith(plain)), None)
            if abbreviated:
                return abbreviated
        gender = self._lexicon.genders.first(name)
        figure = Figure(name=_display(name), gender=gender.tag if gender else "")
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


def plain_word(token: str) -> str:
    """Answer a word without capitals and without its possessive ending."""
    return POSSESSIVE.sub("", token.casefold()) or token.casefold()


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def _stems(name: str, language: str) -> list[str]:
    """Answer the beginnings that every form of a name shares, for languages that decline by endings."""
    stems = [name]
    if len(name) >= 4 and name[-1] in _VOWELS:
        stems.append(name[:-1])
    if (fleeting := _SLAVIC_FLEETING.match(name)) and language in ("ru", "uk", "be", "pl", "cs", "bg", "sr"):
        middle = "й" if fleeting.group(2) == "я" else ""
        stems.append(fleeting.group(1) + middle + fleeting.group(3))
    if language in ("fi", "et"):
        stems += [name[:-1] + "k"] if name.endswith("s") else []
        stems += [name[:-2] + name[-1]] if re.search(r"(kk|pp|tt)\w$", name) and len(name) > 4 else []
    return stems
