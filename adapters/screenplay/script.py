"""Plays and screenplays: Fountain, cues on a line of their own, and cues before their words.

Fountain as https://fountain.io/syntax describes it, as far as a storyboard needs it.
"""

import re
from collections import Counter
from collections.abc import Sequence

from adapters.screenplay.beats import Beat, BeatKind
from adapters.screenplay.lexicon import Lexicon
from adapters.screenplay.numerals import CJK_NUMERAL, NUMERAL, TITLED
from adapters.screenplay.sentences import has_letters, split_sentences

_NOTE_CLOSERS = {"/*": "*/", "[[": "]]"}
_NOTE_OPENER = re.compile(r"/\*|\[\[")
# Bounded: a mark that nothing closes would look for its partner through all that follows, at every mark.
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=\S)(.{1,400}?)(?<=\S)\1")
_TITLE_PAGE = re.compile(
    r"^(?:title|credit|authors?|source|draft date|date|contact|copyright|notes|format|revision):", re.I
)
# "Est" begins many a French sentence: it is a heading in capitals alone.
_INT_EXT = re.compile(
    r"^(?:(?:INT|EXT|(?-i:EST)|I/E|INT\.?/EXT)[. ]|[内內外]景(?=[\s：:.。，、·—–-]|[^，。！？]{0,20}$))", re.IGNORECASE
)
# Numbered, and set off from what follows: "scene before him" and 第二天，广场 begin lines of stories.
_SCENE = re.compile(
    rf"^(?:scene|szene|sc[eè]ne|escena|scena|сцена)\s+(?:the\s+)?(?:{NUMERAL}|\d{{1,3}}[a-z]\b)"
    r"(?:\s*$|\s*[.,:/–—-]+\s*|\s*(?=\()|\s+(?=(?-i:[A-ZÀ-ÞА-ЯЁ])))"
    rf"|^(?:第\s?{CJK_NUMERAL}{{1,4}}\s?幕\s*)?第\s?{CJK_NUMERAL}{{1,4}}\s?[场場](?=[\s：:（(、·.．—–-]|$)[\s：:、·.．—–-]*"
    rf"|^[场場]景\s?{CJK_NUMERAL}{{0,4}}\s?[：:]\s*",
    re.IGNORECASE,
)
_ACT = re.compile(
    rf"^(?:act|akt|acte|acto|atto|ato|акт|действие)\s+(?:the\s+)?{NUMERAL}"
    rf"(?:{TITLED}|\s+sc[eè]ne\b.{{0,80}}$)|^第\s?{CJK_NUMERAL}{{1,4}}\s?幕(?:\s*$|[\s：:·第][^。！？]{{0,40}}$)",
    re.IGNORECASE,
)
_TRANSITION = re.compile(r"^(?:[^\W\d_a-z][^a-z]*TO:|FADE (?:IN|OUT).{0,12}|>[^<]+|={3,}|THE END\.?|FINIS\.?)$")
_EXTENSION = re.compile(r"\s*\((?:V\.?O\.?|O\.?S\.?|O\.?C\.?|CONT['’]?D|[^)]{1,30})\)|\s*\^$")
_CAPITAL_CUE = re.compile(r"^([^\W\d_a-z][^a-z.:!?]{1,34})[.:]\s+(?=\S)")
_COLON_CUE = re.compile(r"^([^\W\d_][^:：.!?。，,\"“「]{0,23})(?:\s*[（(][^)）]{1,20}[)）])?[:：]\s*(?=\S)")
_SHORT_CUE = re.compile(r"^([A-ZÀ-ÞА-Я][a-zß-ÿа-я]{1,9})\.\s+(?=\S)")
_ASIDE = re.compile(r"[\[(（]([^\])）]{1,200})[\])）]")
_SPOKEN = re.compile(r"[“”„«»「『\"]|^[—–―]|[.,!?…]['’](?!\w)")
_NOT_NAMES = frozenset(
    {"mr", "mrs", "ms", "dr", "st", "title", "note", "http", "https", "no", "act", "scene", "enter", "exit", "exeunt"}
)


def script_lines(text: str) -> list[str]:
    """Answer the lines as they are read: without notes, title page and marks of emphasis."""
    lines = [line.strip() for line in _without_notes(text).split("\n")]
    if lines and _TITLE_PAGE.match(lines[0]):
        blank = next((index for index, line in enumerate(lines) if not line), len(lines))
        lines = lines[blank:]
    return [_EMPHASIS.sub(r"\2", line) for line in lines]


def is_script(lines: Sequence[str]) -> bool:
    """Tell a play or a screenplay from a story by its lines."""
    if any(map(_INT_EXT.match, lines)) or _inline_cues(lines):
        return True
    headings = [line for line in lines if _SCENE.match(line)]
    alone = sum(1 for index in range(len(lines)) if _is_cue(lines, index))
    if len(headings) + alone != 1:
        return len(headings) + alone > 1
    # A single heading may be a line of a story, whose speech would be lost.
    return bool(headings) and not headings[0][0].islower() and not any(map(_SPOKEN.search, lines))


def read_script(lines: Sequence[str], lexicon: Lexicon) -> list[Beat]:
    """Answer the beats of a play or screenplay in order."""
    return _Reader(lines, lexicon, _inline_cues(lines)).read()


def _without_notes(text: str) -> str:
    """Take out what stands between /* and */ or [[ and ]]; a mark that nothing closes is text like any other."""
    kept: list[str] = []
    position = 0
    unclosed: set[str] = set()
    for opener in _NOTE_OPENER.finditer(text):
        mark = opener.group()
        if opener.start() < position or mark in unclosed:
            continue
        closer = text.find(_NOTE_CLOSERS[mark], opener.end())
        if closer < 0:
            unclosed.add(mark)
            continue
        kept.append(text[position : opener.start()])
        position = closer + len(_NOTE_CLOSERS[mark])
    return "".join([*kept, text[position:]])


def _is_cue(lines: Sequence[str], index: int) -> bool:
    """A name in capitals (or behind @) with a blank line before and words after."""
    line = _EXTENSION.sub("", lines[index])
    follows = index + 1 < len(lines) and bool(lines[index + 1])
    if not follows or (index > 0 and lines[index - 1]) or _INT_EXT.match(line) or _TRANSITION.match(line):
        return False
    if line.startswith("@"):
        return True
    return (
        line.isupper()
        and len(line.split()) <= 5
        and len(line) <= 40
        and line[-1] not in ".!?:;,…"
        and has_letters(line)
    )


def _inline_cues(lines: Sequence[str]) -> re.Pattern[str] | None:
    """Answer the pattern of cues before their words ("HAMLET. To be", "Ber. Who's", 愚公：) where the text has them."""
    filled = [line for line in lines if line and not (line.startswith(("#", "=", ">")) or _SCENE.match(line))]
    for pattern, times_min in ((_CAPITAL_CUE, 2), (_COLON_CUE, 2), (_SHORT_CUE, 3)):
        names = [match.group(1).casefold() for line in filled if (match := _cue_in(line, pattern))]
        names = [name for name in names if name not in _NOT_NAMES and len(name.split()) <= 4]
        repeats = Counter(names)
        is_all = len(names) >= 0.8 * len(filled)
        has_rhythm = pattern is _CAPITAL_CUE or is_all or len(names) >= 3 or max(repeats.values(), default=0) > 1
        if len(names) >= max(times_min, 0.3 * len(filled)) and has_rhythm:
            return pattern
    return None


def _cue_in(line: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Answer the cue that a line begins with; in letters without capitals a colon makes one, and no full stop."""
    cue = pattern.match(line)
    if cue is None or pattern is not _CAPITAL_CUE or cue.group(1).isupper():
        return cue
    name = cue.group(1)
    return cue if name.lower() == name.upper() and line[cue.end(1)] == ":" else None


class _Reader:
    """Walks over the lines of a script; a blank line ends a speech or an action."""

    def __init__(self, lines: Sequence[str], lexicon: Lexicon, inline: re.Pattern[str] | None) -> None:
        self._lines = lines
        self._lexicon = lexicon
        self._inline = inline
        self._beats: list[Beat] = []
        self._at = 0

    def read(self) -> list[Beat]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line or self._mark(line):
                self._at += 1
            elif _is_cue(self._lines, self._at):
                self._at += 1
                self._speech(_EXTENSION.sub("", line).lstrip("@"), self._block())
            elif (cue := self._inline_cue(line)) is not None:
                words = line[cue.end() :]
                self._at += 1
                # The full stop says that "Ber." may be a name cut short, as in capitals it may be without one.
                stop = "." if line[cue.end(1)] == "." or cue.group(1).isupper() else ""
                self._speech(cue.group(1) + stop, [words, *self._block()])
            else:
                self._at += 1
                self._action([line, *self._block()])
        return self._beats

    def _inline_cue(self, line: str) -> re.Match[str] | None:
        cue = _cue_in(line, self._inline) if self._inline else None
        return cue if cue and cue.group(1).casefold() not in _NOT_NAMES else None

    def _mark(self, line: str) -> bool:
        """Read a line that is not part of the story itself: heading, act, transition, section, synopsis."""
        if heading := self._heading(line):
            self._add(BeatKind.SCENE, heading)
        elif _ACT.match(line) or line.startswith("#") or _SCENE.match(line):
            self._add(BeatKind.BREAK, line)
        elif not (_TRANSITION.match(line) or (line.startswith("=") and not line.startswith("==="))):
            return False
        return True

    def _heading(self, line: str) -> str:
        if _INT_EXT.match(line):
            return line
        if re.match(r"^\.[^\W\d_]", line):
            return line[1:]
        if scene := _SCENE.match(line):
            rest = line[scene.end() :].strip()
            return rest if has_letters(rest) else ""
        return ""

    def _block(self) -> list[str]:
        """Take the lines up to a blank one or the next cue or heading."""
        block: list[str] = []
        while self._at < len(self._lines) and (line := self._lines[self._at]):
            if self._inline_cue(line) or _INT_EXT.match(line) or _SCENE.match(line) or _TRANSITION.match(line):
                break
            block.append(line)
            self._at += 1
        return block

    def _speech(self, speaker: str, lines: list[str]) -> None:
        """One speech; a direction in brackets is its manner, a long one a picture of its own."""
        text = self._joined([line.lstrip("~") for line in lines])
        asides = [aside.strip() for aside in _ASIDE.findall(text)]
        words = re.sub(r"\s{2,}", " ", _ASIDE.sub(" ", text)).strip()
        if has_letters(words):
            self._beats.append(Beat(BeatKind.SPEECH, words, speaker.strip(), "; ".join(asides), len(self._beats)))
        elif asides:
            self._add(BeatKind.ACTION, f"{speaker.strip().rstrip('.')}: {'; '.join(asides)}")

    def _action(self, lines: list[str]) -> None:
        text = self._joined([line.lstrip("!~").strip("<> ") for line in lines])
        text = re.sub(r"^[\[(（](.*)[\])）]$", r"\1", text.strip())
        for sentence in split_sentences(text, self._lexicon):
            if has_letters(sentence):
                self._add(BeatKind.ACTION, sentence)

    def _joined(self, lines: list[str]) -> str:
        return (" " if self._lexicon.is_spaced else "").join(line.strip() for line in lines if line.strip())

    def _add(self, kind: BeatKind, text: str) -> None:
        self._beats.append(Beat(kind, text, paragraph=self._at))
