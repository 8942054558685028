"""How long a shot lasts: the reading speed of the language, and the length that was asked for."""

from collections.abc import Sequence

from adapters.screenplay.beats import Beat, BeatKind
from adapters.screenplay.lexicon import Lexicon
from adapters.screenplay.sentences import split_clauses, split_sentences
from domain.storyboards.models import SHOT_SECONDS_MAX

# Subtitling practice (Netflix timed text guides; Brysbaert 2019 for silent reading): a viewer who also watches the
# picture reads about 160 words a minute, 5.5 Chinese, 6 Japanese or 6.5 Korean characters a second.
WORDS_A_SECOND, LETTERS_A_SECOND = 2.7, 15.0
CHARACTERS_A_SECOND = {"zh": 5.5, "ja": 6.0, "ko": 6.5, "th": 12.0, "lo": 12.0, "km": 12.0, "my": 12.0}
SETTLE_SECONDS = 0.6
READING_SECONDS_MIN = 2.0
SHOT_SECONDS_COMFORTABLE = 8.0
SPEECH_SECONDS_COMFORTABLE = 7.0
TINY_SECONDS, MERGED_SECONDS_MAX = 2.5, 6.0
# However short the film is to be, a caption stays at least half its reading time, and long enough to be seen.
SQUEEZE_MIN, SQUEEZED_SECONDS_MIN = 0.5, 1.5
STEP_SECONDS = 0.25
# A piece too small for a shot of its own may make its neighbour this much longer.
TOLERANCE = 1.3


def reading_seconds(text: str, lexicon: Lexicon) -> float:
    """Seconds that a caption needs, at least two; unrounded."""
    letters = sum(1 for letter in text if letter.isalnum())
    rate = CHARACTERS_A_SECOND.get(lexicon.language)
    reading = letters / rate if rate else max(len(text.split()) / WORDS_A_SECOND, letters / LETTERS_A_SECOND)
    return max(READING_SECONDS_MIN, SETTLE_SECONDS + reading)


def rounded(seconds: float) -> float:
    """Round to a quarter of a second: whole frames at 24 frames a second."""
    return min(SHOT_SECONDS_MAX, max(1.0, round(seconds / STEP_SECONDS) * STEP_SECONDS))


def shot_worthy(beats: Sequence[Beat], lexicon: Lexicon, *, comfort: float = 1.0) -> list[Beat]:
    """Join beats too small to be a shot, and cut those too long at sentences and clauses.

    `comfort` above one makes longer and so fewer shots, for a script that is a whole book.
    """
    whole: list[Beat] = []
    for beat in beats:
        if whole and _belong_together(whole[-1], beat, lexicon, comfort):
            joint = " " if lexicon.is_spaced else ""
            whole[-1] = _with_text(whole[-1], f"{whole[-1].text}{joint}{beat.text}", goes_on=False)
        else:
            whole.append(beat)
    return [piece for beat in whole for piece in _pieces(beat, lexicon, comfort)]


def _belong_together(one: Beat, other: Beat, lexicon: Lexicon, comfort: float) -> bool:
    if one.kind is not BeatKind.ACTION or other.kind is not BeatKind.ACTION:
        return False
    if one.paragraph != other.paragraph and comfort == 1.0:
        return False
    shorter = min(reading_seconds(one.text, lexicon), reading_seconds(other.text, lexicon))
    limit = MERGED_SECONDS_MAX if comfort == 1.0 else SHOT_SECONDS_COMFORTABLE * comfort
    is_wanted = comfort > 1.0 or shorter < TINY_SECONDS
    return is_wanted and reading_seconds(one.text + " " + other.text, lexicon) <= limit


def _pieces(beat: Beat, lexicon: Lexicon, comfort: float) -> list[Beat]:
    if beat.kind not in (BeatKind.ACTION, BeatKind.SPEECH):
        return [beat]
    limit = SPEECH_SECONDS_COMFORTABLE if beat.kind is BeatKind.SPEECH else SHOT_SECONDS_COMFORTABLE
    limit *= comfort
    texts = _grouped(_cut(beat.text, limit, lexicon), limit, lexicon)
    return [_with_text(beat, text, goes_on=index > 0) for index, text in enumerate(texts)]


def _cut(text: str, limit: float, lexicon: Lexicon) -> list[str]:
    """Cut into pieces that each can be read within `limit` seconds, as far as the text has places to cut."""
    if reading_seconds(text, lexicon) <= limit:
        return [text]
    sentences = split_sentences(text, lexicon)
    halves = sentences if len(sentences) > 1 else split_clauses(text, lexicon)
    if len(halves) == 1:
        halves = _by_length(text, limit, lexicon)
    return halves if len(halves) == 1 else [piece for half in halves for piece in _cut(half, limit, lexicon)]


def _by_length(text: str, limit: float, lexicon: Lexicon) -> list[str]:
    """Cut a text without punctuation, but only when no shot could hold it."""
    if reading_seconds(text, lexicon) <= max(limit, SHOT_SECONDS_MAX) or len(text) < 2:
        return [text]
    middle = len(text) // 2
    space = text.rfind(" ", 1, middle)
    cut = space if space > 0 else middle
    return [text[:cut].strip(), text[cut:].strip()]


def _grouped(pieces: list[str], limit: float, lexicon: Lexicon) -> list[str]:
    """Put neighbours together again as long as they fit, so that no piece stays tiny."""
    groups: list[str] = []
    joint = " " if lexicon.is_spaced else ""
    for piece in pieces:
        together = f"{groups[-1]}{joint}{piece}" if groups else piece
        is_tiny = min(len(piece), len(groups[-1]) if groups else 0) < len(together) // 4
        if groups and reading_seconds(together, lexicon) <= (limit * TOLERANCE if is_tiny else limit):
            groups[-1] = together
        else:
            groups.append(piece)
    return groups


def _with_text(beat: Beat, text: str, *, goes_on: bool) -> Beat:
    return Beat(beat.kind, text, beat.speaker, beat.manner, beat.paragraph, goes_on=goes_on or beat.goes_on)


def scaled(seconds: Sequence[float], target: float | None) -> list[float]:
    """Stretch or squeeze all shots by one factor towards `target`, each within what can be read and watched."""
    if target is None or not seconds:
        return [rounded(each) for each in seconds]
    low, high = 0.01, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(_stretched(seconds, middle)) < target else (low, middle)
    return _settled(_stretched(seconds, high))


def _stretched(seconds: Sequence[float], factor: float) -> list[float]:
    return [min(SHOT_SECONDS_MAX, max(SQUEEZED_SECONDS_MIN, SQUEEZE_MIN * each, factor * each)) for each in seconds]


def _settled(seconds: list[float]) -> list[float]:
    """Round each shot and carry what rounding took to the next, so that the sum stays on target."""
    carried = 0.0
    settled: list[float] = []
    for each in seconds:
        step = rounded(each + carried)
        carried += each - step
        settled.append(step)
    return settled
