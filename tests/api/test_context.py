"""What one operation is given of lists, however it asks for them."""

from collections.abc import Mapping, Sequence

import pytest

from api.context import LOADED_ITEMS_MAX, Batch, Context, Visit
from api.limits import Limits
from api.schema import LabSchema
from api.transport.operations import Operations
from api.work import Work
from domain.errors import Invalid
from tests.api.toy import ToyServices

LONG = 1000


async def fetch_lists(_work: Work, keys: Sequence[int]) -> Mapping[int, Sequence[int]]:
    return {key: [key] * LONG for key in keys}


LISTS = Batch(fetch_lists)


@pytest.fixture
def context(schema: LabSchema, services: ToyServices, limits: Limits) -> Context:
    return Operations(schema, services, limits).context(Visit())


async def test_an_operation_is_given_so_many_items_of_lists(context: Context) -> None:
    for _ in range(LOADED_ITEMS_MAX // LONG):
        assert await context.load(LISTS, 1)
    for key in (1, 2):
        with pytest.raises(Invalid, match="more than 50000 items"):
            await context.load(LISTS, key)


async def test_a_subscription_begins_anew_with_each_event(context: Context) -> None:
    for _ in range(LOADED_ITEMS_MAX // LONG):
        await context.load(LISTS, 1)
    assert await context.for_event().load(LISTS, 1)
    context.forget()
    assert await context.load(LISTS, 1)
