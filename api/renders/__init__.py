"""Renders in the schema: quoted, ordered, watched, cancelled, taken up again, deleted."""

from api.renders.mutations.cancel_render import CancelRender
from api.renders.mutations.delete_render import DeleteRender
from api.renders.mutations.request_render import RequestRender
from api.renders.mutations.reroll_shot import RerollShot
from api.renders.mutations.retry_render import RetryRender
from api.renders.queries import RenderQueries, fetch_render_nodes
from api.renders.subscriptions import RenderSubscriptions
from api.slices import Slice

SLICE = Slice(
    queries=(RenderQueries,),
    mutations=(RequestRender, CancelRender, RetryRender, RerollShot, DeleteRender),
    subscriptions=(RenderSubscriptions,),
    nodes={"Render": fetch_render_nodes},
)
