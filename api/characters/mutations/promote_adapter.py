"""The mutation promoteAdapter."""

from typing import Annotated

import strawberry

from api.characters.adapter_refusals import AdapterNotFound, AdapterNotUsable
from api.characters.adapter_types import AdapterVersion, present_adapter
from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from domain.characters import errors
from domain.characters.use_cases.change_adapter import promote_adapter
from domain.identifiers import AdapterId


@strawberry.type(description="New renders use the version.")
class AdapterPromoted:
    """Success."""

    adapter: AdapterVersion = strawberry.field(description="The version in use.")


PromoteAdapterResult = Annotated[
    AdapterPromoted | AdapterNotFound | AdapterNotUsable,
    strawberry.union("PromoteAdapterResult", description="What putting a version to use can come to."),
]


@strawberry.input(description="Which version to use.")
class PromoteAdapterInput:
    """The input of promoteAdapter."""

    id: strawberry.ID = strawberry.field(description="The version; it is ready, or was rejected.")
    is_despite_scores: bool = strawberry.field(
        default=False, description="Use it even if its scores were the reason to reject it: your eyes know better."
    )


@strawberry.type
class PromoteAdapter:
    """The mutation promoteAdapter."""

    @strawberry.mutation(description="Put a version of a character's adapter to use by hand.", extensions=[EDITOR])
    async def promote_adapter(
        self,
        info: Info,
        given: Annotated[PromoteAdapterInput, strawberry.argument(name="input", description="Which version.")],
    ) -> PromoteAdapterResult:
        context, key = info.context, AdapterId(local_id("AdapterVersion", given.id))
        despite, now = given.is_despite_scores, context.now()
        try:
            async with context.work() as work:
                _, adapter = await promote_adapter(work, adapter_id=key, is_despite_scores=despite, now=now)
        except errors.AdapterNotFound as fact:
            return AdapterNotFound(message=fact.message)
        except errors.AdapterNotUsable as fact:
            return AdapterNotUsable(message=fact.message)
        return AdapterPromoted(adapter=present_adapter(adapter))
