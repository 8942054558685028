"""The engine's functions with one guard taken out each: whoever attacks them must notice."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.adapters.postgres.jobs_model.engine import Engine

DEFINITION = "select pg_get_functiondef(oid) from pg_proc where proname = $1 and pronamespace = 'public'::regnamespace"


@dataclass(frozen=True)
class Mutant:
    """One change of one function's text."""

    name: str
    function: str
    guard: str
    instead: str = ""


@contextmanager
def mutated(engine: Engine, mutant: Mutant) -> Generator[None]:
    """Put the mutant in the function's place; raises AssertionError when the guard is not in its text any more."""
    definition = engine.value(DEFINITION, mutant.function)
    assert mutant.guard in definition, f"{mutant.function} has another text now: the mutant must follow it"
    engine.as_owner(definition.replace(mutant.guard, mutant.instead))
    try:
        yield
    finally:
        engine.as_owner(definition)


NO_PICK_LOCK = Mutant(
    "pick without the advisory lock",
    "job_pick",
    "not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0))",
    "false",
)
FENCE = "where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running'"

# The machine must find a sequence of calls after which the engine and the model differ.
SEEN_BY_CALLS = [
    Mutant("claim without delivery check", "job_claim", "and (a_delivery is null or delivery = a_delivery)"),
    Mutant("claim of what another version knows", "job_claim", "needs = any(known)", "true"),
    Mutant("finish without state check", "job_finish", FENCE, FENCE.replace("and state = 'running'", "")),
    Mutant("finish without fence", "job_finish", FENCE, "where id = a_id and state = 'running'"),
    Mutant("step without fence", "job_holds", "and epoch = a_epoch and claim_id = a_claim_id and state = 'running'"),
    Mutant(
        "take that is not charged",
        "job_take",
        "perform pick_charge(a_queue, floor_time, chosen_spaces[:room], costs[:room]);",
    ),
    Mutant("take from a paused queue", "job_take", "and not is_paused"),
    Mutant(
        "shared finish without fence", "job_finish_many", "and j.epoch = asked.epoch and j.claim_id = asked.claim_id"
    ),
    Mutant(
        "retry that is not idempotent", "job_fail", FENCE, FENCE.replace("state = 'running'", "finished_at is null")
    ),
    Mutant(
        "graceful stop that is charged", "job_release", "lease_until = null,", "lease_until = null, lost = lost + 1,"
    ),
    Mutant(
        "loss that beats a cancel",
        "job_reap",
        "when j.cancel_requested_at is null then 'queued'",
        "when true then 'queued'",
    ),
]
# The meetings must find an order after which an invariant is broken or the outcome is another.
SEEN_BY_MEETINGS = [
    ("pick and pick while an urgent job arrives", NO_PICK_LOCK),
    (
        "take and take while an urgent job arrives",
        Mutant(
            "take without the advisory lock",
            "job_take",
            "perform pg_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0));",
        ),
    ),
    (
        "claim and the same claim repeated",
        Mutant(
            "claim that does not wait for itself",
            "job_claim",
            "perform pg_advisory_xact_lock(hashtextextended('jobs.claim.' || a_claim_id, 0));",
        ),
    ),
    ("heartbeat and reap", Mutant("reap that waits for the row", "job_reap", "for update skip locked")),
    (
        "enqueue and finish of what it waits for",
        Mutant("enqueue that does not lock", "job_enqueue", "order by id for no key update"),
    ),
    (
        "cancel of a subject and pick",
        Mutant(
            "shares locked before jobs",
            "job_cancel_subject",
            "ended := ended || job_id;",
            "perform job_account(array[job_id]);",
        ),
    ),
    (
        "pick and finish, the charge of both kept",
        Mutant(
            "pick that writes over a correction",
            "job_pick",
            "greatest(s.virtual_time, floor_time) + served.cost",
            "floor_time + served.cost",
        ),
    ),
    ("step and reap", Mutant("step whose check does not lock", "job_holds", "for no key update")),
]
