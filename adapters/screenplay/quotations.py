"""Speech in prose: quotation marks of every language, and dialogue that begins with a dash."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.screenplay.lexicon import Lexicon
from adapters.screenplay.sentences import has_letters

# What may close each opening mark, the best first: German „…“, Swedish ”…” and »…», French « … », Chinese 「…」.
_CLOSERS: Mapping[str, str] = {
    "“": '”"“',
    "„": '“”"',
    "«": "»",
    "»": "«»",
    "”": "”",
    '"': '"”',
    "「": "」",
    "『": "』",
    "‹": "›",
    "〝": "〞",
}
_OPENER = re.compile("[" + "".join(map(re.escape, _CLOSERS)) + "]")
_SINGLE_OPENER = re.compile(r"(?<!\w)[‘'](?=\S)")
_SINGLE_CLOSER = re.compile(r"(?<=[.,!?…—;])['’](?!\w)")
_ENDS_LIKE_SPEECH = re.compile(r"[.,!?…。！？，—–-]\W*$")
_LEADS_TO_SPEECH = re.compile(r"[,:：，、;]\s*$")
_DASH_START = re.compile(r"^\s*(?:[—–―]+\s*|-\s+)(?=\S)")
_DASH = re.compile(r"\s+[—–―-]+\s*|\s*[—―]+\s*(?=[^\W\d_])|[—―]+")
_SCARE_WORDS_MAX = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a paragraph that is either spoken or told."""

    text: str
    is_spoken: bool


def segments_of(paragraph: str, lexicon: Lexicon) -> list[Segment]:
    """Split a paragraph into what is spoken and what is told, in order."""
    if _DASH_START.match(paragraph) and (dashed := _dashed(paragraph, lexicon)):
        return dashed
    found = _quoted(paragraph)
    if not any(segment.is_spoken for segment in found) and _SINGLE_CLOSER.search(paragraph):
        found = _single_quoted(paragraph)
    return _merged(_without_scare_quotes(found, lexicon))


def _quoted(paragraph: str) -> list[Segment]:
    segments: list[Segment] = []
    position = 0
    while opener := _OPENER.search(paragraph, position):
        end = _closing(paragraph, opener)
        segments.append(Segment(paragraph[position : opener.start()], is_spoken=False))
        segments.append(Segment(paragraph[opener.end() : end], is_spoken=True))
        position = min(end + 1, len(paragraph))
    segments.append(Segment(paragraph[position:], is_spoken=False))
    return [segment for segment in segments if segment.text.strip()]


def _closing(paragraph: str, opener: re.Match[str]) -> int:
    for closer in _CLOSERS[opener.group()]:
        end = paragraph.find(closer, opener.end())
        if end >= 0:
            return end
    return len(paragraph)


def _single_quoted(paragraph: str) -> list[Segment]:
    """British 'quotes': a closing mark must follow punctuation, because an apostrophe never does."""
    segments: list[Segment] = []
    position = 0
    while opener := _SINGLE_OPENER.search(paragraph, position):
        closer = _SINGLE_CLOSER.search(paragraph, opener.end())
        if closer is None:
            break
        segments.append(Segment(paragraph[position : opener.start()], is_spoken=False))
        segments.append(Segment(paragraph[opener.end() : closer.start()], is_spoken=True))
        position = closer.end()
    segments.append(Segment(paragraph[position:], is_spoken=False))
    return [segment for segment in segments if segment.text.strip()]


def _without_scare_quotes(segments: list[Segment], lexicon: Lexicon) -> list[Segment]:
    """Give a quoted word or a title back to the sentence that it stands in."""
    kept: list[Segment] = []
    for index, segment in enumerate(segments):
        before = segments[index - 1].text if index else ""
        after = segments[index + 1].text if index + 1 < len(segments) else ""
        if segment.is_spoken and not _is_speech(segment.text, before, after, lexicon):
            kept.append(Segment(f"“{segment.text}”", is_spoken=False))
        else:
            kept.append(segment)
    return kept


def _is_speech(quoted: str, before: str, after: str, lexicon: Lexicon) -> bool:
    if not has_letters(quoted):
        return False
    if _LEADS_TO_SPEECH.search(before) or not before.strip() or _ENDS_LIKE_SPEECH.search(quoted):
        return True
    if quoted[0].islower() and len(quoted.split()) <= _SCARE_WORDS_MAX:
        return False
    length = len(quoted.split()) if lexicon.is_spaced else len(quoted) // 2
    return length > _SCARE_WORDS_MAX or lexicon.said.is_in(before[-30:]) or lexicon.said.is_in(after[:30])


def _merged(segments: list[Segment]) -> list[Segment]:
    """Join neighbours that are both told, so that a sentence around a scare quote is whole again."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and not segment.is_spoken and not joined[-1].is_spoken:
            joined[-1] = Segment(joined[-1].text + segment.text, is_spoken=False)
        else:
            joined.append(segment)
    return joined


def _dashed(paragraph: str, lexicon: Lexicon) -> list[Segment]:
    """Read «— Hola —dijo la liebre—. ¿Qué tal?»: an aside with a verb of saying is told, the rest is spoken."""
    start = _DASH_START.match(paragraph)
    if start is None or ("-" in start.group() and not lexicon.said.is_in(paragraph)):
        return []
    segments: list[Segment] = []
    for piece in _DASH.split(paragraph[start.end() :]):
        follows_speech = bool(segments) and segments[-1].is_spoken
        said = lexicon.said.first(piece)
        if follows_speech and said is not None and said.start <= 24:
            segments.append(Segment(piece, is_spoken=False))
        else:
            segments += _with_aside(piece.lstrip(" .,;"), lexicon)
    return [segment for segment in segments if has_letters(segment.text)]


def _with_aside(speech: str, lexicon: Lexicon) -> list[Segment]:
    """Read «— Bonjour, dit le lièvre. Ça va ?»: the aside runs from the verb of saying to the end of its sentence."""
    for said in lexicon.said.find(speech):
        before = speech[: said.start].rstrip()
        if before.endswith((",", "!", "?", "…", "»")):
            end = re.search(r"[.!?…]", speech[said.end :])
            stop = said.end + end.end() if end else len(speech)
            rest = speech[stop:].strip()
            aside = [Segment(before, is_spoken=True), Segment(speech[said.start : stop], is_spoken=False)]
            return aside + ([Segment(rest, is_spoken=True)] if has_letters(rest) else [])
    return [Segment(speech, is_spoken=True)]
