"""The mutation signIn."""

from typing import Annotated

import strawberry

from api.accounts.types import Tokens, present_tokens
from api.context import Info
from api.permissions import ANYONE
from api.results import Refusal
from domain.accounts import use_cases
from domain.accounts.errors import WrongEmailOrPassword as Wrong
from domain.accounts.use_cases import NewSession
from domain.identifiers import SessionId


@strawberry.type(description="You are signed in.")
class SignedIn:
    """Success."""

    tokens: Tokens = strawberry.field(description="What proves who you are from now on.")


@strawberry.type(description="The e-mail address or the password is wrong; which of them is not told.")
class WrongEmailOrPassword(Refusal):
    """A fact."""


SignInResult = Annotated[
    SignedIn | WrongEmailOrPassword, strawberry.union("SignInResult", description="What signing in can come to.")
]


@strawberry.input(description="Who you claim to be.")
class SignInInput:
    """The input of signIn."""

    email: str = strawberry.field(description="The e-mail address that you signed up with.")
    password: str = strawberry.field(description="Your password.")


@strawberry.type
class SignIn:
    """The mutation signIn."""

    @strawberry.mutation(
        description="Start a session. Attempts are limited by e-mail address and network address.", extensions=[ANYONE]
    )
    async def sign_in(
        self,
        info: Info,
        given: Annotated[SignInInput, strawberry.argument(name="input", description="Who you claim to be.")],
    ) -> SignInResult:
        context = info.context
        claim = use_cases.SignIn(
            email=given.email,
            password=given.password,
            address=context.visit.address or "",
            session=NewSession(SessionId(context.new_id()), context.new_id()),
        )
        services = context.services
        outcome = await use_cases.sign_in(
            services.work,
            credentials=services.credentials,
            claim=claim,
            lifetimes=services.lifetimes,
            now=context.now(),
        )
        if isinstance(outcome, Wrong):
            return WrongEmailOrPassword(message="The e-mail address or the password is wrong.")
        return SignedIn(tokens=present_tokens(outcome))
