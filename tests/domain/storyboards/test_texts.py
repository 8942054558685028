"""Lines that a user gives for a storyboard."""

import pytest

from domain.errors import Invalid
from domain.storyboards.texts import checked_title


@pytest.mark.parametrize("title", ["a\u202eb", "a\x07b", "a\u2067b\u2069"])
def test_a_title_that_deceives_its_reader_is_refused(title: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_title(title)
    assert refused.value.field == "title"


def test_a_title_of_any_script_is_kept_in_one_line() -> None:
    assert checked_title(" قصة\u200f 1\n 👨‍👩‍👧 ") == "قصة\u200f 1 👨‍👩‍👧"
