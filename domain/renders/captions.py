"""Captions: the words of a shot, timed by reading speed; and the whole film's as WebVTT."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.storyboards.models import ShotContent

# Netflix's timed text style guides: 42 Latin or 16 CJK characters a line, two lines a caption. Widths are counted in
# half-width cells, so one number serves mixed text.
LINE_CELLS = 42
CJK_LINE_CELLS = 32
LINES_MAX = 2
# Cells a second at a comfortable pace: 17 Latin characters, or 7 CJK ones of two cells.
CELLS_PER_SECOND = 16.0
LEAD_SECONDS = 0.15
SHORTEST_SECONDS = 0.4

# Kinsoku: what may not open a line, and what may not close one.
_NEVER_FIRST = frozenset("、。，．・：；？！ヽヾ々ー’”）〕］｝〉》」』】,.:;?!)]}%…‥～")
_NEVER_LAST = frozenset("‘“（〔［｛〈《「『【([{$￥")
_SENTENCE_ENDS = frozenset("。！？!?.…；;")
_CLAUSE_ENDS = _SENTENCE_ENDS | frozenset("，、：,:—")
# An initial, or what stands, shortened, before a name. By its letters alone "to Tom." could not be told from "to Mr.".
_SHORTENED = re.compile(
    r"(?:(?:^|[\s.])[^\W\d_]|\b(?:Mrs?|Ms|Mx|Dra?|Prof|Ste?|Mt|Rev|Hon|Capt|Col|Gen|Lt|Sgt|Messrs|"
    r"Mme|Mlle|Hr|Fr|Sra?|Srta|Sig|Dott|Dhr|Mevr|Mw))$"
)
# Marks that are drawn over, under or round the character before them.
_WITHOUT_WIDTH = frozenset({"Mn", "Me"})


@dataclass(frozen=True, slots=True)
class Caption:
    """Words shown from `start` to `end` seconds of their clip; `speaker` is empty for narration."""

    text: str
    speaker: str
    start: float
    end: float


def cells(text: str) -> int:
    """Width in half-width cells: wide and full-width characters count two, marks on others none."""
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shot_captions(content: ShotContent, *, lead: float = 0.0) -> tuple[Caption, ...]:
    """Time the shot's narration, then its dialogue, each caption in proportion to its length.

    The words fill as much of the shot as reading them takes; where the shot is too short they share all of it. The shot
    begins `lead` seconds into its clip.
    """
    spoken = [("", content.narration)] + [(line.speaker, line.text) for line in content.dialogue]
    parts = [(speaker, chunk) for speaker, text in spoken for chunk in chunks(text)]
    if not parts:
        return ()
    margin = min(LEAD_SECONDS, content.seconds / 10)
    room = content.seconds - 2 * margin
    wanted = [max(SHORTEST_SECONDS, cells(chunk) / CELLS_PER_SECOND) for _, chunk in parts]
    scale = min(1.0, room / sum(wanted)) if sum(wanted) > room else min(1.4, room / sum(wanted))
    found: list[Caption] = []
    start = lead + margin
    for (speaker, chunk), seconds in zip(parts, wanted, strict=True):
        end = min(start + seconds * scale, lead + content.seconds)
        found.append(Caption(chunk, " ".join(speaker.split()), round(start, 3), round(end, 3)))
        start = end
    return tuple(found)


def chunks(text: str) -> list[str]:
    """Cut a text into captions of at most two lines, at the ends of sentences or clauses where any is within reach."""
    found: list[str] = []
    held = ""
    for part in _parts(" ".join(text.split())):
        joined = f"{held}{part}"
        if len(break_lines(joined)) <= LINES_MAX:
            held = joined
            continue
        if held.strip():
            found.append(held.strip())
        *full, held = _pairs(_lines(part.lstrip())) or [""]
        found.extend(full)
    if held.strip():
        found.append(held.strip())
    return found


def _parts(text: str) -> Iterator[str]:
    """Sentences, and of those that are too long for one caption the clauses."""
    for sentence in _cut(text, _SENTENCE_ENDS):
        if len(break_lines(sentence.strip())) <= LINES_MAX:
            yield sentence
        else:
            yield from _cut(sentence, _CLAUSE_ENDS)


def _cut(text: str, ends: frozenset[str]) -> Iterator[str]:
    start = 0
    for index, character in enumerate(text):
        following = text[index + 1 : index + 2]
        is_end = character in ends and following not in ends and following not in _NEVER_FIRST
        # A Latin full stop ends a sentence only before a space: "3.5" and "e.g." stay whole.
        if is_end and (cells(character) == 2 or following in {"", " "}) and not _is_shortened(text, index):
            yield text[start : index + 1]
            start = index + 1
    if start < len(text):
        yield text[start:]


def _is_shortened(text: str, index: int) -> bool:
    """Whether the mark at `index` is the full stop of an initial or of a title before a name."""
    return text[index] == "." and _SHORTENED.search(text, 0, index) is not None


def _pairs(lines: Sequence[str]) -> list[str]:
    groups = [lines[at : at + LINES_MAX] for at in range(0, len(lines), LINES_MAX)]
    return ["".join(group).strip() for group in groups]


def break_lines(text: str) -> list[str]:
    """Break a text into lines: Latin at spaces, CJK after a clause or between characters, never against kinsoku."""
    return [line.strip() for line in _lines(text)]


def _lines(text: str) -> list[str]:
    """The lines with the blanks between them, so that they join without one where a word was cut by force."""
    is_cjk = cells(text) > len(text) * 1.5
    limit = CJK_LINE_CELLS if is_cjk else LINE_CELLS
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line.strip() and cells((line + piece).strip()) > limit:
            # Nothing here knows Chinese words: behind a comma no word is cut in two.
            end = _clause_end(line, limit) if is_cjk else len(line)
            lines.append(line[:end])
            line = f"{line[end:]}{piece}"
        else:
            line += piece
    if line.strip():
        lines.append(line)
    return lines


def _clause_end(line: str, limit: int) -> int:
    """Where the line's last clause ends, if that leaves a line of at least half its width; else where the line does."""
    for end in range(len(line), 0, -1):
        if cells(line[:end]) * 2 < limit:
            break
        if line[end - 1] in _CLAUSE_ENDS and line[end : end + 1] not in _NEVER_FIRST | {""}:
            return end
    return len(line)


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end: after a space, and on either side of a wide character unless forbidden."""
    found: list[str] = []
    for character in text:
        if found and not _may_break(found[-1][-1], character, len(found[-1])):
            found[-1] += character
        else:
            found.append(character)
    return found


def _may_break(before: str, after: str, piece_length: int) -> bool:
    if unicodedata.category(after).startswith("M"):
        return False
    # A word longer than a line is cut by force.
    if piece_length >= LINE_CELLS:
        return True
    if after == " ":
        return False
    if before == " ":
        return True
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return cells(before) == 2 or cells(after) == 2


@dataclass(frozen=True, slots=True)
class TimedShot:
    """A shot of the film for its captions: how long its clip really is, and its words."""

    seconds: float
    captions: Sequence[Caption]


def web_vtt(shots: Iterable[TimedShot], *, language: str = "") -> str:
    """Write the film's captions as WebVTT with a voice tag a speaker (W3C WebVTT, 2019)."""
    header = f"WEBVTT\nLanguage: {language}\n" if language not in {"", "und"} else "WEBVTT\n"
    blocks = [header]
    offset = 0.0
    for shot in shots:
        for caption in shot.captions:
            end = min(caption.end, shot.seconds)
            if caption.start < end:
                times = f"{_timestamp(offset + caption.start)} --> {_timestamp(offset + end)}"
                blocks.append(f"{len(blocks)}\n{times}\n{_cue(caption)}\n")
        offset += shot.seconds
    return "\n".join(blocks)


def _cue(caption: Caption) -> str:
    text = "\n".join(html.escape(line, quote=False) for line in break_lines(caption.text))
    if not caption.speaker:
        return text
    return f"<v {html.escape(caption.speaker, quote=False)}>{text}"


def _timestamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
