"""The mutation refreshSession."""

from typing import Annotated

import strawberry

from api.accounts.types import Tokens, present_tokens
from api.context import Info
from api.permissions import ANYONE
from api.results import Refusal
from domain.accounts import use_cases
from domain.accounts.errors import RefreshTokenRefused as Refused


@strawberry.type(description="The session goes on with a new pair of tokens.")
class SessionRefreshed:
    """Success."""

    tokens: Tokens = strawberry.field(description="The new pair; the old refresh token counts no more.")


@strawberry.type(
    description="The refresh token is unknown, has expired, was revoked, or was used before, which ends its session."
)
class RefreshTokenRefused(Refusal):
    """A fact."""


RefreshSessionResult = Annotated[
    SessionRefreshed | RefreshTokenRefused,
    strawberry.union("RefreshSessionResult", description="What refreshing a session can come to."),
]


@strawberry.input(description="Which session goes on.")
class RefreshSessionInput:
    """The input of refreshSession."""

    refresh_token: str = strawberry.field(description="The refresh token that you got last.")


@strawberry.type
class RefreshSession:
    """The mutation refreshSession."""

    @strawberry.mutation(description="Exchange a refresh token for a new pair of tokens, once.", extensions=[ANYONE])
    async def refresh_session(
        self,
        info: Info,
        given: Annotated[RefreshSessionInput, strawberry.argument(name="input", description="Which session goes on.")],
    ) -> RefreshSessionResult:
        context = info.context
        async with context.work() as work:
            outcome = await use_cases.refresh_session(
                work,
                credentials=context.services.credentials,
                refresh_token=given.refresh_token,
                token_id=context.new_id(),
                lifetimes=context.services.lifetimes,
                now=context.now(),
            )
        if isinstance(outcome, Refused):
            return RefreshTokenRefused(message="The refresh token counts no more; sign in again.")
        return SessionRefreshed(tokens=present_tokens(outcome))
