"""Which language a text is in: the writing system first, then py3langid among the languages of broad use."""

import re
import unicodedata
from collections import Counter

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNDETERMINED = "und"
# The model knows 140 languages; on a short line it prefers rare ones (Catalan for Portuguese, Frisian for Dutch).
LANGUAGES = (
    "af", "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu",
    "id", "is", "it", "ja", "ko", "lt", "lv", "mr", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv",
    "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
# Writing systems that one language of the list owns.
_SCRIPTS = {"HANGUL": "ko", "THAI": "th", "GREEK": "el", "HEBREW": "he", "TAMIL": "ta", "TELUGU": "te", "BENGALI": "bn"}
_KANA = ("HIRAGANA", "KATAKANA")
# Letters that tell the Cyrillic and Latin neighbours apart better than any model does on a short line.
_LETTERS = {"uk": "іїєґ", "ru": "ыэё", "sr": "ђћџљњј"}
# Frequent characters that only one of the two Chinese scripts writes.
_SIMPLIFIED = frozenset(
    "们个来这时国会说对过还没开关见问间门东车长马鸟鱼龙书话语谁让谢认识学习动应当将从头风飞习买"
    "卖儿岁气电写觉听亲爱乐兴难万与为义乌乔专业丛丝两严丧丰临举么无"
)
_TRADITIONAL = frozenset(
    "們個來這時國會說對過還沒開關見問間門東車長馬鳥魚龍書話語誰讓謝認識學習動應當將從頭風飛買賣"
    "兒歲氣電寫覺聽親愛樂興難萬與為義烏喬專業叢絲兩嚴喪豐臨舉麼無"
)
_ADDRESS = re.compile(r"\b[a-z]{2,10}://\S+", re.IGNORECASE)
_SAMPLE_CHARACTERS_MAX = 4000
# Below this many letters, an unsure answer for Latin text is worse than English, the language most scripts come in.
_SHORT_LETTERS, _SURE = 24, 0.17
_SURE_BULGARIAN = 0.8


class LanguageDetection:
    """Answers a BCP 47 tag: `zh` or `zh-Hant` for Chinese, `und` where there are no letters."""

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages(list(LANGUAGES))

    def detect(self, text: str) -> str:
        """Answer the tag of the language that most of the text is in."""
        sample = _ADDRESS.sub(" ", text[:_SAMPLE_CHARACTERS_MAX])
        scripts = Counter(_script(letter) for letter in sample if letter.isalpha())
        if not scripts:
            return UNDETERMINED
        return self._by_script(sample, scripts) or self._by_model(sample, scripts)

    def _by_script(self, sample: str, scripts: Counter[str]) -> str:
        letters = scripts.total()
        if sum(scripts[kana] for kana in _KANA) > letters * 0.1:
            return "ja"
        if scripts["CJK"] > letters * 0.3 and scripts["HANGUL"] < scripts["CJK"]:
            return _chinese(sample)
        owner = next((tag for script, tag in _SCRIPTS.items() if scripts[script] > letters * 0.5), "")
        if owner or scripts["CYRILLIC"] <= letters * 0.5:
            return owner
        return next((tag for tag, marks in _LETTERS.items() if any(mark in sample.lower() for mark in marks)), "")

    def _by_model(self, sample: str, scripts: Counter[str]) -> str:
        tag, sureness = self._identifier.classify(sample)
        if scripts["LATIN"] == scripts.total() <= _SHORT_LETTERS and sureness < _SURE and sample.isascii():
            return "en"
        # Short Russian without ы or э looks Bulgarian to the model; real Bulgarian makes it surer.
        return "ru" if tag == "bg" and sureness < _SURE_BULGARIAN else str(tag)


def _script(letter: str) -> str:
    """The first word of a letter's Unicode name is its writing system."""
    return unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0].split("-", 1)[0]


def _chinese(sample: str) -> str:
    simplified = sum(letter in _SIMPLIFIED and letter not in _TRADITIONAL for letter in sample)
    traditional = sum(letter in _TRADITIONAL and letter not in _SIMPLIFIED for letter in sample)
    return "zh-Hant" if traditional > simplified else "zh"
