"""Members of workspaces who work on characters over the API, and what their questions cost."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import event, text

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.identifiers import CharacterId
from tests.api.asking import ask_as
from tests.builders_accounts import signed_up
from tests.builders_character_lab import CharacterLab


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is signed in, and the characters of their workspace."""

    token: str
    lab: CharacterLab

    async def ask(self, http: httpx.AsyncClient, document: str, /, **variables: object) -> dict[str, Any]:
        """Answer the data of a document that must not fail."""
        answer = await ask_as(http, self.token, document, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data


async def member(container: Container, role: Role = Role.EDITOR, *, email: str = "ada@example.org") -> Member:
    """Somebody with this role in a workspace of their own."""
    grant = await signed_up(container, email=email, now=container.now())
    async with container.system_work() as work:
        statement = text("update memberships set role = :role where user_id = :user")
        await work.session.execute(statement, {"role": role.value, "user": grant.user_id})
    return Member(grant.access_token, CharacterLab(container, grant.workspace_id, now=container.now()))


def global_character(key: CharacterId) -> str:
    return f"character_{key}"


@contextmanager
def counted_statements(container: Container) -> Generator[list[str]]:
    """Collect the statements that the application's role sends meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = container.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
