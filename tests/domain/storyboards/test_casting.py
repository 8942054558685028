"""Which names a script has, and whom of several with one name it could mean."""

import unicodedata
from uuid import UUID

import pytest

from domain.characters.models import Character, CharacterState
from domain.characters.texts import checked_texts
from domain.identifiers import CharacterId, WorkspaceId
from domain.storyboards.casting import ScriptNames, namesakes_in
from tests.builders_storyboards import NOW


def character(number: int, name: str) -> Character:
    key = CharacterId(UUID(int=number))
    return Character(key, WorkspaceId(UUID(int=9)), checked_texts(name=name), CharacterState.READY, NOW, NOW)


def namesakes(script: str, name: str) -> int:
    return len(namesakes_in(script, [character(1, name), character(2, name)]))


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("Said AL: now.", "Al"),
        ("al's dog", "Al"),
        ("the hare ran", "Hare"),
        ("Old Mrs.\n  Rabbit slept.", "Mrs. Rabbit"),
        ("Annalle se sopi.", "Anna"),
        ("Она видит Ивана.", "Иван"),
        ("北山愚公者，年且九十。", "愚公"),
        ("小明和Tom走了。", "Tom"),
        ("アンナは走った。", "アンナ"),
        ("قال لعلي", "علي"),
        ("राम के घर", "राम"),
        ("R2-D2 beeps.", "R2-D2"),
    ],
)
def test_a_script_has_a_name(script: str, name: str) -> None:
    assert ScriptNames(script).has(name)


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("She also walked.", "Al"),
        ("Also she walked.", "Al"),
        ("The market was closed.", "Mark"),
        ("Hannah ran.", "Anna"),
        ("Unit 70 stopped.", "Unit 7"),
        ("Annabella ran.", "Anna"),
    ],
)
def test_a_name_within_another_word_is_no_name(script: str, name: str) -> None:
    assert not ScriptNames(script).has(name)


def test_a_decomposed_script_has_composed_names() -> None:
    assert namesakes(unicodedata.normalize("NFD", "Zoë ran."), "Zoë") == 2


def test_only_a_name_that_stands_in_the_script_is_ambiguous() -> None:
    assert namesakes("She also walked.", "Al") == 0
    assert namesakes("She and Al walked.", "Al") == 2
