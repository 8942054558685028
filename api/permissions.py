"""Who may use a field: every field of Query, Mutation and Subscription carries exactly one of these."""

import inspect
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension
from strawberry.types.field import StrawberryField

from api.context import Context, Info
from domain.accounts.caller import Role
from domain.errors import Forbidden

T = TypeVar("T")


class Allow(FieldExtension):
    """Lets callers of at least `role` pass and refuses the others before the resolver runs; no role: everybody."""

    def __init__(self, role: Role | None, note: str) -> None:
        self.role = role
        self.note = note

    def apply(self, field: StrawberryField) -> None:
        # A field is applied to once for each schema that it is built into.
        told = (field.description or "").removesuffix(self.note).rstrip()
        field.description = f"{told} {self.note}".strip()

    async def check(self, context: Context) -> None:
        """Raise Unauthenticated for nobody, Forbidden for a member whose role is too small."""
        if self.role is None:
            return
        caller = await context.authenticate()
        if not caller.role.includes(self.role):
            raise Forbidden(f"This takes the role {self.role.value} in the workspace; yours is {caller.role.value}.")

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: object, info: Info, **kwargs: object
    ) -> object:
        await self.check(info.context)
        result = next_(source, info, **kwargs)
        if inspect.isasyncgen(result):
            return self._events(result, info.context)
        return await result if inspect.isawaitable(result) else result

    async def _events(self, events: AsyncGenerator[T], context: Context) -> AsyncGenerator[T]:
        """End the subscription when the caller may no longer see it."""
        async with aclosing(events):
            async for event in events:
                await self.check(context)
                yield event


class AllowOperators(Allow):
    """Lets operators pass, whatever their role in their workspace; owners of workspaces are none by that."""

    def __init__(self) -> None:
        super().__init__(None, "For operators of this lab.")

    async def check(self, context: Context) -> None:
        """Raise Unauthenticated for nobody, Forbidden for whoever is no operator."""
        caller = await context.authenticate()
        if not caller.is_operator:
            raise Forbidden("This takes an operator of this lab; `lab operators grant` makes one.")


ANYONE = Allow(None, "Open to everybody.")
VIEWER = Allow(Role.VIEWER, "For every member of the workspace.")
EDITOR = Allow(Role.EDITOR, "For editors and owners.")
OWNER = Allow(Role.OWNER, "For owners.")
OPERATOR = AllowOperators()
