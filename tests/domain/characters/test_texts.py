"""The rules for what a user says about a character."""

from dataclasses import replace
from itertools import repeat

import pytest

from domain.characters.texts import METADATA_BYTES_MAX, checked_metadata, checked_texts
from domain.characters.use_cases.update_character import TextChanges
from domain.errors import Invalid
from domain.events import Json
from domain.texts import storable

# Each by itself is smaller than a request may be; a document can name it thousands of times.
HUGE_TEXT = "x" + " " * 4_000_000
HUGE_OBJECT = dict.fromkeys(map(str, range(100_000)))


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


def test_marks_on_one_letter_are_kept_up_to_what_scripts_know() -> None:
    assert storable("e\u0301" + "\u0323\u0301" * 14, "name") == "\u1eb9" + "\u0323" * 13 + "\u0301" * 15


@pytest.mark.parametrize("marks", ["\u0323\u0301", "\u0f73"])
def test_marks_that_take_hours_to_sort_are_refused(marks: str) -> None:
    with pytest.raises(Invalid, match="combining marks"):
        storable("龍" + marks * 500_000, "name")


def test_a_text_far_over_its_bound_is_refused_before_it_is_read() -> None:
    unfit = HUGE_TEXT + "\x00"
    with pytest.raises(Invalid, match="too many for a line"):
        checked_texts(name=unfit)
    with pytest.raises(Invalid, match="too many for a line"):
        checked_texts(name="A", aliases=[unfit] * 20)
    with pytest.raises(Invalid, match="at most 10000"):
        checked_texts(name="A", description=unfit)


@pytest.mark.parametrize("aliases", [[""], ["x" * 101], [str(number) for number in range(21)], ["x"] * 21])
def test_aliases_that_cannot_be_kept_are_refused(aliases: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        checked_texts(name="A", aliases=aliases)
    assert refused.value.field == "aliases"


@pytest.mark.parametrize("description", ["x" * 10_001, "a\x00", "\udfff"])
def test_a_description_that_cannot_be_kept_is_refused(description: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_texts(name="A", description=description)
    assert refused.value.field == "description"


def test_aliases_are_counted_before_any_is_read() -> None:
    with pytest.raises(Invalid, match="at most 20 aliases"):
        checked_texts(name="A", aliases=["\x00"] * 21)


@pytest.mark.parametrize(
    "metadata", [{"a": "\x00"}, {"a\x00": 1}, {"a": float("nan")}, {"a": "\ud800"}, {"a": "x" * 17_000}]
)
def test_metadata_that_cannot_be_kept_is_refused(metadata: dict[str, Json]) -> None:
    with pytest.raises(Invalid) as refused:
        checked_metadata(metadata)
    assert refused.value.field == "metadata"


def test_metadata_may_speak_of_an_escape_without_holding_it() -> None:
    assert checked_metadata({"a": "\\u0000"}) == {"a": "\\u0000"}


@pytest.mark.parametrize("value", [HUGE_TEXT, HUGE_OBJECT, [HUGE_TEXT] * 100], ids=["text", "object", "list"])
def test_metadata_is_measured_without_writing_it_down(value: Json) -> None:
    nested: list[Json] = [[*repeat(value, 50)] for _ in range(50)]
    with pytest.raises(Invalid, match="at most 16384 bytes"):
        checked_metadata({"a": nested})


@pytest.mark.parametrize(
    "metadata",
    [
        {"a": "x" * (METADATA_BYTES_MAX - 9)},
        {"a": [0] * 5400},
        {"a": 2**64 - 1, "b": -(2**63), "c": 1e300, "d": None, "e": True},
    ],
)
def test_metadata_up_to_its_bounds_is_taken(metadata: dict[str, Json]) -> None:
    assert checked_metadata(metadata) == metadata


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**40])
def test_an_integer_that_no_answer_can_carry_is_refused(number: int) -> None:
    with pytest.raises(Invalid, match="64 bits"):
        checked_metadata({"a": [{"b": number}]})


def test_metadata_nests_as_deep_as_a_request() -> None:
    deep: Json = 1
    for _ in range(62):
        deep = [deep]
    assert checked_metadata({"a": deep}) == {"a": deep}
    with pytest.raises(Invalid, match="64 levels"):
        checked_metadata({"a": [deep]})


def test_metadata_that_was_kept_before_a_rule_blocks_no_other_change() -> None:
    kept = replace(checked_texts(name="A"), metadata={"a": 10**40})
    assert TextChanges(name="B").applied_to(kept) == replace(kept, name="B")
