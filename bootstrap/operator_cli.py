"""`lab jobs` and `lab operators`: the engine from the command line, where access to the database is the proof."""

import asyncio
import getpass
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.console import Console

from bootstrap.choosing import LAB_FOLDER, Folder, settings_in_use
from bootstrap.container import open_container
from bootstrap.operations import Operations
from bootstrap.operator_tables import show_json, show_record, show_table
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import JobState, Queue
from domain.jobs.operations import JobFilter, OperatorOrder, WorkerState
from domain.paging import PageRequest

JOBS = typer.Typer(help="Look after the job engine: what waits, who works, what is stuck.", no_args_is_help=True)
OPERATORS = typer.Typer(help="Who may do the same over GraphQL.", no_args_is_help=True)

T = TypeVar("T")
console = Console()

Reason = Annotated[str, typer.Option("--reason", help="Why; kept with who did it and how it was before.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
State = Annotated[JobState | None, typer.Option("--state", help="Only jobs in this state.")]
Kind = Annotated[str | None, typer.Option("--kind", help="Only this kind, such as renders.make_keyframe.")]
OnQueue = Annotated[Queue | None, typer.Option("--queue", help="Only this queue.")]
Workspace = Annotated[UUID | None, typer.Option("--workspace", help="Only of this workspace.")]
Since = Annotated[datetime | None, typer.Option("--since", help="Only jobs written down since; UTC.")]
Job = Annotated[UUID, typer.Argument(help="The job's id.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="How many, newest first.")]


def operate(folder: Folder, work: Callable[[Operations], Awaitable[T]]) -> T:
    """Do the work on the lab in use: the configured one, or the embedded one of the folder."""

    async def connected() -> T:
        async with open_container(settings) as services:
            return await work(services.operations)

    with settings_in_use(folder) as settings:
        return asyncio.run(connected())


def order(reason: str) -> OperatorOrder:
    """An order of whoever is signed in on this machine; raises Invalid without a reason."""
    return OperatorOrder(f"{getpass.getuser()}@{socket.gethostname()} (command line)", reason)


@JOBS.command("list")
def list_jobs(  # noqa: PLR0913 - one option a filter
    *,
    state: State = None,
    kind: Kind = None,
    queue: OnQueue = None,
    workspace: Workspace = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    folder: Folder = LAB_FOLDER,
) -> None:
    """Jobs, newest first."""
    wanted = JobFilter(state=state, kind=kind, queue=queue, workspace_id=WorkspaceId(workspace) if workspace else None)
    page = operate(folder, lambda operations: operations.list_jobs(wanted, PageRequest(first=limit)))
    jobs = [edge.item for edge in page.edges]
    columns = ("id", "kind", "queue", "state", "attempts", "lost", "worker_id", "error_code", "created_at")
    show_json(jobs) if as_json else show_table(console, columns, jobs)


@JOBS.command("show")
def show(job: Job, *, as_json: AsJson = False, folder: Folder = LAB_FOLDER) -> None:
    """One job with its history and what operators did to it."""
    record = operate(folder, lambda operations: operations.find_job(JobId(job)))
    show_json(record) if as_json else show_record(console, record)


@JOBS.command("workers")
def workers(*, as_json: AsJson = False, folder: Folder = LAB_FOLDER) -> None:
    """Workers: when they were last seen, and what they hold."""
    found = operate(folder, lambda operations: operations.list_workers())
    columns = ("id", "queue", "state", "engines", "software_version", "slots", "last_seen_seconds", "job_ids")
    show_json(found) if as_json else show_table(console, columns, found)


@JOBS.command("queues")
def queues(*, as_json: AsJson = False, folder: Folder = LAB_FOLDER) -> None:
    """Queues: how deep, how old, paused or not, and how many hands there are."""
    found = operate(folder, lambda operations: operations.list_queues())
    columns = ("queue", "is_paused", "slots", "running_max", "oldest_seconds", "depths")
    show_json(found) if as_json else show_table(console, columns, found)


@JOBS.command("pause")
def pause(queue: Queue, reason: Reason, folder: Folder = LAB_FOLDER) -> None:
    """Dispatch nothing more of a queue; what runs goes on."""
    given = order(reason)
    returned = operate(folder, lambda operations: operations.pause_queue(given, queue))
    console.print(f"{queue} is paused; {returned} that were dispatched are queued again.")


@JOBS.command("resume")
def resume(queue: Queue, reason: Reason, folder: Folder = LAB_FOLDER) -> None:
    """Let a paused queue go on."""
    given = order(reason)
    operate(folder, lambda operations: operations.resume_queue(given, queue))
    console.print(f"{queue} goes on.")


@JOBS.command("drain")
def drain(worker: str, reason: Reason, folder: Folder = LAB_FOLDER) -> None:
    """Give a worker no more jobs; it ends or hands back what it holds, and idles."""
    set_state(folder, worker, order(reason), WorkerState.DRAINING)


@JOBS.command("undrain")
def undrain(worker: str, reason: Reason, folder: Folder = LAB_FOLDER) -> None:
    """Give a drained worker jobs again."""
    set_state(folder, worker, order(reason), WorkerState.READY)


def set_state(folder: Folder, worker: str, given: OperatorOrder, state: WorkerState) -> None:
    operate(folder, lambda operations: operations.set_worker_state(given, worker, state))
    console.print(f"{worker} is {state}.", highlight=False)


@JOBS.command("retry")
def retry(job: Job, reason: Reason, folder: Folder = LAB_FOLDER) -> None:
    """Queue a failed, dead or aborted job again."""
    given = order(reason)
    operate(folder, lambda operations: operations.retry_job(given, JobId(job)))
    console.print(f"{job} is queued again.", highlight=False)


@JOBS.command("set-aside")
def set_aside(job: Job, reason: Reason, folder: Folder = LAB_FOLDER) -> None:
    """Take an unfinished job out: a running one is fenced at once, and all end as dead within a moment."""
    given = order(reason)
    before = operate(folder, lambda operations: operations.set_job_aside(given, JobId(job)))
    console.print(f"{job} was {before} and is set aside.", highlight=False)


@JOBS.command("requeue")
def requeue(  # noqa: PLR0913 - one option a filter
    *,
    reason: Reason,
    state: Annotated[JobState, typer.Option("--state", help="dead, failed or aborted.")] = JobState.DEAD,
    kind: Kind = None,
    queue: OnQueue = None,
    workspace: Workspace = None,
    since: Since = None,
    as_json: AsJson = False,
    folder: Folder = LAB_FOLDER,
) -> None:
    """Retry all jobs that are meant, at most a thousand; exits with 1 where there were none, or not all were."""
    given = order(reason)
    workspace_id = WorkspaceId(workspace) if workspace else None
    # `--since` is read without a zone; moments of the engine have one.
    moment = since.replace(tzinfo=since.tzinfo or UTC) if since else None
    wanted = JobFilter(state=state, kind=kind, queue=queue, workspace_id=workspace_id, since=moment)
    came = operate(folder, lambda operations: operations.requeue_jobs(given, wanted))
    if as_json:
        show_json(came)
    else:
        console.print(f"{len(came.job_ids)} are queued again, {len(came.refused)} were refused.")
        show_table(console, ("job_id", "reason"), came.refused)
    raise typer.Exit(0 if came.job_ids and not came.refused and not came.has_more else 1)


@OPERATORS.command("grant")
def grant(email: str, reason: Reason = "granted", folder: Folder = LAB_FOLDER) -> None:
    """Make somebody who has signed up an operator."""
    given = order(reason)
    if not operate(folder, lambda operations: operations.grant(given, email.strip().lower())):
        console.print("Nobody has signed up with that address, or they are an operator already.")
        raise typer.Exit(1)
    console.print(f"{email} is an operator.", highlight=False)


@OPERATORS.command("revoke")
def revoke(email: str, reason: Reason = "revoked", folder: Folder = LAB_FOLDER) -> None:
    """Let somebody be an operator no more; it counts from their next request."""
    given = order(reason)
    if not operate(folder, lambda operations: operations.revoke(given, email.strip().lower())):
        console.print("They are no operator.")
        raise typer.Exit(1)
    console.print(f"{email} is an operator no more.", highlight=False)


@OPERATORS.command("list")
def list_operators(*, as_json: AsJson = False, folder: Folder = LAB_FOLDER) -> None:
    """The e-mail addresses of all operators."""
    found = operate(folder, lambda operations: operations.list_operators())
    if as_json:
        show_json(found)
        return
    for email in found:
        console.print(email, highlight=False)
