"""E-mail addresses in one form."""

import pytest

from adapters.credentials.emails import ValidatedEmails
from domain.accounts.errors import EmailInvalid

emails = ValidatedEmails()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace@Example.ORG ", "ada.lovelace@example.org"),
        ("ada+lab@example.org", "ada+lab@example.org"),
        ("用户@例子.广告", "用户@例子.广告"),
    ],
)
def test_an_address_is_brought_to_one_form(given: str, kept: str) -> None:
    assert emails.normalise(given) == kept


@pytest.mark.parametrize("given", ["", "ada", "ada@", "@example.org", "ada@local", "a b@x.org", "a@b.c\0", "a" * 400])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(EmailInvalid) as refused:
        emails.normalise(given)
    assert refused.value.field == "email"
