"""Others than the cast may be seen where the script tells of a crowd."""

import pytest

from tests.builders_scripts import board

CROWDS = [
    ("Anna walked to the market.", "A crowd gathered around Anna on the square.", "Anna"),
    ("Am Abend schlief Anna.", "Die Leute standen lange vor dem Haus von Anna.", "Anna"),
    ("Le soir, Anna dormait.", "Les gens attendaient Anna devant la maison.", "Anna"),
    ("Anna dormía en la casa.", "La gente esperaba a Anna delante de la puerta.", "Anna"),
    ("Anna dormiva nella casa.", "La folla aspettava Anna davanti alla porta.", "Anna"),
    ("Anna dormia na casa.", "A multidão esperava por Anna diante da porta.", "Anna"),
    ("Anna sliep in het huis.", "De mensen wachtten lang op Anna voor de deur.", "Anna"),
    ("Anna nukkui talossa.", "Kyläläiset odottivat Annaa kauan oven edessä.", "Anna"),
    ("Анна спала в доме.", "Толпа долго ждала Анну перед дверью.", "Анна"),
    ("かめは家で眠りました。", "人々は家の前でかめを長い間待ちました。", "かめ"),
    ("토끼는 집에서 잤습니다.", "사람들이 집 앞에서 토끼를 오래 기다렸습니다.", "토끼"),
    ("小明在家里睡觉。", "众人在门前等了小明很久很久，天都黑了。", "小明"),
]


@pytest.mark.parametrize(("alone", "crowded", "name"), CROWDS)
def test_a_crowd_is_seen_as_extras(alone: str, crowded: str, name: str) -> None:
    first = board(f"{alone}\n\n{crowded}", name)[0]

    assert not first.extras
    assert any(shot.extras for shot in board(crowded, name))


def test_a_crowd_that_is_only_spoken_of_is_not_seen() -> None:
    shots = board("“The soldiers and the villagers are far away,” said Anna.", "Anna")

    assert not any(shot.extras for shot in shots)


def test_a_crowd_that_is_spoken_to_is_seen() -> None:
    shots = board("“Go home, all of you,” said Anna, waving her hat to the villagers.", "Anna")

    assert any(shot.extras for shot in shots)


def test_people_in_a_name_of_the_cast_are_nobody_else() -> None:
    shots = board("The Queen of Women and Men walked home.", "Queen of Women and Men")

    assert not any(shot.extras for shot in shots)


def test_a_place_that_is_called_by_people_is_empty() -> None:
    assert not any(shot.extras for shot in board("INT. CHILDREN'S ROOM\n\nAnna slept in the men's bed.", "Anna"))
