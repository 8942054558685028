"""The account that this machine's user has in the lab of a folder: made once, and kept beside the lab's data."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from client.studio import Refused, Studio
from domain.errors import Invalid

FILE = "account.json"


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """An e-mail address and a made password in a file that its owner alone can read."""

    path: Path
    email: str
    password: str

    @classmethod
    def kept_in(cls, folder: Path) -> "KeptAccount":
        """Answer the folder's account, made where there is none; raises Invalid for a file that holds none."""
        path = folder / FILE
        if not path.exists():
            make_account(path)
        try:
            told = json.loads(path.read_text())
            return cls(path=path, email=str(told["email"]), password=str(told["password"]))
        except (json.JSONDecodeError, KeyError, TypeError) as unread:
            raise Invalid(f"{path} holds no account; delete it to have another made.") from unread


def make_account(path: Path) -> None:
    """Write a new account; of two commands that do so at once the first one counts, and neither reads half a file."""
    made = {"email": f"film-{secrets.token_hex(3)}@lab.example", "password": secrets.token_urlsafe(18)}
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(json.dumps(made) + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


async def enter(studio: Studio, account: KeptAccount) -> None:
    """Sign in, or sign up where the lab does not know the account yet; raises Refused when its password was changed."""
    try:
        await studio.sign_in(email=account.email, password=account.password)
    except Refused as refused:
        if refused.fact != "WrongEmailOrPassword":
            raise
        await sign_up(studio, account)


async def sign_up(studio: Studio, account: KeptAccount) -> None:
    try:
        await studio.sign_up(email=account.email, password=account.password, name="Filmmaker")
    except Refused as refused:
        if refused.fact != "EmailTaken":
            raise
        message = f"The password of {account.email} is not the one in {account.path}: mend the file, or delete it."
        raise Refused("WrongEmailOrPassword", message) from refused
