"""The words that the built-in writer listens for, one table a language."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue", "wuu"})
# Korean has spaces, but its particles stick to the word: search as in unspaced text.
_GLUED_LANGUAGES = UNSPACED_LANGUAGES | {"ko"}
# A language of its own tag that is written as another one here.
_WRITTEN_AS = {"und": "en", "nb": "no", "nn": "no", "bs": "hr"}
_TOKEN = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Found:
    """A word of the lexicon in a text, with the tag that it stands for."""

    start: int
    end: int
    tag: str
    word: str


@dataclass(frozen=True, slots=True)
class WordFinder:
    """Finds the words of one table in a text, in order.

    Where words are spaced, each is looked up in a table: one alternation of hundreds of words took a minute on a
    hostile script of 200,000 characters. Phrases, and languages that do not space their words, are few enough for a
    pattern.
    """

    words: Mapping[str, str] = field(default_factory=dict[str, str])
    stems: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict[str, Sequence[tuple[str, str]]])
    phrases: re.Pattern[str] | None = None

    def find(self, text: str) -> list[Found]:
        return list(self._each(text))

    def first(self, text: str) -> Found | None:
        return next(self._each(text), None)

    def is_in(self, text: str) -> bool:
        return self.first(text) is not None

    def _each(self, text: str) -> Iterator[Found]:
        if self.phrases is None:
            return self._single(text)
        phrases = [
            self._found(match, tag)
            for match in self.phrases.finditer(text)
            if (tag := self.words.get(match.group().casefold()))
        ]
        if not phrases:
            return self._single(text)
        singles = [one for one in self._single(text) if not any(p.start <= one.start < p.end for p in phrases)]
        return iter(sorted([*phrases, *singles], key=lambda found: found.start))

    def _single(self, text: str) -> Iterator[Found]:
        if not self.stems and not self.words:
            return
        for match in _TOKEN.finditer(text):
            if tag := self._tag(match.group().casefold()):
                yield self._found(match, tag)

    def _tag(self, word: str) -> str:
        if tag := self.words.get(word):
            return tag
        return next((tag for stem, tag in self.stems.get(word[:2], ()) if word.startswith(stem)), "")

    def _found(self, match: re.Match[str], tag: str) -> Found:
        return Found(start=match.start(), end=match.end(), tag=tag, word=match.group())


def finder(table: Mapping[str, Sequence[str]], *, language: str) -> WordFinder:
    """Compile {tag: words}; English words also match their plural and possessive.

    Words under `none` stand for nothing, and hide the words within them: 其他 is not 他.
    """
    hidden = table.get("none", ())
    table = {tag: words for tag, words in table.items() if tag != "none"}
    exact = {word.casefold(): tag for tag, words in table.items() for word in words if not word.endswith("*")}
    stems = [(word[:-1].casefold(), tag) for tag, words in table.items() for word in words if word.endswith("*")]
    is_spaced = language not in _GLUED_LANGUAGES
    if language == "en":
        exact |= {word + ending: tag for word, tag in exact.items() for ending in ("s", "es", "'s", "’s")} | exact
    longest = sorted({*exact, *hidden}, key=lambda word: (-len(word), word))
    phrases = [re.escape(word) for word in longest if not is_spaced or _TOKEN.fullmatch(word) is None]
    body = "|".join(phrases)
    pattern = re.compile(rf"(?<!\w)(?:{body})(?!\w)" if is_spaced else body, re.IGNORECASE) if phrases else None
    buckets: dict[str, list[tuple[str, str]]] = {}
    for stem, tag in sorted(stems, key=lambda each: (-len(each[0]), each[0])):
        buckets.setdefault(stem[:2], []).append((stem, tag))
    return WordFinder(exact, buckets, pattern)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that is known of one language; a language without a table has empty finders."""

    language: str
    endings: frozenset[str]
    vowel_endings: frozenset[str]
    surnames: frozenset[str]
    articles: frozenset[str]
    abbreviations: frozenset[str]
    connectives: tuple[str, ...]
    said: WordFinder
    manner: WordFinder
    crowd: frozenset[str]
    kin: tuple[str, ...]
    pronouns: WordFinder
    genders: WordFinder
    people: WordFinder
    scenery: WordFinder
    doors: WordFinder
    time: WordFinder
    weather: WordFinder
    mood: WordFinder
    shot: WordFinder

    @property
    def is_spaced(self) -> bool:
        return self.language not in UNSPACED_LANGUAGES

    def cues(self, text: str) -> frozenset[str]:
        """Which kinds of picture the text asks for: motion, chase, emotion, detail, tall."""
        return frozenset(found.tag for found in self.shot.find(text)) - {""} if text else frozenset()


@cache
def lexicon_of(language: str) -> Lexicon:
    """Answer the lexicon of a BCP 47 tag; unknown languages get an empty one."""
    primary = language.split("-", 1)[0].lower() or "und"
    written = _WRITTEN_AS.get(primary, primary)
    table, endings = _table(written), _endings()
    everywhere = _table("en")

    def find(name: str) -> WordFinder:
        return finder(_tags(table.get(name)), language=primary)

    return Lexicon(
        language=primary,
        endings=frozenset(endings["whole"].get(written, ())),
        vowel_endings=frozenset(endings["vowel"].get(written, ())),
        surnames=frozenset(_words(table.get("surnames"))),
        articles=frozenset(_words(table.get("articles"))),
        abbreviations=frozenset(_words(table.get("abbreviations"))) | frozenset(_words(everywhere["abbreviations"])),
        connectives=tuple(_words(table.get("connectives"))),
        said=finder({"said": _words(table.get("said"))}, language=primary if primary != "en" else "en-exact"),
        manner=finder({"manner": _words(table.get("manner"))}, language=primary),
        crowd=frozenset(_words(table.get("crowd"))),
        kin=tuple(_words(table.get("kin"))),
        pronouns=finder(_tags(table.get("pronouns")), language=primary if primary != "en" else "en-exact"),
        genders=finder({name: _words(table.get(name)) for name in ("male", "female", "none")}, language=primary),
        people=finder({"people": _words(table.get("people"))}, language=primary if primary != "en" else "en-exact"),
        scenery=find("scenery"),
        doors=finder(_tags(table.get("doors")), language=primary if primary != "en" else "en-exact"),
        time=find("time"),
        weather=find("weather"),
        mood=find("mood"),
        shot=finder(_shot_tags(table), language=primary),
    )


def _shot_tags(table: Mapping[str, object]) -> dict[str, list[str]]:
    """One word may ask for several pictures; the strongest wins, in the order below."""
    tags = _tags(table.get("shot"))
    order = ("motion", "tall", "still", "detail", "emotion", "chase")
    return {tag: tags[tag] for tag in order if tag in tags}


@cache
def _endings() -> dict[str, dict[str, list[str]]]:
    text = (files("adapters.screenplay") / "lexicon" / "endings.toml").read_text(encoding="utf-8")
    return {place: _tags(languages) for place, languages in tomllib.loads(text).items()}


@cache
def _table(language: str) -> dict[str, object]:
    resource = files("adapters.screenplay") / "lexicon" / f"{language}.toml"
    if not re.fullmatch(r"[a-z]{2,3}", language) or not resource.is_file():
        return {}
    return tomllib.loads(resource.read_text(encoding="utf-8"))


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, Iterable) and not isinstance(value, str) else []


def _tags(value: object) -> dict[str, list[str]]:
    return {str(tag): _words(words) for tag, words in value.items()} if isinstance(value, Mapping) else {}
