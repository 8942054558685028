"""What happened in a workspace, live."""

from api.events.subscriptions import EventSubscriptions
from api.slices import Slice

SLICE = Slice(subscriptions=(EventSubscriptions,))
