"""What must hold for the moves of each job, by the events that tell of them: their order, their right, their count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from chaos.history import FINAL_STATES, JOB_STREAM, History, Told
from chaos.tasks import BROKEN, PAID, REFUSED
from domain.jobs.models import CancelOutcome
from domain.renders.use_cases.deciding import CANCEL_REASON

# Which event of a job may follow which: anything else means that somebody wrote without the right to.
WAITED = frozenset({"JobStarted", "JobCanceled", "JobAborted", "JobDied"})
FOLLOWERS: Mapping[str, frozenset[str]] = {
    "": frozenset({"JobQueued"}),
    "JobQueued": WAITED,
    "JobStarted": frozenset(
        {"JobSucceeded", "JobFailed", "JobRetried", "JobReleased", "JobLost", "JobDied", "JobCancelRequested"}
    ),
    "JobCancelRequested": frozenset({"JobCanceled", "JobSucceeded"}),
    "JobRetried": WAITED,
    "JobReleased": WAITED,
    "JobLost": WAITED,
    "JobRequeued": WAITED,
    # Left by an operator's requeue alone.
    "JobFailed": frozenset({"JobRequeued"}),
    "JobDied": frozenset({"JobRequeued"}),
    "JobAborted": frozenset({"JobRequeued"}),
}
ENDS: Mapping[str, str] = {
    "JobSucceeded": "succeeded",
    "JobFailed": "failed",
    "JobCanceled": "canceled",
    "JobAborted": "aborted",
    "JobDied": "dead",
}
SYNTHETIC = "chaos."
STARTED, DONE = "JobStarted", "JobSucceeded"
# A payment of which nobody can tell whether it was made is refused for good.
NEVER_DONE = frozenset({BROKEN, REFUSED, PAID})
ENDS_A_CLAIM = frozenset(
    {"JobSucceeded", "JobFailed", "JobRetried", "JobReleased", "JobLost", "JobDied", "JobCanceled"}
)


def every_move_is_legal(history: History) -> list[str]:
    """I4: the events of a job tell of moves that may follow each other, and its row agrees with the last of them."""
    broken: list[str] = []
    for job_id, told in history.streams(JOB_STREAM).items():
        names = ["", *(event.name for event in told)]
        for before, after in pairwise(names):
            if after not in FOLLOWERS.get(before, frozenset()):
                broken.append(f"{job_id}: {after} after {before or 'nothing'} ({' '.join(names[1:])})")
        job = history.jobs.get(job_id)
        if job is not None and (job.state if job.state in FINAL_STATES else None) != ENDS.get(names[-1]):
            broken.append(f"{job_id} is {job.state} and its last event is {names[-1]}")
    return broken


def each_claim_ends_once(history: History) -> list[str]:
    """I2: a report that was repeated because its answer was lost has changed nothing the second time."""
    broken: list[str] = []
    for job_id, told in history.streams(JOB_STREAM).items():
        is_started: set[int] = {event.epoch for event in told if event.name == STARTED}
        ends = Counter(event.epoch for event in told if event.name in ENDS_A_CLAIM and event.epoch in is_started)
        ended_waiting = Counter(
            after.epoch
            for before, after in pairwise(told)
            if after.name in {"JobCanceled", "JobDied"} and FOLLOWERS.get(before.name) is WAITED
        )
        for epoch, count in (ends - ended_waiting).items():
            if count > 1:
                broken.append(f"{job_id}: claim {epoch} ended {count} times")
    return broken


def epochs_never_decrease(history: History) -> list[str]:
    """I3: whoever was given the job later writes later; nobody from before comes after."""
    broken: list[str] = []
    for kind in (JOB_STREAM, "storyboard"):
        for stream_id, told in history.streams(kind).items():
            epochs = [event.epoch for event in told if event.epoch]
            if epochs != sorted(epochs):
                broken.append(f"{kind} {stream_id}: epochs {epochs}")
        if kind == JOB_STREAM:
            broken += wrong_starts(history.streams(kind))
    return broken


def wrong_starts(streams: Mapping[str, Sequence[Told]]) -> list[str]:
    """Each start has the next epoch, but for one that fenced a worker off, whose job then died or was canceled."""
    broken: list[str] = []
    for key, told in streams.items():
        epochs = [event.epoch for event in told if event.name == STARTED]
        fencing = {event.epoch for event in told if event.name in {"JobDied", "JobCanceled"}}
        expected = set(range(1, max(epochs, default=0) + 1))
        if epochs != sorted(set(epochs)) or not expected - set(epochs) <= fencing:
            broken.append(f"{key}: started as {epochs}")
    return broken


def attempts_are_counted(history: History) -> list[str]:
    """Failures and losses are counted apart, each once, and anew when an operator has queued the job again."""
    broken: list[str] = []
    for job_id, whole in history.streams(JOB_STREAM).items():
        told = since_requeued(whole)
        job, names = history.jobs.get(job_id), Counter(event.name for event in told)
        if job is None or job.state == "canceled" or told[-1].data.get("error_code") == "SET_ASIDE":
            continue
        if job.attempts != names["JobRetried"] + names["JobFailed"]:
            broken.append(
                f"{job_id}: {job.attempts} attempts, {names['JobRetried']} retries, {names['JobFailed']} failures"
            )
        if job.lost != names["JobLost"] + names["JobDied"]:
            broken.append(f"{job_id}: lost {job.lost}, told {names['JobLost'] + names['JobDied']}")
    return broken


def ends_are_explained(history: History) -> list[str]:
    """I4: a synthetic job fails, dies, is aborted or canceled only for a reason that the attack has given it."""
    streams = history.streams(JOB_STREAM)
    wanted = {job_id: new for user in history.users for job_id, new in user.accepted.items()}
    canceled = {job_id for user in history.users for job_id in user.canceled}
    subjects = {subject for user in history.users for subject in user.canceled_subjects}
    lacking = {
        job_id for job_id, told in streams.items() if any(event.name in ENDS and event.name != DONE for event in told)
    }
    broken: list[str] = []
    for job in history.jobs.values():
        if not job.kind.startswith(SYNTHETIC):
            continue
        is_explained = {
            "failed": job.kind in NEVER_DONE or job.attempts >= job.attempts_max,
            "dead": job.error_code == "SET_ASIDE" or job.lost >= job.lost_max,
            "canceled": job.id in canceled or job.subject_id in subjects,
            "aborted": job.id in wanted and any(str(parent) in lacking for parent in wanted[job.id].waits_for),
        }.get(job.state, True)
        if not is_explained:
            told = " ".join(event.name for event in streams.get(job.id, ()))
            broken.append(f"{job.kind} {job.id} is {job.state} by {job.error_code} for no reason: {told}")
    return broken


def cancels_are_kept(history: History) -> list[str]:
    """I6: who was told that a job is canceled, or will be, was told the truth."""
    streams = history.streams(JOB_STREAM)
    broken: list[str] = []
    for user in history.users:
        for job_id, outcome in user.canceled.items():
            job, names = history.jobs[job_id], {event.name for event in streams.get(job_id, ())}
            if outcome is CancelOutcome.CANCELED and job.state != "canceled":
                broken.append(f"{job_id} was said to be canceled and is {job.state}")
            if outcome is CancelOutcome.CANCELLATION_REQUESTED and "JobCancelRequested" not in names:
                broken.append(f"{job_id} was said to be canceled soon, and nobody was asked")
    return broken


def since_requeued(told: Sequence[Told]) -> Sequence[Told]:
    last = max((place for place, event in enumerate(told) if event.name == "JobRequeued"), default=0)
    return told[last:]


def nothing_starts_after_a_cancel(history: History) -> list[str]:
    """I6: a canceled job ends, and nothing of a canceled render starts once the render is canceled.

    The cancel writes that the render is canceled and then takes its jobs one by one: what started in between was met
    by it, and its own events say so. A render is canceled but once.
    """
    broken: list[str] = []
    canceled_at = {e.stream_id: e.at for e in history.events if e.name == "RenderCanceled"}
    met = {e.stream_id: e.number for e in history.events if e.data.get("reason") == CANCEL_REASON}
    for event in history.events:
        if event.name != STARTED or event.stream_id not in history.jobs:
            continue
        subject = history.jobs[event.stream_id].subject_id
        is_after = subject in canceled_at and event.at > canceled_at[subject]
        if is_after and event.number > met.get(event.stream_id, 0):
            broken.append(f"{event.stream_id} started after its render {subject} was canceled")
    canceled = [history.jobs[job_id] for user in history.users for job_id in user.canceled]
    return broken + [f"{job.id} was canceled and is {job.state}" for job in canceled if job.state not in FINAL_STATES]
