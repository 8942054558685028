"""The account of a folder is made once and is its owner's alone."""

from pathlib import Path

import pytest

from bootstrap.account import KeptAccount
from domain.errors import Invalid


def test_an_account_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    made = KeptAccount.kept_in(tmp_path)

    again = KeptAccount.kept_in(tmp_path)

    assert again == made
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("account.json", 0o600)]
    assert len(made.password) >= 20


def test_a_file_that_holds_no_account_is_told(tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text("{}")

    with pytest.raises(Invalid, match=r"account\.json holds no account"):
        KeptAccount.kept_in(tmp_path)
