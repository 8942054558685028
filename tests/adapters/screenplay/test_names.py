"""Whose name it is: names that begin alike, forms of names, names in every writing, and what tells the sexes."""

import pytest

from adapters.screenplay.planner import ScreenplayPlanner
from domain.storyboards.models import ShotContent
from domain.storyboards.ports import KnownCharacter, WritingOrder
from tests.builders_scripts import LANGUAGES, board, cast_of, known, order, script, spoken


def written(text: str, *names: str, language: str = "") -> list[ShotContent]:
    return ScreenplayPlanner(LANGUAGES).plan_all(order(text, *names, language=language))


def with_cast(text: str, *cast: KnownCharacter, language: str = "zh") -> list[ShotContent]:
    return ScreenplayPlanner(LANGUAGES).plan_all(WritingOrder(text, "A film", cast, language=language))


def present(text: str, *names: str, language: str) -> set[str]:
    return {name for shot in written(text, *names, language=language) for name in cast_of(shot, *names)}


@pytest.mark.parametrize(
    ("language", "sentence", "one", "other"),
    [
        ("it", "Mario dormiva nella casa.", "Mario", "Maria"),
        ("es", "Julia dormía en la casa.", "Julia", "Julio"),
        ("pt", "Mario dormia na casa.", "Mario", "Maria"),
        ("fr", "Jeanne dormait dans la forêt.", "Jeanne", "Jean"),
        ("de", "Jana schlief im Haus.", "Jana", "Jan"),
        ("ru", "Яна спала в доме.", "Яна", "Ян"),
        ("nl", "Janneke sliep in het huis.", "Janneke", "Jan"),
        ("und", "Hens slept in the house.", "Hens", "Hen"),
    ],
)
def test_a_name_with_the_same_beginning_is_somebody_else(language: str, sentence: str, one: str, other: str) -> None:
    for names in ((one, other), (other, one)):
        assert present(sentence, *names, language=language) == {one}


@pytest.mark.parametrize("names", [("Maria", "Mario"), ("Mario", "Maria")])
def test_a_cue_is_first_of_all_the_name_that_it_is(names: tuple[str, str]) -> None:
    play = "MARIO: Ciao, cara mia, come stai oggi?\nMARIA: Salve a te, sto bene, grazie.\nMARIO: Ne sono felice."

    assert [speaker for speaker, _ in spoken(written(play, *names, language="it"))] == ["Mario", "Maria", "Mario"]


def test_an_own_name_comes_before_the_alias_of_another() -> None:
    story = "Tom slept in the house for a long and quiet time.\n\nTom: Who is there?\nTom: Nobody."

    shots = with_cast(story, known("Tomaso", "Tom"), known("Tom"), language="en")

    assert all(cast_of(shot, "Tom", "Tomaso") <= {"Tom"} for shot in shots)
    assert any(cast_of(shot, "Tom") for shot in shots)


@pytest.mark.parametrize(
    ("language", "sentence", "name"),
    [
        ("ru", "Машина стояла у дома.", "Маша"),
        ("ru", "Петух кричал в деревне.", "Петя"),
        ("ru", "Маша спит. Я машу рукой.\n\nЯ машу рукой.", "Маша"),
        ("ru", "У Анны и Веры нет веры.\n\nНет веры в людей.", "Вера"),
        ("de", "Der Januar war kalt.", "Jan"),
        ("it", "La mariposa dormiva.", "Maria"),
        ("fi", "Annukka nukkui metsässä.", "Anna"),
        ("pl", "Janina spała w domu.", "Jan"),
    ],
)
def test_a_word_that_begins_like_a_name_is_another_word(language: str, sentence: str, name: str) -> None:
    assert not cast_of(written(sentence, name, language=language)[-1], name)


@pytest.mark.parametrize(
    ("language", "sentence", "name"),
    [
        ("ru", "В лесу все увидели Машу.", "Маша"),
        ("ru", "Черепаха обогнала зайца в лесу.", "Заяц"),
        ("ru", "Все смотрели на лису. Тут лиса убежала.", "Лиса"),
        ("ru", "Все ждали Андрея в лесу.", "Андрей"),
        ("uk", "Усі чекали на Марійку біля лісу.", "Марійка"),
        ("pl", "Wszyscy widzieli Annę w lesie.", "Anna"),
        ("cs", "Všichni viděli Petra v lese.", "Petr"),
        ("fi", "Kaikki näkivät Annalle annetun lahjan.", "Anna"),
        ("hu", "Mindenki látta Annát az erdőben.", "Anna"),
        ("tr", "Herkes Ayşe'yi ormanda gördü.", "Ayşe"),
        ("de", "Alle sahen den Hasen im Wald.", "Hase"),
        ("sv", "Alla såg Annas hus och Haren där.", "Hare"),
        ("en", "They all saw that Tom'll sleep.", "Tom"),
        ("pl", "Mama dała Kasi jabłko.", "Kasia"),
        ("ru", "Кот дружил с Мышью.", "Мышь"),
        ("fi", "Kissa jahtasi Hiirtä.", "Hiiri"),
        ("fi", "Liisakin nauroi.", "Liisa"),
        ("de", "Der Fuchs sprach zu dem Wolfe.", "Wolf"),
        ("hu", "Anna elment Péterrel.", "Péter"),
        ("uk", "Мама кликала Ігоря.", "Ігор"),
        ("nb", "Annas hus lå ved sjøen.", "Anna"),
    ],
)
def test_the_cases_of_a_name_are_known(language: str, sentence: str, name: str) -> None:
    assert present(sentence, name, language=language) == {name}


@pytest.mark.parametrize(
    ("language", "sentence", "name"),
    [
        ("ar", "ذهب علي إلى البيت.", "علي"),
        ("ar", "ذهب الرجل وعلي إلى البيت.", "علي"),
        ("ar", "قال الرجل لعلي كلمة.", "علي"),
        ("he", "האיש הלך ודן נשאר בבית.", "דן"),
        ("hi", "राम घर में सोता है।", "राम"),
        ("bn", "সবাই রামকে দেখল।", "রাম"),
        ("ko", "김철수에게 갔습니다.", "철수"),
        ("en", "They call him 李雷 there.", "李雷"),
        ("zh", "森林里小明睡了。", "小明"),
        ("zh", "Tom高兴地走进花园。", "Tom"),
        ("zh", "然后TOM跑了。", "Tom"),
        ("zh", "然后小Tom跑了。", "小Tom"),
        ("ja", "Aliceは庭を走った。", "Alice"),
        ("ko", "Tom은 숲에서 잤습니다.", "Tom"),
    ],
)
def test_a_name_is_found_in_every_writing(language: str, sentence: str, name: str) -> None:
    assert present(sentence, name, language=language) == {name}


@pytest.mark.parametrize(
    ("language", "sentence", "name"),
    [
        ("ar", "ذهب الرجل إلى البيت وسلم عليه.", "علي"),
        ("he", "האיש הלך לעדן ולאדנים.", "דן"),
        ("hi", "वह घर में आराम करता है।", "राम"),
        ("hi", "वह घर में रामायण पढ़ता है।", "राम"),
        ("ko", "우리나라는 아름답습니다.", "나라"),
        ("zh", "然后Tommy跑了。", "Tom"),
    ],
)
def test_a_name_is_not_found_within_another_word(language: str, sentence: str, name: str) -> None:
    assert present(sentence, name, language=language) == set()


def test_who_bears_the_longer_name_is_meant_where_it_stands() -> None:
    assert present("然后小Tom跑了。", "Tom", "小Tom", language="zh") == {"小Tom"}
    assert present("然后Tom跑了。", "Tom", "小Tom", language="zh") == {"Tom"}


def test_a_latin_name_leaves_the_place_before_it_to_the_picture() -> None:
    assert written("在森林里Tom跑了。", "Tom", language="zh")[0].setting.scenery == "forest"


def who_follows(sentence: str, *cast: KnownCharacter, language: str = "zh") -> set[str]:
    """Answer whom the last of two paragraphs shows."""
    return cast_of(with_cast(sentence, *cast, language=language)[-1], *(each.name for each in cast))


@pytest.mark.parametrize(
    ("language", "story", "names", "seen"),
    [
        ("zh", "王芳在家里睡觉。\n\n她哭了很久很久，天都黑了。", ["王芳"], {"王芳"}),
        ("zh", "白雪公主在森林里睡觉。\n\n她哭了很久很久，天都黑了。", ["白雪公主"], {"白雪公主"}),
        ("zh", "王后在森林里睡觉。\n\n他哭了很久很久，天都黑了。", ["王后"], set()),
        ("zh", "王子在森林里睡觉。\n\n她哭了很久很久，天都黑了。", ["王子"], set()),
        ("zh", "小明在家里睡觉。\n\n其他人都走了很久很久，天都黑了。", ["小明"], set()),
        ("zh", "小明在家里睡觉。\n\n一把吉他放在桌上很久很久了。", ["小明"], set()),
        ("ja", "白雪王女は森で眠りました。\n\n彼女は長い間ずっと泣きました。", ["白雪王女"], {"白雪王女"}),
    ],
)
def test_words_of_several_characters_tell_the_sexes(
    language: str, story: str, names: list[str], seen: set[str]
) -> None:
    assert who_follows(story, *map(known, names), language=language) == seen


def test_a_description_tells_more_than_one_character_of_a_name() -> None:
    story = "公孙离在家里睡觉。\n\n{}哭了很久很久，天都黑了。"

    she = known("公孙离", description="一个在公司工作的女孩")

    assert who_follows(story.format("她"), she) == {"公孙离"}
    assert who_follows(story.format("他"), she) == set()


def test_a_stranger_of_a_story_has_their_name_beside_a_large_cast() -> None:
    names = [f"Person{chr(97 + index % 26)}{chr(97 + index // 26)}" for index in range(300)]

    assert spoken(board(script("peter_rabbit.txt"), *names))[-1] == ("Mr. McGregor", "Stop thief!")
