"""What a claim asks for, and what comes of it: one job, or as many as the child makes in one batch."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from contracts import protocol
from gpu_worker.pipelines.engine import BatchSize


def new_claim_ids() -> Sequence[str]:
    return [str(uuid4()) for _ in range(protocol.BATCH_MAX)]


def all_of(answer: protocol.ClaimAnswer) -> Sequence[protocol.Claimed]:
    return [answer.claimed, *(answer.more or ())] if answer.claimed else ()


def batch_size(batches: Mapping[str, BatchSize], wanted: int | None) -> int:
    """How many jobs to hold at once: what is wanted, or usual on this device, as far as any of the engines goes."""
    return max((min(each.most, wanted or each.usual) for each in batches.values()), default=1)
