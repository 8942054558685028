"""The mutation signOut."""

import strawberry

from api.context import Info
from api.node import global_id
from api.permissions import VIEWER
from domain.accounts import use_cases


@strawberry.type(description="The session is over: its tokens count no more.")
class SignedOut:
    """Success."""

    session_id: strawberry.ID = strawberry.field(description="The session that ended.")


@strawberry.type
class SignOut:
    """The mutation signOut."""

    @strawberry.mutation(description="End this session on every device that shares it.", extensions=[VIEWER])
    async def sign_out(self, info: Info) -> SignedOut:
        session_id = info.context.caller.session_id
        async with info.context.work() as work:
            await use_cases.sign_out(work, session_id=session_id, now=info.context.now())
        return SignedOut(session_id=global_id("Session", session_id))
