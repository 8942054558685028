"""Members of workspaces who write and edit storyboards over the API."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.storyboards.models import Shot, Storyboard
from tests.builders_accounts import signed_up
from tests.builders_storyboards import StoryboardLab

# Each edit of a storyboard as clients send it: the mutation's name and what its input has besides the target.
EDITS: dict[str, dict[str, object]] = {
    "insertShot": {"shot": {"action": "A new shot.", "extras": True}, "position": 1},
    "updateShot": {"shotId": "SHOT", "action": "Changed.", "size": "CLOSE_UP", "extras": True},
    "moveShot": {"shotId": "SHOT", "position": 3},
    "splitShot": {"shotId": "SHOT", "atSeconds": 1.5},
    "mergeShots": {"shotId": "SHOT"},
    "deleteShot": {"shotId": "SHOT"},
    "restoreStoryboardVersion": {"restoredVersion": 1},
}
EDITED = """
__typename
... on StoryboardEdited { storyboard { version shotCount seconds } shots { number action size seconds extras } }
... on Refusal { message }
... on StoryboardVersionConflict { actualVersion }
"""


def mutation(name: str, selection: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {selection} }} }}"


def edit_input(name: str, board: Storyboard, *, version: int | None = None) -> dict[str, object]:
    """The input of one of EDITS, on a storyboard's first shot."""
    given = {key: global_shot(board.shots[0]) if value == "SHOT" else value for key, value in EDITS[name].items()}
    return {"storyboardId": f"storyboard_{board.id}", "version": board.version if version is None else version, **given}


def global_shot(shot: Shot) -> str:
    return f"shot_{shot.id}"


def code(answer: dict[str, Any]) -> str:
    return answer["errors"][0]["extensions"]["code"]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is signed in, and the storyboards of their workspace."""

    token: str
    lab: StoryboardLab


async def member(container: Container, *, role: Role = Role.OWNER, email: str = "ada@example.org") -> Member:
    grant = await signed_up(container, email=email, now=container.now())
    async with container.system_work() as work:
        statement = text("update memberships set role = :role where user_id = :user")
        await work.session.execute(statement, {"role": role, "user": grant.user_id})
    return Member(grant.access_token, StoryboardLab(container, grant.workspace_id))
