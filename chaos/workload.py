"""What a seed's users do: renders through GraphQL, synthetic jobs of three workspaces, repeats and cancels.

A client that gets no answer asks again with the same idempotency key, as the protocol tells it to; what it was
promised is kept in its own ledger, for the invariants to compare.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar, TypeVarTuple
from uuid import UUID

import httpx

from bootstrap.clock import new_id
from bootstrap.container import Container
from chaos.plans import JobMaker, Plan
from client.studio import FilmOrder, Refused, Studio
from client.transport import LabTransport, RequestRefused
from domain.errors import Unavailable
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import CancelOutcome, NewJob, Priority
from domain.jobs.operations import OperatorOrder

ME = "{ me { workspace { id } } }"
SIGN_UP_SECONDS = 6.0
CANCEL_RENDER = "mutation($id: ID!) { cancelRender(id: $id) { outcome } }"
RENDER_SETTINGS: Mapping[str, object] = {"detail": "P360", "framesPerSecond": 12}
SCRIPT = "The wind blows over the hill.\n\nNight falls on the sea."
RUNNING_MAX = (2, 3, 8)
INSIST_SECONDS = 60.0
ORDER = OperatorOrder("chaos", "The attack wants it.")

Answer = TypeVar("Answer")
About = TypeVarTuple("About")


@dataclass
class User:
    """Somebody with a workspace of their own, and what they were promised."""

    studio: Studio
    workspace_id: WorkspaceId
    token: str
    running_max: int
    accepted: dict[str, NewJob] = field(default_factory=dict[str, NewJob])
    canceled: dict[str, CancelOutcome] = field(default_factory=dict[str, CancelOutcome])
    canceled_subjects: set[str] = field(default_factory=set[str])
    renders: dict[str, bool] = field(default_factory=dict[str, bool])


async def insist(ask: Callable[[], Awaitable[Answer]], *, seconds: float = INSIST_SECONDS) -> Answer:
    """Ask until there is an answer; raises what came last when the time is over."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await ask()
        except (Unavailable, RequestRefused, httpx.HTTPError, OSError, json.JSONDecodeError, TimeoutError):
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(random.uniform(0.05, 0.3))


def key_of(global_id: str) -> UUID:
    """The key in an id of the API's, such as `render_0199...`."""
    return UUID(global_id.partition("_")[2])


async def _sign_up(studio: Studio, name: str) -> None:
    """A lab limits how many sign up from one address, which all users of all seeds share."""
    while True:
        try:
            await studio.sign_up(email=f"{name}@example.org", password="correct horse battery", name=name)  # noqa: S106 - theirs
        except RequestRefused as refused:
            if refused.codes != ["RATE_LIMITED"]:
                raise
            await asyncio.sleep(SIGN_UP_SECONDS)
        else:
            return


class Workload:
    """The users of one seed; `services` is the product's own code, behind the harness's proxies."""

    def __init__(self, services: Container, *, api_url: str, chance: random.Random) -> None:
        self._services = services
        self.operations = services.operations
        self._api_url = api_url
        self._chance = chance
        self._transports: list[LabTransport] = []
        self._is_accepted: dict[JobId, asyncio.Event] = {}
        self.users: list[User] = []

    async def sign_up(self, seed: int) -> None:
        """Have three users with workspaces of different caps."""
        for number, running_max in enumerate(RUNNING_MAX):
            transport = LabTransport(self._api_url, timeout_seconds=10.0)
            self._transports.append(transport)
            studio = Studio(transport)
            await _sign_up(studio, f"chaos-{seed}-{number}-{new_id().hex[-8:]}")
            me = await transport.execute(ME)
            workspace_id = WorkspaceId(key_of(me["me"]["workspace"]["id"]))
            self.users.append(User(studio, workspace_id, str(transport.token), running_max))

    @property
    def _maker(self) -> JobMaker:
        return JobMaker([user.workspace_id for user in self.users], self._chance)

    async def close(self) -> None:
        for transport in self._transports:
            await transport.__aexit__(None, None, None)

    async def run(self, plan: Plan, *, seconds: float) -> None:
        """Do it all, spread over the time; every promise is in a user's ledger afterwards."""
        jobs = self._maker.jobs(plan)
        for job in jobs:
            self._is_accepted[job.id] = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(plan.renders):
                group.create_task(self._film(self.users[-1]))
            for _ in range(plan.orders):
                group.create_task(self._later(self._chance.uniform(0, seconds), self._order))
            for job in jobs:
                group.create_task(self._later(self._chance.uniform(0, seconds), self._submit, job))
            for job in self._chance.sample(jobs, min(plan.cancels, len(jobs))):
                group.create_task(self._later(self._chance.uniform(0.2, seconds + 1), self._cancel, job))

    async def _later(self, seconds: float, do: Callable[[*About], Awaitable[None]], *about: *About) -> None:
        await asyncio.sleep(seconds)
        await do(*about)

    def user_of(self, job: NewJob) -> User:
        return next(user for user in self.users if user.workspace_id == job.workspace_id)

    async def _submit(self, job: NewJob) -> None:
        async def write() -> None:
            async with self._services.work(job.workspace_id) as work:
                await work.jobs.enqueue(job)

        for parent in job.waits_for:
            await self._is_accepted[parent].wait()
        await insist(write)
        if self._chance.random() < 0.2:
            await insist(write)  # a client that forgot that it was answered
        self.user_of(job).accepted[str(job.id)] = job
        if job.id in self._is_accepted:
            self._is_accepted[job.id].set()

    async def _cancel(self, job: NewJob) -> None:
        async def ask() -> CancelOutcome:
            async with self._services.work(job.workspace_id) as work:
                return await work.jobs.cancel(job.id, "chaos")

        outcome = await insist(ask)
        if outcome is not CancelOutcome.NOT_FOUND:
            self.user_of(job).canceled[str(job.id)] = outcome

    async def _film(self, user: User) -> None:
        """Order a render of a storyboard of the user's; now and then cancel it, and then cancel it again."""
        order = FilmOrder(title="Chaos", script=SCRIPT, language="en", cast=())
        try:
            storyboard = await insist(lambda: user.studio.write_storyboard(order, [], lambda _shot: None))
        except Refused as refused:
            if ORDER.reason not in str(refused):
                raise
            return  # an operator has set its job aside, and the user is told so
        settings = {**RENDER_SETTINGS, "seed": self._chance.getrandbits(40)}
        render = await insist(lambda: user.studio.request_render(storyboard["id"], settings))
        is_canceled = self._chance.random() < 0.3
        user.renders[str(key_of(render["id"]))] = is_canceled
        if is_canceled:
            await asyncio.sleep(self._chance.uniform(0, 2))
            for _ in range(2):
                await insist(lambda: user.studio.transport.execute(CANCEL_RENDER, {"id": render["id"]}))

    def choose(self, among: Sequence[Answer], count: int) -> list[Answer]:
        """Some of these, by the seed's chance."""
        return self._chance.sample(among, min(count, len(among)))

    async def herd(self, count: int) -> None:
        """Submit many small jobs at once."""
        await self._submit_all(self._maker.herd(count))

    async def backlog(self, count: int, priority: Priority, *, seconds: float) -> None:
        """Submit more to the first workspace than may run there at once."""
        await self._submit_all(self._maker.backlog(count, priority, seconds=seconds))

    async def _submit_all(self, jobs: Sequence[NewJob]) -> None:
        with suppress(Unavailable):
            await asyncio.gather(*(self._submit(job) for job in jobs))

    async def _order(self) -> None:
        """Want paid jobs together; now and then cancel them together."""
        jobs = self._maker.order()
        await self._submit_all(jobs)
        user, subject_id = self.user_of(jobs[0]), jobs[0].subject_id
        if subject_id is None or self._chance.random() < 0.3:
            return
        await asyncio.sleep(self._chance.uniform(0, 1.5))

        async def ask() -> None:
            async with self._services.work(user.workspace_id) as work:
                await work.jobs.cancel_subject(subject_id, "chaos")

        await insist(ask)
        user.canceled_subjects.add(str(subject_id))
