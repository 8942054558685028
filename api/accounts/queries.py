"""Who asks."""

import strawberry

from api.accounts.types import Me, present_me
from api.context import Info
from api.permissions import VIEWER
from domain.accounts.use_cases import find_account


@strawberry.type
class AccountQueries:
    """Accounts."""

    @strawberry.field(description="You, your workspace and your role in it.", extensions=[VIEWER])
    async def me(self, info: Info) -> Me:
        caller = info.context.caller
        async with info.context.work() as work:
            found = await find_account(work, user_id=caller.user_id, workspace_id=caller.workspace_id)
        return present_me(found)
