"""People, workspaces and tokens as clients see them."""

from datetime import datetime

import strawberry

from api.enums import describe_enum
from api.node import global_id
from domain.accounts.caller import Role
from domain.accounts.models import Grant
from domain.accounts.ports import Account

describe_enum(
    Role,
    "What a member may do in a workspace; each role includes those before it.",
    {
        Role.VIEWER: "Sees everything.",
        Role.EDITOR: "Makes and changes characters, storyboards and renders.",
        Role.OWNER: "Does everything, members and keys included.",
    },
)


@strawberry.type(description="Somebody who can sign in.")
class User:
    """A person as clients see them."""

    id: strawberry.ID = strawberry.field(description="Names this person.")
    email: str = strawberry.field(description="Their e-mail address, in lower case.")
    name: str = strawberry.field(description="How they want to be called; may be empty.")
    created_at: datetime = strawberry.field(description="When they signed up.")


@strawberry.type(description="Everything belongs to one; people are members with a role.")
class Workspace:
    """A tenant as its members see it."""

    id: strawberry.ID = strawberry.field(description="Names this workspace.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="Who asks, where, and what they may do there.")
class Me:
    """The caller."""

    user: User = strawberry.field(description="The person.")
    workspace: Workspace = strawberry.field(description="The workspace that the session acts in.")
    role: Role = strawberry.field(description="Their role in it.")


@strawberry.type(description="What proves who you are: a short-lived token for requests and one to get the next pair.")
class Tokens:
    """An access token and a refresh token."""

    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer`.")
    access_expires_at: datetime = strawberry.field(description="When the access token stops counting.")
    refresh_token: str = strawberry.field(
        description="Good for one call of refreshSession; using it twice ends the session. Keep it secret."
    )
    refresh_expires_at: datetime = strawberry.field(description="When the refresh token stops counting.")
    user_id: strawberry.ID = strawberry.field(description="The person who signed in.")
    workspace_id: strawberry.ID = strawberry.field(description="The workspace that the session acts in.")


def present_me(account: Account) -> Me:
    user, workspace = account.user, account.workspace
    return Me(
        user=User(id=global_id("User", user.id), email=user.email, name=user.name, created_at=user.created_at),
        workspace=Workspace(id=global_id("Workspace", workspace.id), name=workspace.name),
        role=account.role,
    )


def present_tokens(grant: Grant) -> Tokens:
    return Tokens(
        access_token=grant.access_token,
        access_expires_at=grant.access_expires_at,
        refresh_token=grant.refresh_token,
        refresh_expires_at=grant.refresh_expires_at,
        user_id=global_id("User", grant.user_id),
        workspace_id=global_id("Workspace", grant.workspace_id),
    )
