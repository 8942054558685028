"""What must hold after every seed, whatever happened; each check answers what it found broken, in words.

The numbers are those of the engine's design: I1 accepted work ends, I2 effects happen once, I3 one current owner, I4 an
end is final, I5 events are dense, ordered and resumable, I6 nothing starts after a cancel, I7 caps, I8 money moves
once, I10 memory is bounded. `SKIPPED` says which cannot be looked at and why.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from chaos.history import FINAL_STATES, JOB_STREAM, STEPS_STREAM, History
from chaos.moves import (
    ENDS_A_CLAIM,
    STARTED,
    attempts_are_counted,
    cancels_are_kept,
    each_claim_ends_once,
    ends_are_explained,
    epochs_never_decrease,
    every_move_is_legal,
    nothing_starts_after_a_cancel,
)
from chaos.rig import DELIVERY_SECONDS, LEASE_SECONDS, TICK_SECONDS
from chaos.tasks import MAKE, PAID, STEPS

SKIPPED: Mapping[str, str] = {
    "I8 quotas": "there are no quotas yet; what is paid to a vendor is looked at",
    "I9 webhooks": "there are no webhooks yet",
    "PostgreSQL's clock": "it is the machine's, which nothing here can make jump; workers' clocks are wrong by an hour",
}

# A lease and a tick, a delivery that is made again, the longest pause between two tries, and the patience with a
# connection that fell silent.
BACKOFF_SECONDS, SILENCE_SECONDS = 5.0, 5.0
RECOVERED_SECONDS = LEASE_SECONDS + TICK_SECONDS + DELIVERY_SECONDS + BACKOFF_SECONDS + SILENCE_SECONDS
PAUSE_QUEUE, RESUME_QUEUE = "pause_queue", "resume_queue"
# A claim that holds its job's row when the queue is paused tells of its start a moment later.
PAUSED_SECONDS = 0.5
# A process that was stopped between writing down what it owes and paying it pays when it goes on.
STOPPED_SECONDS = LEASE_SECONDS * 2 + 2.0


def accepted_work_has_ended(history: History) -> list[str]:
    """I1."""
    by_key = Counter(job.idempotency_key for job in history.jobs.values())
    broken: list[str] = []
    for user in history.users:
        counts = [(job, by_key[job.idempotency_key or ""]) for job in user.accepted.values()]
        broken += [f"{job.kind} {job.id} was accepted and is there {n} times" for job, n in counts if n != 1]
        for render_id in user.renders:
            state = history.renders.get(render_id, "absent")
            if state.upper() not in {"FINISHED", "CANCELED", "FAILED"}:
                broken.append(f"render {render_id} was accepted and is {state}")
    stuck = [job for job in history.jobs.values() if job.state not in FINAL_STATES]
    return broken + [f"{job.kind} {job.id} is {job.state}, epoch {job.epoch}" for job in stuck]


def standstills(history: History) -> list[tuple[str, float]]:
    """For each workspace the longest time after the healing in which work was open and nothing of it moved."""
    found: list[tuple[str, float]] = []
    for user in history.users:
        mine = str(user.workspace_id)
        later = sorted(e.at for e in history.events if e.workspace_id == mine and e.at > history.healed_at)
        gaps = [(after - before).total_seconds() for before, after in pairwise([history.healed_at, *later])]
        found.append((mine, max(gaps, default=0.0)))
    return found


def work_recovers_in_time(history: History) -> list[str]:
    """I1: after the healing, what was lost, undelivered, postponed or waited on moves again within the bound."""
    return [
        f"nothing of {workspace_id} moved for {seconds:.1f} s after the healing, {RECOVERED_SECONDS:.1f} s may it take"
        for workspace_id, seconds in standstills(history)
        if seconds > RECOVERED_SECONDS
    ]


def steps_are_done_once(history: History) -> list[str]:
    """I2: one row and one event a step, of the same claim; a job that succeeded has them all."""
    done = Counter((event.stream_id, event.data.get("step")) for event in history.events if event.name == "StepDone")
    broken = [f"{job_id}: step {step} told {count} times" for (job_id, step), count in done.items() if count > 1]
    for digest, result in history.steps.items():
        if digest.startswith(f"{STEPS}:") and not done[str(result["job"]), result["step"]]:
            broken.append(f"{digest} has a row and no event")
    wanted = {str(job.id): job for user in history.users for job in user.accepted.values() if job.kind == STEPS}
    for job_id, job in wanted.items():
        stands = history.jobs.get(job_id)
        missing = [n for n in range(int(str(job.payload["steps"]))) if f"{STEPS}:{job_id}:{n}" not in history.steps]
        if stands is not None and stands.state == "succeeded" and missing:
            broken.append(f"{job_id} has succeeded without its steps {missing}")
    return broken


def records_agree(history: History) -> list[str]:
    """I2: what a process wrote down for itself after a commit is in PostgreSQL, under that process's claim."""
    broken: list[str] = []
    for deed in history.deeds_of("step_committed"):
        kept = history.steps.get(f"{STEPS}:{deed.get('job')}:{deed.get('step')}")
        if kept is None:
            broken.append(f"{deed.get('job')}: step {deed.get('step')} was committed and is lost")
        elif int(kept["epoch"] or 0) > int(deed.get("epoch", 0)):
            broken.append(
                f"{deed.get('job')}: step {deed.get('step')} by epoch {deed.get('epoch')} after {kept['epoch']}"
            )
    finished = Counter(deed.get("job", "") for deed in history.deeds_of("finished"))
    for deed in history.deeds_of("finished"):
        job = history.jobs[deed.get("job", "")]
        if job.state != "succeeded" or job.claim_id != deed.get("claim"):
            broken.append(f"{job.id} was finished by {deed.get('claim')} and is {job.state} by {job.claim_id}")
    return broken + [f"{job_id} was finished {count} times" for job_id, count in finished.items() if count > 1]


def owners_do_not_overlap(history: History) -> list[str]:
    """I3: once a claim has committed a step, no claim before it does, in the order of the job's own stream.

    What a process wrote down for itself tells no order: it may have been paused between a commit and its note of it.
    """
    broken: list[str] = []
    for job_id, told in history.streams(STEPS_STREAM).items():
        latest = 0
        for event in told:
            if event.name == "StepDone" and event.epoch < latest:
                broken.append(f"{job_id}: epoch {event.epoch} committed a step after epoch {latest} had")
            latest = max(latest, event.epoch)
    return broken


def streams_are_dense(history: History) -> list[str]:
    """I5: every stream counts from 1 without a gap, in the order of the feed."""
    broken: list[str] = []
    counted: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for event in history.events:
        counted[event.stream_kind, event.stream_id].append(event.number)
    for (kind, stream_id), numbers in counted.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            broken.append(f"{kind} {stream_id}: numbers {numbers}")
        elif numbers != sorted(numbers):
            broken.append(f"{kind} {stream_id}: the feed has {numbers}")
    return broken


def transcripts_are_whole(history: History) -> list[str]:
    """I5: each subscriber heard every event of its workspace once and in order, however often it dropped."""
    broken: list[str] = []
    for number, subscriber in enumerate(history.subscribers):
        stored = [event.cursor for event in history.events if event.workspace_id == subscriber.workspace_id]
        heard = subscriber.heard
        if heard != stored:
            missing, extra = set(stored) - set(heard), Counter(heard) - Counter(stored)
            is_ordered = "in order" if not missing and not extra else ""
            broken.append(
                f"subscriber {number}: {len(missing)} of {len(stored)} events missing {sorted(missing)[:3]},"
                f" {sum(extra.values())} too many, {len(heard)} heard {is_ordered}"
            )
    return broken


def subscriptions_go_on(history: History) -> list[str]:
    """I5: what the lab has begun to tell it does not end while its process lives, whatever is away behind it."""
    steady = [(number, each.ended) for number, each in enumerate(history.subscribers) if each.is_steady and each.ended]
    return [f"subscriber {number} was sent away {times} times in the middle" for number, times in steady]


def paused_queues_give_nothing_out(history: History) -> list[str]:
    """I7: between an operator's pause and the next resume nothing of the queue is begun."""
    broken: list[str] = []
    starts = [
        (e, history.jobs[e.stream_id].queue)
        for e in history.events
        if e.name == STARTED and e.stream_id in history.jobs
    ]
    for paused in (act for act in history.acts if act.action == PAUSE_QUEUE):
        later = [act for act in history.acts if act.at > paused.at and act.target == paused.target]
        ends = min((act.at for act in later if act.action == RESUME_QUEUE), default=paused.at)
        begins = paused.at + timedelta(seconds=PAUSED_SECONDS)
        broken += [
            f"{event.stream_id} began at {event.at} in {queue}, paused from {paused.at} to {ends}"
            for event, queue in starts
            if paused.target == f"queue:{queue}" and begins < event.at < ends
        ]
    return broken


def caps_are_kept(history: History) -> list[str]:
    """I7: at no moment more jobs of a workspace run in one queue than it may have."""
    caps = {str(user.workspace_id): user.running_max for user in history.users}
    moments: defaultdict[tuple[str, str], list[tuple[object, int]]] = defaultdict(list)
    for job_id, told in history.streams(JOB_STREAM).items():
        if (job := history.jobs.get(job_id)) is None:
            continue
        is_running = False
        for event in told:
            if event.name == STARTED or (is_running and event.name in ENDS_A_CLAIM):
                is_running = event.name == STARTED
                moments[job.workspace_id, job.queue].append((event.at, 1 if is_running else -1))
    broken: list[str] = []
    for (workspace_id, queue), steps in moments.items():
        running = most = 0
        for _at, step in sorted(steps, key=lambda each: (each[0], each[1])):  # pyright: ignore[reportArgumentType]
            running += step
            most = max(most, running)
        if most > caps[workspace_id]:
            broken.append(f"workspace {workspace_id}: {most} jobs ran at once in {queue}, {caps[workspace_id]} may")
    return broken


def money_moves_once(history: History) -> list[str]:
    """I8: the vendor was never asked twice for the same thing, and what succeeded was paid for."""
    broken = [f"{key}: charged {len(made)} times" for key, made in history.charges.items() if len(made) > 1]
    paid = [job.id for job in history.jobs.values() if job.kind == PAID and job.state == "succeeded"]
    counts = {job_id: len(history.charges.get(job_id, ())) for job_id in paid}
    return broken + [f"{job_id} has succeeded with {count} charges" for job_id, count in counts.items() if count != 1]


def canceled_work_costs_nothing_more(history: History) -> list[str]:
    """I8: by the vendor's own counter, a canceled job was paid for only where that was owed before its cancel."""
    owed = {event.stream_id: event.at.timestamp() for event in history.events if event.name == "Owed"}
    canceled_at = {e.stream_id: e.at.timestamp() for e in history.events if e.name == "JobCanceled"}
    broken: list[str] = []
    for job_id, at in canceled_at.items():
        times = history.charged_at.get(job_id, ())
        if times and job_id not in owed:
            broken.append(f"{job_id} was canceled before anything was owed, and paid for {len(times)} times")
        if owed.get(job_id, at) > at:
            broken.append(f"{job_id} came to owe something {owed[job_id] - at:.1f} s after its cancel")
        broken += [f"{job_id} was paid for {t - at:.1f} s after its cancel" for t in times if t > at + STOPPED_SECONDS]
    subjects = {subject for user in history.users for subject in user.canceled_subjects}
    unended = [job for job in history.jobs.values() if job.subject_id in subjects and job.state not in FINAL_STATES]
    return broken + [f"{job.id} of a canceled subject is {job.state}" for job in unended]


def dependants_come_after(history: History) -> list[str]:
    """A job that waits starts after all that it waits for have succeeded, or never."""
    succeeded = {e.stream_id: e.at for e in history.events if e.name == "JobSucceeded"}
    started = {e.stream_id: e.at for e in reversed(history.events) if e.name == STARTED}
    return [
        f"{job.id} started before {parent} had succeeded"
        for user in history.users
        for job in user.accepted.values()
        for parent in job.waits_for
        if str(job.id) in started
        and str(parent) in history.jobs
        and not (str(parent) in succeeded and succeeded[str(parent)] < started[str(job.id)])
    ]


def made_work_is_kept(history: History) -> list[str]:
    """What a worker finished over HTTP has its result, and its slice heard of it once."""
    made = Counter(event.stream_id for event in history.events if event.name == "Made")
    broken = [f"{job_id}: made {count} times" for job_id, count in made.items() if count > 1]
    jobs = [job for job in history.jobs.values() if job.kind == MAKE]
    wrong = [job for job in jobs if (job.state == "succeeded") != (made[job.id] == 1)]
    return broken + [f"{job.id} is {job.state} and was told of {made[job.id]} times" for job in wrong]


CHECKS: Sequence[tuple[str, Callable[[History], list[str]]]] = (
    ("I1 accepted work ends", accepted_work_has_ended),
    ("I1 work recovers in time", work_recovers_in_time),
    ("I2 steps are done once", steps_are_done_once),
    ("I2 records agree", records_agree),
    ("I2 each claim ends once", each_claim_ends_once),
    ("I2 made work is kept", made_work_is_kept),
    ("I3 epochs never decrease", epochs_never_decrease),
    ("I3 owners do not overlap", owners_do_not_overlap),
    ("I4 every move is legal", every_move_is_legal),
    ("I4 attempts are counted", attempts_are_counted),
    ("I4 ends are explained", ends_are_explained),
    ("I5 streams are dense", streams_are_dense),
    ("I5 transcripts are whole", transcripts_are_whole),
    ("I5 subscriptions go on", subscriptions_go_on),
    ("I6 nothing starts after a cancel", nothing_starts_after_a_cancel),
    ("I6 cancels are kept", cancels_are_kept),
    ("I7 caps are kept", caps_are_kept),
    ("I7 paused queues give nothing out", paused_queues_give_nothing_out),
    ("I7 dependants come after", dependants_come_after),
    ("I8 money moves once", money_moves_once),
    ("I8 canceled work costs nothing more", canceled_work_costs_nothing_more),
)


def violations(history: History) -> list[str]:
    """Everything that is broken, each with the invariant's name before it."""
    return [f"{name}: {what}" for name, check in CHECKS for what in check(history)]
