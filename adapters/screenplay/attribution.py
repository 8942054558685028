"""Who says it: the speaker in the words around a quotation."""

import re
from dataclasses import dataclass

from adapters.screenplay.casting import Roster, is_possessive
from adapters.screenplay.lexicon import Found, Lexicon
from adapters.screenplay.names import Mention
from adapters.screenplay.sentences import has_letters

_CAPITALS = r"[^\W\d_a-z][\w.'’\-]*(?:\s+[^\W\d_a-z][\w'’\-]*)*"
_AFTER_VERB = re.compile(rf"^\s+((?:[^\W\d_]+\s+){{0,3}}?)({_CAPITALS})")
_BEFORE_VERB = re.compile(rf"({_CAPITALS})(?:\s+\w+ly)?\s*$")
_ADDRESSEE = frozenset({"to", "at", "with", "after", "zu", "à", "aan", "against"})
_ADJECTIVES = frozenset({"old", "young", "little", "big", "poor", "great", "good", "other", "wise", "tiny"})
_CJK_CLAUSE = re.compile(r"[，。！？；：、\s]+")
_PARTICLE_SUBJECT = re.compile(r"([^\s、。，「」]{1,12}?)(?:は|が|も|은|는|이|가)(?=[\s、「『“\"]|$|[^ぁ-ん])")
_CJK_ADDRESSING = ("对", "對", "向", "跟", "朝")
_POSSESSED = re.compile(r"\b(?:his|her|their|my|our|its)\s+(?:[a-z]+\s+)?([^\W\d_]+)(?:\s+\w+ly)?\s*$", re.IGNORECASE)
LIGHT_WORDS_MAX, LIGHT_CHARACTERS_MAX = 9, 14


@dataclass(frozen=True, slots=True)
class Attribution:
    """The speaker in the script's own words, empty when the clause does not say."""

    speaker: str
    says: Found | None


def attribute(clause: str, roster: Roster, lexicon: Lexicon, *, is_before: bool) -> Attribution:
    """Find the speaker in a clause that stands before or after a quotation."""
    verbs = lexicon.said.find(clause)
    says = (verbs[-1] if is_before else verbs[0]) if verbs else None
    mentions = [mention for mention in roster.mentions(clause) if not is_possessive(clause, mention)]
    if says is not None:
        mentions = [mention for mention in mentions if not _is_addressed(clause, mention, says, lexicon)]
        near = _beside(clause, mentions, says)
        speaker = clause[near.start : near.end] if near else _stranger(clause, says, lexicon)
        if speaker:
            return Attribution(speaker, says)
    pronoun = lexicon.pronouns.first(clause)
    if mentions and (pronoun is None or mentions[0].start < pronoun.start):
        return Attribution(clause[mentions[0].start : mentions[0].end], says)
    if pronoun is not None and (says is None or abs(pronoun.start - says.start) < 30):
        return Attribution(pronoun.word, says)
    return Attribution(_noun(clause, says, lexicon), says)


def _beside(clause: str, mentions: list[Mention], says: Found) -> Mention | None:
    """Prefer "said X", then "X said"; "said to X" is spoken to."""
    for mention in mentions:
        if mention.start >= says.end and _follows(clause[says.end : mention.start].split()):
            return mention
    for mention in reversed(mentions):
        gap = clause[mention.end : says.start]
        if mention.end <= says.start and len(gap) <= 14 and not re.search(r"[,，;；]", gap):
            return mention
    return None


def _is_addressed(clause: str, mention: Mention, says: Found, lexicon: Lexicon) -> bool:
    """Tell whom the words are said to: "said to X", 问小明, 对小明说."""
    if not lexicon.is_spaced:
        is_object = mention.start >= says.end and lexicon.language == "zh"
        return is_object or clause[: mention.start].endswith(_CJK_ADDRESSING)
    return mention.start >= says.end and bool(_ADDRESSEE.intersection(clause[says.end : mention.start].split()))


def _stranger(clause: str, says: Found, lexicon: Lexicon) -> str:
    """Answer somebody right before the verb whom the cast does not know: Grandma said, his mother asked, 奶奶问."""
    if not lexicon.is_spaced:
        noun = _chinese_noun(clause, says, lexicon)
        return noun if noun.endswith(lexicon.kin) and not _starts_with_pronoun(noun, lexicon) else ""
    if kin := _POSSESSED.search(clause[: says.start]):
        return kin.group(1).capitalize() if kin.group(1).casefold() in lexicon.kin else ""
    named = _BEFORE_VERB.search(clause[: says.start])
    if (
        named is None
        or named.group(1).casefold() in lexicon.articles
        or named.group(1).casefold() in lexicon.connectives
    ):
        return ""
    return "" if _starts_with_pronoun(named.group(1), lexicon) else named.group(1)


def _starts_with_pronoun(words: str, lexicon: Lexicon) -> bool:
    pronoun = lexicon.pronouns.first(words)
    return pronoun is not None and pronoun.start == 0


def _follows(between: list[str]) -> bool:
    is_near = len(between) <= 3 and not _ADDRESSEE.intersection(between)
    return is_near and not any("," in word or "，" in word for word in between)


def _noun(clause: str, says: Found | None, lexicon: Lexicon) -> str:
    if lexicon.language in ("ja", "ko"):
        subject = _PARTICLE_SUBJECT.search(clause)
        return subject.group(1) if subject else ""
    if not lexicon.is_spaced:
        return _chinese_noun(clause, says, lexicon)
    return _western_noun(clause, says, lexicon) if says else ""


def _chinese_noun(clause: str, says: Found | None, lexicon: Lexicon) -> str:
    """Cut the subject out of 河曲智叟笑而止之曰: everything before the first word of manner."""
    if says is None:
        return ""
    head = _CJK_CLAUSE.split(clause[: says.start])[-1]
    cut = next((found.start for found in lexicon.manner.find(head) if found.start > 0), len(head))
    noun = head[:cut].rsplit("的", 1)[-1]
    if noun[:1] in lexicon.crowd:
        return "众人"
    starts_with_manner = any(found.start == 0 for found in lexicon.manner.find(head))
    return noun if 2 <= len(noun) <= 8 and not starts_with_manner and "而" not in noun else ""


def _western_noun(clause: str, says: Found, lexicon: Lexicon) -> str:
    after = clause[says.end :]
    capitals = _AFTER_VERB.match(after)
    if capitals and not _ADDRESSEE.intersection(capitals.group(1).split()):
        return capitals.group(2).rstrip(".,")
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.split(r"[,.;:!?]", after)[0])
    if noun := _common_noun(words, lexicon):
        return noun
    before = clause[: says.start]
    if (named := _BEFORE_VERB.search(before)) and named.group(1).casefold() not in lexicon.articles:
        return named.group(1)
    nearest = re.search(r"((?:[^\W\d_]+\s+){1,3})$", before)
    subject = nearest.group(1).split() if nearest else []
    return _common_noun(subject, lexicon) if subject and subject[-1] not in lexicon.connectives else ""


def _common_noun(words: list[str], lexicon: Lexicon) -> str:
    """Read "the old fox" as Fox."""
    if not words or words[0].casefold() not in lexicon.articles:
        return ""
    nouns = [word for word in words[1:4] if word.casefold() not in _ADJECTIVES]
    return nouns[0].capitalize() if nouns else ""


def is_light(clause: str, lexicon: Lexicon) -> bool:
    """Tell whether a clause only says who speaks and how, so that it needs no picture of its own."""
    if lexicon.is_spaced:
        return len(clause.split()) <= LIGHT_WORDS_MAX
    return sum(1 for letter in clause if has_letters(letter)) <= LIGHT_CHARACTERS_MAX
