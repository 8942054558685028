"""Prose and fables: paragraphs become beats of action and of speech with its speaker."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.screenplay.attribution import attribute, is_light
from adapters.screenplay.beats import Beat, BeatKind
from adapters.screenplay.casting import Roster
from adapters.screenplay.lexicon import Lexicon
from adapters.screenplay.numerals import CJK_NUMERAL, NUMERAL, TITLED
from adapters.screenplay.quotations import Segment, segments_of
from adapters.screenplay.sentences import has_letters, split_sentences

_RULE = re.compile(r"^\W*$")
# By its number: a part, a section and the Russian chapter, which is also a head, begin sentences as well.
_CHAPTER = re.compile(
    rf"(?:chapter|kapitel|chapitre|cap[ií]tulo|capitolo|luku|part|глава)\s+(?:the\s+)?{NUMERAL}(?P<western>)"
    rf"|第\s?{CJK_NUMERAL}{{1,7}}\s?[章回节節]",
    re.IGNORECASE,
)
_TITLED = re.compile(TITLED, re.IGNORECASE)
_CJK_TITLED = re.compile(r"\s*$|[\s：:·.．、—–-][^。！？]{0,40}$|(?<=章)[^，。；：！？…]{1,20}$")
_SET_OFF = re.compile(r"\s*[.:：—–]\s+|[：:]\s*|\s+(?=[^\x00-\u2fff])")
_TERMINAL = re.compile(r"[.!?…。！？]\W*$")
TITLE_CHARACTERS_MAX, TITLE_WORDS_MAX = 60, 8
_EDGES = " \t,，:：、;；.。—–-"
_DASHED = re.compile(r"\s*[—–―-]")


def read_prose(text: str, roster: Roster, lexicon: Lexicon) -> list[Beat]:
    """Answer the beats of a story in order."""
    beats: list[Beat] = []
    for number, (paragraph, is_heading) in enumerate(_paragraphs(text, lexicon)):
        if is_heading:
            beats.append(Beat(BeatKind.BREAK, paragraph, paragraph=number))
        elif has_letters(paragraph):
            beats += _Paragraph(number, paragraph, roster, lexicon).read(segments_of(paragraph, lexicon))
    return beats


def _paragraphs(text: str, lexicon: Lexicon) -> Iterator[tuple[str, bool]]:
    """Answer each paragraph, and whether it is a heading."""
    joint = " " if lexicon.is_spaced else ""
    for block in re.split(r"\n\s*\n", text):
        for lines, is_heading in _parts([line.strip() for line in block.split("\n") if line.strip()]):
            paragraph = joint.join(lines)
            yield paragraph, is_heading or _RULE.match(paragraph) is not None


def _parts(lines: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    """Part the lines between two blank ones into headings, speeches behind a dash, and what belongs together."""
    is_talk = any(re.match(r"[—–―]|- ", line) for line in lines)
    told: list[str] = []
    for line in lines:
        heading, rest = _headed(line, [] if is_talk else told)
        if told and (heading or is_talk):
            yield told, False
            told = []
        if heading:
            yield [heading], True
        told += [rest] if rest else []
    if told:
        yield told, False


def _headed(line: str, told: Sequence[str]) -> tuple[str, str]:
    """Part a heading from what is told behind it on its line; empty where there is none.

    Below a line that goes on (`told`), "Chapter 3" is part of a sentence.
    """
    if re.match(r"#{1,6}\s", line) or (not told and _is_title(line)):
        return line, ""
    chapter = _CHAPTER.match(line)
    if chapter is None or (told and not _TERMINAL.search(told[-1])):
        return "", line
    end = chapter.end()
    titled = _CJK_TITLED if chapter.group("western") is None else _TITLED
    if titled.match(line, end) and not (has_letters(line[end:]) and _TERMINAL.search(line, end)):
        return line, ""
    mark = _SET_OFF.match(line, end)
    return (line[:end], line[mark.end() :]) if mark else ("", line)


def _is_title(line: str) -> bool:
    """Tell THE LIGHTHOUSE from a sentence: capitals alone, without the mark that ends one."""
    is_short = len(line) <= TITLE_CHARACTERS_MAX and len(line.split()) <= TITLE_WORDS_MAX
    is_capital = all(letter.isupper() for letter in line if letter.isalpha()) and has_letters(line)
    return is_short and is_capital and not _TERMINAL.search(line) and line[0] not in "“\"'«„—-"


class _Paragraph:
    """Reads one paragraph; remembers who spoke last, because a quotation that goes on keeps its speaker."""

    def __init__(self, number: int, paragraph: str, roster: Roster, lexicon: Lexicon) -> None:
        self._number = number
        self._roster = roster
        self._lexicon = lexicon
        self._beats: list[Beat] = []
        self._lead = ""
        self._lead_manner = ""
        self._goes_on = False
        self._is_dashed = _DASHED.match(paragraph) is not None

    def read(self, segments: list[Segment]) -> list[Beat]:
        for index, segment in enumerate(segments):
            follows = index + 1 < len(segments)
            if segment.is_spoken:
                self._speak(segment.text)
            else:
                self._tell(segment.text, after_speech=index > 0, before_speech=follows)
        return [self._ended(beat) if beat.kind is BeatKind.SPEECH else beat for beat in self._beats]

    def _ended(self, beat: Beat) -> Beat:
        """End a speech with a full stop where its sentence went on outside of the quotation marks."""
        text = re.sub(r"[,，]$", "." if self._lexicon.is_spaced else "。", beat.text)
        return replace(beat, text=text)

    def _speak(self, text: str) -> None:
        spoken = text.strip()
        last = self._beats[-1] if self._beats else None
        if self._goes_on and last is not None and last.kind is BeatKind.SPEECH:
            joint = " " if self._lexicon.is_spaced else ""
            self._beats[-1] = self._beat(BeatKind.SPEECH, f"{last.text}{joint}{spoken}", last.speaker, last.manner)
        else:
            self._beats.append(self._beat(BeatKind.SPEECH, spoken, self._lead, self._lead_manner))
        self._lead = self._lead_manner = ""
        self._goes_on = False

    def _tell(self, text: str, *, after_speech: bool, before_speech: bool) -> None:
        sentences = split_sentences(text.strip(), self._lexicon)
        if after_speech and sentences and self._is_tail(sentences[0], alone=len(sentences) == 1):
            self._close(sentences.pop(0), before_speech=before_speech and not sentences)
        lead = ""
        if before_speech and sentences and not _TERMINAL.search(sentences[-1]):
            lead = sentences.pop()
        self._beats += [self._beat(BeatKind.ACTION, sentence) for sentence in sentences if has_letters(sentence)]
        if lead:
            self._open(lead)

    def _is_tail(self, sentence: str, *, alone: bool) -> bool:
        """Tell whether the words after a quotation say who spoke; a colon announces the next speaker instead."""
        if not has_letters(sentence) or (alone and re.search(r"[:：]\s*$", sentence)):
            return False
        says = self._lexicon.said.first(sentence)
        is_near = says is not None and says.start <= (40 if self._lexicon.is_spaced else 14)
        return is_near or (sentence[0].islower() and self._lexicon.is_spaced)

    def _close(self, sentence: str, *, before_speech: bool) -> None:
        """Give the last speech its speaker; what the sentence tells beyond that is an action of its own."""
        manner, rest = self._parted(sentence)
        last = self._beats[-1]
        found = attribute(manner, self._roster, self._lexicon, is_before=False)
        if last.kind is BeatKind.SPEECH:
            speaker = last.speaker or found.speaker
            self._beats[-1] = self._beat(BeatKind.SPEECH, last.text, speaker, manner.strip(_EDGES))
        if rest:
            self._beats.append(self._beat(BeatKind.ACTION, rest))
        # A full stop after "he asked" ends the speech: the next quotation may be the answer. In a dialogue of dashes
        # every speaker has a paragraph of their own.
        self._goes_on = before_speech and not rest and (self._is_dashed or not _TERMINAL.search(sentence))

    def _parted(self, sentence: str) -> tuple[str, str]:
        if is_light(sentence, self._lexicon):
            return sentence, ""
        comma = re.search(r"[,，;；]\s*", sentence[12:])
        if comma is None or len(sentence) - 12 - comma.end() < 12:
            return sentence, ""
        cut = 12 + comma.end()
        return sentence[:cut], sentence[cut:]

    def _open(self, lead: str) -> None:
        """Take the words before a quotation: who will speak, and what is to be seen before."""
        whole = attribute(lead, self._roster, self._lexicon, is_before=True)
        manner, told = (lead, "") if is_light(lead, self._lexicon) else self._last_clause(lead)
        if told:
            self._beats.append(self._beat(BeatKind.ACTION, told.rstrip(_EDGES)))
        self._lead, self._lead_manner = whole.speaker, manner.strip(_EDGES)

    def _last_clause(self, lead: str) -> tuple[str, str]:
        commas = [match.end() for match in re.finditer(r"[,，]\s*", lead) if match.end() < len(lead) - 1]
        if commas and is_light(lead[commas[-1] :], self._lexicon):
            return lead[commas[-1] :], lead[: commas[-1]]
        return "", lead

    def _beat(self, kind: BeatKind, text: str, speaker: str = "", manner: str = "") -> Beat:
        return Beat(kind, text.strip(), speaker, manner.strip(), self._number)
