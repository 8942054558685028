"""What can be refused about a job."""

from domain.errors import Conflict


class FenceLost(Conflict):
    """The worker's right to the job has ended: its lease was lost, or the job was handed to another."""


class MoveNotAllowed(Conflict):
    """The job's state does not allow the move."""
