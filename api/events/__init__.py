"""What happened in a workspace, live."""

from api.events.queries import EventQueries
from api.events.subscriptions import EventSubscriptions
from api.slices import Slice

SLICE = Slice(queries=(EventQueries,), subscriptions=(EventSubscriptions,))
