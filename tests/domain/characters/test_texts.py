"""The rules for what a user says about a character."""

import pytest

from domain.characters.texts import checked_metadata, checked_texts
from domain.errors import Invalid
from domain.events import Json


def test_a_name_is_kept_composed_and_in_one_line() -> None:
    assert checked_texts(name="  Élo\u00efse \n Rouge ").name == "Éloïse Rouge"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "a\x07b", "a\u202eb", "a\u2066b", "half \ud83e"])
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_texts(name=name)
    assert refused.value.field == "name"


def test_a_name_of_a_hundred_signs_of_any_script_is_taken() -> None:
    assert checked_texts(name="龍" * 100).name == "龍" * 100


def test_an_alias_is_kept_once() -> None:
    assert checked_texts(name="A", aliases=["Red", " Red", "Cap"]).aliases == ("Red", "Cap")


@pytest.mark.parametrize("aliases", [[""], ["x" * 101], [str(number) for number in range(21)]])
def test_aliases_that_cannot_be_kept_are_refused(aliases: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        checked_texts(name="A", aliases=aliases)
    assert refused.value.field == "aliases"


@pytest.mark.parametrize("description", ["x" * 10_001, "a\x00", "\udfff"])
def test_a_description_that_cannot_be_kept_is_refused(description: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_texts(name="A", description=description)
    assert refused.value.field == "description"


@pytest.mark.parametrize(
    "metadata", [{"a": "\x00"}, {"a\x00": 1}, {"a": float("nan")}, {"a": "\ud800"}, {"a": "x" * 17_000}]
)
def test_metadata_that_cannot_be_kept_is_refused(metadata: dict[str, Json]) -> None:
    with pytest.raises(Invalid) as refused:
        checked_metadata(metadata)
    assert refused.value.field == "metadata"


def test_metadata_may_speak_of_an_escape_without_holding_it() -> None:
    assert checked_metadata({"a": "\\u0000"}) == {"a": "\\u0000"}
