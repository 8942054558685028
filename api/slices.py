"""What one slice adds to the schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.node import NodeFetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A slice's root fields, by classes, and how to fetch its nodes, by type name."""

    queries: tuple[type, ...] = ()
    mutations: tuple[type, ...] = ()
    subscriptions: tuple[type, ...] = ()
    nodes: Mapping[str, NodeFetch] = field(default_factory=dict[str, NodeFetch])
    types: tuple[type, ...] = ()
