"""Numbers as headings write them, so that "Act two" is told from a sentence about an act."""

_DIGITS = r"\d{1,3}"
# Only well-formed ones: "ill" and "civil" are made of the same letters.
_ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_WORDS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|eleventh|twelfth|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last"
    r"|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf"
    r"|een|twee|drie|vijf|zes"
    r"|un|une|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|premier|premi[eè]re|second|seconde|unique"
    r"|(?:deuxi|troisi|quatri|cinqui|sixi|septi|huiti|neuvi|dixi|onzi|douzi)[eè]me|derni(?:er|[eè]re)"
    r"|un[oa]|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|primer[oa]?|segund[oa]|tercer[oa]?|cuart[oa]|quint[oa]"
    r"|due|tre|quattro|cinque|undici|dodici|prim[oa]|second[oa]|terz[oa]|quart[oa]|dois|duas|três|quatro|primeir[oa]|terceir[oa]"
    r"|[uú]nic[oa]|sext[oa]|sest[oa]|s[eé]ptim[oa]|settim[oa]|octav[oa]|ottav[oa]|noven[oa]|non[oa]|d[eé]cim[oa]|[uú]ltim[oa]"
    r"|один|одна|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать"
    r"|(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|одиннадцат|двенадцат|тринадцат"
    r"|четырнадцат|пятнадцат|шестнадцат|семнадцат|восемнадцат|девятнадцат|двадцат|последн)[а-я]{1,3}"
    r"|yksi|kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän|kymmenen|ensimmäinen|toinen|kolmas|neljäs|viides"
)
CJK_NUMERAL = r"[0-9０-９〇零一二三四五六七八九十百千两兩]"
NUMERAL = rf"(?:(?:{_DIGITS}|{_ROMAN}|{_WORDS})(?!\w))"
# Behind it a heading may have its title, set off by a mark or begun by a capital; a sentence goes on otherwise.
TITLED = r"(?:\s*$|\s*[.,:(/–—-].{0,80}$|\s+(?-i:[A-ZÀ-ÞА-ЯЁ])[^.!?…]{0,60}$)"
