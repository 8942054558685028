"""The synthetic jobs of a seed: how many of which kind, chosen by chance that can be repeated."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bootstrap.clock import new_id
from chaos.tasks import BROKEN, FLAKY, MAKE, PAID, PLAIN, REFUSED, STEPS
from domain.events import Json
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import NewJob, Priority, Queue

ORDER_JOBS = 4


@dataclass(frozen=True)
class Plan:
    """How many jobs of each kind a seed has, and how long their pieces take."""

    steps: int = 12
    flaky: int = 4
    broken: int = 1
    refused: int = 1
    plain: int = 12
    paid: int = 4
    orders: int = 2
    made: int = 8
    fan_in: int = 2
    renders: int = 1
    cancels: int = 4
    misbehaving: Sequence[str] = ("once:exit", "once:crash", "once:full")
    step_seconds: float = 0.25
    open_seconds: float = 0.03
    flaky_seconds: float = 0.0
    failures_max: int = 3
    made_seconds: float = 0.5
    made_queues: Sequence[Queue] = (Queue.CPU, Queue.CPU, Queue.GPU)


class JobMaker:
    """Makes jobs for these workspaces."""

    def __init__(self, workspaces: Sequence[WorkspaceId], chance: random.Random) -> None:
        self._workspaces = workspaces
        self._chance = chance

    def jobs(self, plan: Plan) -> list[NewJob]:
        """The jobs of a plan, in the order in which those that wait come after what they wait for."""
        made = [self._steps(plan) for _ in range(plan.steps)]
        made += [self._flaky(plan) for _ in range(plan.flaky)]
        made += [self.new(BROKEN, {}) for _ in range(plan.broken)] + [
            self.new(REFUSED, {}) for _ in range(plan.refused)
        ]
        made += [self.new(PLAIN, {}) for _ in range(plan.plain)]
        made += [self.new(PAID, {}) for _ in range(plan.paid)]
        made += [
            self._make(plan, f"work {self._chance.uniform(0.1, 1.0) * plan.made_seconds:.2f}") for _ in range(plan.made)
        ]
        made += [self._make(plan, f"{word},work 0.1") for word in plan.misbehaving]
        parents = [job for job in made if job.kind == STEPS]
        return made + [
            self._fan_in(plan, self._chance.sample(parents, 2)) for _ in range(plan.fan_in if parents else 0)
        ]

    def order(self) -> list[NewJob]:
        """Paid jobs of one subject, as those of a render are: wanted and canceled together."""
        subject_id, workspace_id = new_id(), self._chance.choice(self._workspaces)
        jobs = [self.new(PAID, {"step_seconds": 0.3}, workspace_id=workspace_id) for _ in range(ORDER_JOBS)]
        return [replace(job, subject_id=subject_id) for job in jobs]

    def herd(self, count: int) -> list[NewJob]:
        """Many small jobs."""
        return [self.new(STEPS, {"steps": 1}) for _ in range(count)]

    def backlog(self, count: int, priority: Priority, *, seconds: float) -> list[NewJob]:
        """Jobs of the first workspace that take about so long each."""
        space = self._workspaces[0]
        lasting = [{"steps": 1, "step_seconds": seconds * self._chance.uniform(0.8, 1.2)} for _ in range(count)]
        return [replace(self.new(STEPS, each, workspace_id=space), priority=priority) for each in lasting]

    def _steps(self, plan: Plan, *, workspace_id: WorkspaceId | None = None, waits_for: Sequence[JobId] = ()) -> NewJob:
        payload: dict[str, Json] = {
            "steps": self._chance.randint(1, 3),
            "step_seconds": self._chance.uniform(0, plan.step_seconds),
            "open_seconds": self._chance.uniform(0, plan.open_seconds),
        }
        return self.new(STEPS, payload, workspace_id=workspace_id, waits_for=waits_for)

    def _flaky(self, plan: Plan) -> NewJob:
        failures = self._chance.randint(min(1, plan.failures_max), plan.failures_max)
        return self.new(FLAKY, {"failures": failures, "step_seconds": plan.flaky_seconds})

    def _fan_in(self, plan: Plan, parents: Sequence[NewJob]) -> NewJob:
        same = [job for job in parents if job.workspace_id == parents[0].workspace_id]
        return self._steps(plan, workspace_id=parents[0].workspace_id, waits_for=tuple(job.id for job in same))

    def _make(self, plan: Plan, action: str) -> NewJob:
        queue = self._chance.choice(plan.made_queues)
        seed = self._chance.getrandbits(62)
        shot: dict[str, Json] = {"action": action, "setting": {}}
        command: dict[str, Json] = {
            "kind": "make_keyframe",
            "engine": "chaos",
            "seed": seed,
            "width": 64,
            "height": 64,
            "shot": shot,
            "scene_seed": 0,
        }
        return self.new(MAKE, {"command": command}, queue=queue)

    def new(
        self,
        kind: str,
        payload: Mapping[str, Json],
        *,
        queue: Queue = Queue.INTERNAL,
        workspace_id: WorkspaceId | None = None,
        waits_for: Sequence[JobId] = (),
    ) -> NewJob:
        return NewJob(
            id=JobId(new_id()),
            workspace_id=workspace_id or self._chance.choice(self._workspaces),
            kind=kind,
            queue=queue,
            payload=payload,
            priority=self._chance.choice(tuple(Priority)),
            idempotency_key=f"chaos:{self._chance.getrandbits(64):x}",
            estimated_seconds=1.0,
            deadline_seconds=30.0,
            waits_for=waits_for,
        )
