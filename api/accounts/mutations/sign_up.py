"""The mutation signUp."""

from typing import Annotated

import strawberry

from api.accounts.types import Tokens, present_tokens
from api.context import Info
from api.permissions import ANYONE
from api.results import Refusal
from domain.accounts import use_cases
from domain.accounts.errors import EmailTaken as Taken
from domain.accounts.use_cases import NewSession
from domain.identifiers import SessionId, UserId, WorkspaceId


@strawberry.type(description="You are a user now, owner of a workspace of your own, and signed in.")
class SignedUp:
    """Success."""

    tokens: Tokens = strawberry.field(description="What proves who you are from now on.")


@strawberry.type(description="Somebody has signed up with this e-mail address.")
class EmailTaken(Refusal):
    """A fact."""


SignUpResult = Annotated[
    SignedUp | EmailTaken, strawberry.union("SignUpResult", description="What signing up can come to.")
]


@strawberry.input(description="Who wants to join.")
class SignUpInput:
    """The input of signUp."""

    email: str = strawberry.field(description="An e-mail address that nobody has signed up with.")
    password: str = strawberry.field(description="10 to 1024 bytes; a sentence is better than a riddle.")
    name: str = strawberry.field(description="How you want to be called, up to 100 characters.", default="")


@strawberry.type
class SignUp:
    """The mutation signUp."""

    @strawberry.mutation(description="Become a user, with a workspace of your own.", extensions=[ANYONE])
    async def sign_up(
        self,
        info: Info,
        given: Annotated[SignUpInput, strawberry.argument(name="input", description="Who wants to join.")],
    ) -> SignUpResult:
        context = info.context
        order = use_cases.SignUp(
            email=given.email,
            password=given.password,
            name=given.name,
            address=context.visit.address or "",
            user_id=UserId(context.new_id()),
            workspace_id=WorkspaceId(context.new_id()),
            session=NewSession(SessionId(context.new_id()), context.new_id()),
        )
        services = context.services
        outcome = await use_cases.sign_up(
            services.work,
            credentials=services.credentials,
            order=order,
            lifetimes=services.lifetimes,
            now=context.now(),
        )
        if isinstance(outcome, Taken):
            return EmailTaken(message="Somebody has signed up with this e-mail address.")
        return SignedUp(tokens=present_tokens(outcome))
