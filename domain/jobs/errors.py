"""What can be refused about a job."""

from domain.errors import Conflict, Invalid


class FenceLost(Conflict):
    """The worker's right to the job has ended: its lease was lost, or the job was handed to another."""


class MoveNotAllowed(Conflict):
    """The job's state does not allow the move."""


class WaitsForUnknown(Invalid):
    """The job is to wait for one that its workspace does not have."""
